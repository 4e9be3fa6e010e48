public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// Which runs are wanted; all that is given must hold together.
public struct RunFilter: Hashable, Sendable {
    /// Only runs of this agent.
    public var agent: String?
    /// Only runs of this session.
    public var session: String?
    /// Only runs in this status.
    public var status: String?

    /// Makes a filter; nothing keeps every run.
    public init(agent: String? = nil, session: String? = nil, status: String? = nil) {
        self.agent = agent
        self.session = session
        self.status = status
    }

    fileprivate var predicate: Predicate {
        let wanted = [("agent_name", agent), ("session_id", session), ("status", status)]
        return .all(
            wanted.compactMap { name, value in
                value.map { Operand.member(name).equals(Filter.Scalar($0)) }
            })
    }
}

extension Runs {
    /// Lists runs, newest first.
    ///
    /// Sorted by `created_at`, and runs of one moment by the order of their first saves: so the order is the same each
    /// time, and a run that is saved again keeps its place.
    ///
    /// - Parameters:
    ///   - filter: which runs.
    ///   - offset: how many of them to leave out, 0 to 100 000; a cursor is cheaper.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - isCounted: whether to count all runs of the filter, too.
    ///   - options: how long each step of it may take.
    /// - Returns: a page; one that is read while runs are deleted may have fewer than fit.
    /// - Throws: `invalid` for a limit or an offset below zero, and a cursor of another question.
    public func list(
        _ filter: RunFilter = RunFilter(), offset: Int = 0, limit: Int? = nil, after cursor: Cursor? = nil,
        counted isCounted: Bool = true, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> RunPage {
        let selection = Selection(
            where: filter.predicate, order: [.descending(.member("created")), .descending(.id)],
            keysOnly: true)
        let entries = store.lists(Self.namespace)
        let question = try entries.question(selection)
        if let page = try await whole(filter, question, offset, limit, cursor, isCounted, options) {
            return page
        }
        let page = try await entries.select(selection, offset: offset, limit: limit, after: cursor, options)
        let found = try await store.documents(Self.namespace).get(page.map(\.key), options)
        let total = isCounted ? try await entries.count(selection, options) : nil
        var degradations = page.degradations
        for other in found.degradations + (total?.degradations ?? []) where !degradations.contains(other) {
            degradations.append(other)
        }
        return RunPage(
            runs: found.content.compactMap { $0.map(Run.init) }, total: total?.content, next: page.next,
            source: page.source.isEmpty ? total?.source ?? "" : page.source, degradations: degradations)
    }
    /// The page, where the backend answers entries, runs and total at once.
    private func whole(
        _ filter: RunFilter, _ question: SelectionQuestion, _ offset: Int, _ limit: Int?, _ cursor: Cursor?,
        _ isCounted: Bool, _ options: CallOptions
    ) async throws(HoldfastError) -> RunPage? {
        let limit = try PageLimit.checked(limit)
        guard limit > 0 else { return nil }
        let request = DomainRequest(.listRuns) { arguments in
            arguments.member("agent", filter.agent)
            arguments.member("session", filter.session)
            arguments.member("status", filter.status)
            arguments.member("counted", isCounted)
        }
        let documents = store.documents(Self.namespace)
        let answer = try await store.whole(request, options) { () throws(HoldfastError) in
            let entries = try question.page(offset: offset, limit: limit, after: cursor)
            let runs = try documents.question(Selection()).page(offset: 0, limit: limit, after: nil)
            let parts = [
                DomainCall.Part("entries", entries), DomainCall.Part("runs", runs, .ofRecords(in: 0)),
            ]
            return isCounted ? parts + [DomainCall.Part("total", question.count)] : parts
        }
        guard let answer else { return nil }
        let entries = QueryAnswer(records: answer.results[0], source: answer.source)
        var runs: [Bytes: Run] = [:]
        for record in answer.results[1] { runs[record.key] = Run(try Document(record)) }
        return RunPage(
            runs: answer.results[0].compactMap { runs[$0.key] },
            total: isCounted ? try request.count(2, of: answer) : nil,
            next: question.page(of: entries, limit: limit).next, source: answer.source,
            degradations: answer.degradations)
    }
}
