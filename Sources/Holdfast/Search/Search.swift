internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// Finds messages by the words in them.
///
/// The same search has the same hits on every backend; where an index of words is declared, it has them sooner
/// (`docs/reference/search.md`).
///
/// ```swift
/// let page = try await store.search().messages(#"deploy "web server" fail* -draft"#)
/// for hit in page.hits { print(hit.item.key, hit.snippets.first?.marked("[", "]") ?? "") }
/// ```
public struct Search: Sendable {
    private static let namespaceCountMax = 16

    let store: HistoryStore

    /// Searches messages, newest first.
    ///
    /// - Parameters:
    ///   - text: words that must all occur in the strings of a message, at any depth; `"several words"` that follow each
    ///     other in one string; `-word` that must not occur; `begin*`. Upper and lower case are one. Up to 4096 bytes.
    ///   - scope: where to look.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long each step of it may take.
    /// - Returns: the hits, and the cursor of those behind them.
    /// - Throws: `invalid` for a text without a word, a scope beyond the limits, or a cursor of another search.
    public func messages(
        _ text: String, in scope: SearchScope = SearchScope(), limit: Int? = nil,
        after cursor: Cursor? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> SearchPage {
        let limit = try PageLimit.checked(limit)
        let words = try SearchText(text)
        guard (1...Self.namespaceCountMax).contains(scope.namespaces.count),
            Set(scope.namespaces).count == scope.namespaces.count
        else {
            throw HoldfastError(
                .invalid,
                "the search names \(scope.namespaces.count) namespaces, expected 1 to \(Self.namespaceCountMax), "
                    + "each once")
        }
        let questions = try scope.namespaces.map { namespace throws(HoldfastError) in
            try SelectionQuestion(scope.selection(words), of: .items, in: Namespace(namespace))
        }
        let seal = questions.flatMap(\.seal)
        let place = try cursor.map { cursor throws(HoldfastError) in try cursor.place(in: seal) }
        guard limit > 0 else { return SearchPage(hits: Page([], next: nil), searchedBy: nil) }
        let request = DomainRequest(.search) { arguments in
            arguments.member("text", text)
            scope.write(to: &arguments)
        }
        var found = try await find(request, questions, scope.namespaces, limit, after: place, options)
        found.hits.sort { ($0.item.id, $0.item.key) > ($1.item.id, $1.item.key) }
        found.hits = Array(found.hits.prefix(limit))
        let maker = try words.snippetMaker
        let hits = found.hits.map { hit in
            let isText = hit.item.format == .json
            return SearchHit(
                namespace: hit.namespace, item: hit.item,
                snippets: isText ? maker.snippets(of: hit.item.bytes) : [])
        }
        let next = hits.count == limit ? hits.last : nil
        return SearchPage(
            hits: Page(
                hits,
                next: next.map { Cursor(key: Bytes($0.item.key), id: $0.item.id, question: seal) },
                source: found.source, degradations: found.degradations), searchedBy: found.method)
    }

    fileprivate struct Finding {
        var hits: [(namespace: String, item: Item)] = []
        var source = ""
        var degradations: [Degradation] = []
        var method: SearchMethod? = .index
    }

    /// The first hits of each namespace: the first of all are among them.
    private func find(
        _ request: DomainRequest, _ questions: [SelectionQuestion], _ namespaces: [String], _ limit: Int,
        after place: (key: Bytes, id: Version)?, _ options: CallOptions
    ) async throws(HoldfastError) -> Finding {
        var finding = Finding()
        let parts = try zip(questions, namespaces).map { question, namespace throws(HoldfastError) in
            let cursor = place.map { question.cursor(after: Record(namespace: "", key: $0.key, id: $0.id)) }
            return DomainCall.Part(
                namespace, try question.page(offset: 0, limit: limit, after: cursor))
        }
        if let answer = try await store.whole(request, options, { parts }) {
            for (records, namespace) in zip(answer.results, namespaces) {
                for record in records { finding.hits.append((namespace, try Item(record))) }
            }
            (finding.source, finding.degradations) = (answer.source, answer.degradations)
            // How the provider has found them it alone knows.
            finding.method = nil
            return finding
        }
        for (part, namespace) in zip(parts, namespaces) {
            let answer = try await store.backend.select(part.query, try Edge.checked(options))
            for record in answer.records.prefix(limit) {
                finding.hits.append((namespace, try Item(record)))
            }
            finding.source = answer.source
            for degradation in answer.degradations where !finding.degradations.contains(degradation) {
                finding.degradations.append(degradation)
            }
            finding.note(store.searchMethod(answer, namespace))
        }
        return finding
    }
}

extension Search.Finding {
    /// One namespace that was scanned makes the whole a scan, one of which nothing is known makes it unknown.
    fileprivate mutating func note(_ method: SearchMethod?) {
        if self.method == .index || method == nil { self.method = method }
    }
}

extension HistoryStore {
    /// Finds messages by the words in them.
    public func search() -> Search { Search(store: self) }

    /// How an answer was found, as far as the storage.yaml of this process says.
    fileprivate func searchMethod(_ answer: QueryAnswer, _ namespace: String) -> SearchMethod? {
        guard let wordIndexes else { return nil }
        if answer.isScanned { return .scan }
        return wordIndexes[answer.source]?.contains(namespace) ?? false ? .index : .scan
    }
}

extension SearchScope {
    fileprivate func write(to arguments: inout JSONWriter) {
        arguments.member("key", key)
        arguments.member("prefix", prefix)
        arguments.member("role", role)
        arguments.member("since", since?.unixMilliseconds)
        arguments.member("until", until?.unixMilliseconds)
    }

    /// The messages of one namespace, newest first.
    fileprivate func selection(_ words: SearchText) -> Selection {
        var parts = [words.predicate]
        if let role { parts.append(Operand.member("role").equals(Filter.Scalar(role))) }
        if let since { parts.append(Operand.time.isAtLeast(Filter.Scalar(since.unixMilliseconds))) }
        if let until { parts.append(Operand.time.isLess(than: Filter.Scalar(until.unixMilliseconds))) }
        return Selection(key: key, prefix: prefix, where: .all(parts), order: [.descending(.id)])
    }
}

extension SearchText {
    fileprivate var snippetMaker: SnippetMaker {
        get throws(HoldfastError) {
            do throws(SelectError) {
                return SnippetMaker(try pattern)
            } catch {
                throw HoldfastError(.invalid, "\(error)")
            }
        }
    }
}
