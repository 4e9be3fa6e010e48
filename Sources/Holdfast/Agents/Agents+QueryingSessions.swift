public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Finds agents by what their infos say.
    ///
    /// - Parameters:
    ///   - filter: which, and in which order; the newest first, if nothing is said.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - offset: how many to leave out, 0 to 100 000; with or without a limit.
    ///   - options: how long each step of it may take.
    /// - Returns: sessions, and the offset of the page that follows.
    /// - Throws: `invalid` for a limit or an offset that is none.
    public func querySessions(
        _ filter: AgentSessionFilter = AgentSessionFilter(), limit: Int? = nil, offset: Int = 0,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentSession, Int> {
        try await measured(.query) { () async throws(HoldfastError) in
            let limit = try PageLimit.checked(limit)
            guard (0...SelectLimits.offsetMax).contains(offset) else {
                throw HoldfastError(
                    .invalid, "offset is \(offset), expected 0 to \(SelectLimits.offsetMax)")
            }
            if let page = try await whole(filter, limit, offset, options) { return page }
            return switch filter.sortBy {
            case .createdAt: try await byCreation(filter, limit, offset, options)
            case .updatedAt, .messageCount: try await byMessages(filter, limit, offset, options)
            }
        }
    }

    private func selection(_ filter: AgentSessionFilter) -> Selection {
        var predicates = filter.period.predicates(.member("createdAt")) { .init($0.description) }
        if let template = filter.templateID {
            predicates.append(Operand.member("templateId").equals(.init(template)))
        }
        if let user = filter.userID {
            predicates.append(Operand.path(["metadata", "userId"]).equals(.init(user)))
        }
        return Selection(
            key: filter.agentID, where: predicates.isEmpty ? nil : .all(predicates),
            order: [
                filter.isAscending ? .ascending(.member("createdAt")) : .descending(.member("createdAt"))
            ])
    }

    /// The page, where the backend answers sessions and the counts of their messages at once.
    private func whole(
        _ filter: AgentSessionFilter, _ limit: Int, _ offset: Int, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<AgentSession, Int>? {
        let isByCreation = filter.sortBy == .createdAt
        // One more than are wanted says whether there is a page behind this one.
        let count = isByCreation ? limit : limit + 1
        guard (1...PageLimit.maximum).contains(count) else { return nil }
        let request = DomainRequest(.querySessions) { arguments in
            arguments.member("agentId", filter.agentID)
            arguments.member("templateId", filter.templateID)
            arguments.member("userId", filter.userID)
            filter.period.write(to: &arguments)
            arguments.member("sortBy", filter.sortBy.rawValue)
            arguments.member("sortOrder", filter.isAscending ? "asc" : "desc")
        }
        let answer = try await store.whole(request, options) { () throws(HoldfastError) in
            var selection = selection(filter)
            if !isByCreation { selection.order = [] }
            let sessions = try documents(.info).question(selection).page(
                offset: offset, limit: count, after: nil)
            let messages = try lists(.messages).question(Selection(keysOnly: true)).page(
                offset: 0, limit: count, after: nil)
            return [
                DomainCall.Part("sessions", sessions, isByCreation ? .whole : .anyOrder),
                DomainCall.Part("messages", messages, .rows),
            ]
        }
        guard let answer else { return nil }
        var tallies: [Bytes: MessageTally] = [:]
        for row in try request.rows(1, of: answer) {
            guard let key = row.text("key"), let count = row.count("count"), count > 0,
                let changed = row.count("changed"), tallies[Bytes(key)] == nil
            else {
                throw request.wrong("a row without key, count and changed, or two of one key", from: answer)
            }
            let time = Timestamp(unixMilliseconds: Int64(changed))
            tallies[Bytes(key)] = MessageTally(count: count, changedAt: time)
        }
        let sessions = try answer.results[0].map { record throws(HoldfastError) in
            let info = try Document(record)
            return AgentSession(info, tallies[Bytes(try key(info.key))])
        }
        let isOrdered = zip(sessions, sessions.dropFirst()).allSatisfy {
            !Self.precedes($1, $0, filter)
        }
        guard isByCreation || isOrdered else { throw request.wrong("sessions out of order", from: answer) }
        let hasMore = sessions.count == count
        let page = Array(sessions.prefix(limit))
        return Page(
            page, next: hasMore ? offset + page.count : nil, source: answer.source,
            degradations: answer.degradations)
    }

    private func byCreation(
        _ filter: AgentSessionFilter, _ limit: Int, _ offset: Int, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<AgentSession, Int> {
        let page = try await documents(.info).select(
            selection(filter), offset: offset, limit: limit, options)
        let tallies = try await tallies(of: page.map(\.key), options)
        return Page(
            page.map { AgentSession($0, tallies[Bytes($0.key)]) },
            next: page.next.map { _ in offset + page.count }, source: page.source,
            degradations: page.degradations)
    }

    /// Sorts by what no single record says: reads every session that the filter keeps.
    private func byMessages(
        _ filter: AgentSessionFilter, _ limit: Int, _ offset: Int, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<AgentSession, Int> {
        var sessions: [AgentSession] = []
        var last = Page<Document, Cursor>([], next: nil)
        var cursor: Cursor?
        repeat {
            last = try await documents(.info).select(
                selection(filter), limit: Scan.streamPageCount, after: cursor, options)
            let tallies = try await tallies(of: last.map(\.key), options)
            sessions += last.map { AgentSession($0, tallies[Bytes($0.key)]) }
            cursor = last.next
        } while cursor != nil
        sessions.sort { Self.precedes($0, $1, filter) }
        let page = sessions.dropFirst(offset).prefix(limit)
        return Page(
            Array(page), next: offset + page.count < sessions.count ? offset + page.count : nil,
            source: last.source, degradations: last.degradations)
    }

    private static func precedes(
        _ left: AgentSession, _ right: AgentSession, _ filter: AgentSessionFilter
    ) -> Bool {
        let (first, second) = filter.isAscending ? (left, right) : (right, left)
        let (low, high) = (rank(first, filter.sortBy), rank(second, filter.sortBy))
        return low == high ? Bytes(first.agentID) < Bytes(second.agentID) : low < high
    }

    private static func rank(_ session: AgentSession, _ order: AgentSessionFilter.Order) -> Int64 {
        switch order {
        case .messageCount: Int64(session.messageCount)
        case .updatedAt, .createdAt: session.updatedAt.unixMilliseconds
        }
    }

    /// How many messages agents have, by agent; those without any are left out.
    func tallies(
        of agents: [String], _ options: CallOptions
    ) async throws(HoldfastError) -> [Bytes: MessageTally] {
        var tallies: [Bytes: MessageTally] = [:]
        // A few agents are asked for one by one, which reads their messages alone; many at once.
        guard agents.count > PageLimit.standard else {
            for agent in agents { tallies[Bytes(agent)] = try await tally(of: agent, options) }
            return tallies
        }
        var rest = agents[...]
        while !rest.isEmpty {
            // As many as one filter may name, and less than a query may be long.
            let part = rest.prefix(500)
            let keys = try part.map { agent throws(HoldfastError) in Filter.Scalar(try key(agent)) }
            let groups = try await lists(.messages).groups(
                Selection(where: Operand.key.isIn(keys)), by: [.key], [.maximum(of: .changed)],
                limit: part.count * 2, options)
            for group in groups.content {
                guard let name = group.by.first??.text else { continue }
                // Groups look at the first bytes of a key only: longer ones that begin alike are counted apart.
                guard name.utf8.count < SortKeyLimits.groupedByteCount else { continue }
                tallies[Bytes(try Self.agent(of: name)), default: MessageTally()].add(
                    count: group.count, changedAt: group.figures.first??.time)
            }
            for agent in part where try key(agent).utf8.count >= SortKeyLimits.groupedByteCount {
                tallies[Bytes(agent)] = try await tally(of: agent, options)
            }
            rest = rest.dropFirst(part.count)
        }
        return tallies
    }

    private func tally(
        of agent: String, _ options: CallOptions
    ) async throws(HoldfastError) -> MessageTally? {
        let groups = try await lists(.messages).groups(
            Selection(key: try key(agent)), by: [], [.maximum(of: .changed)], options)
        return groups.content.first.map {
            MessageTally(count: $0.count, changedAt: $0.figures.first??.time)
        }
    }
}

/// What groups look at of a text; see docs/reference/queries.md.
private enum SortKeyLimits {
    /// A text with fewer bytes is a group of its own: what is cut ends at a whole character.
    static let groupedByteCount = 250
}

extension Filter.Scalar {
    /// The characters of a string.
    var text: String? { (try? JSONNode(json.array))?.string }

    /// A whole number of Unix milliseconds.
    var time: Timestamp? {
        (try? JSONNode(json.array))?.integer.map { Timestamp(unixMilliseconds: $0) }
    }
}
