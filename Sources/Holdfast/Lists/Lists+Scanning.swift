public import HoldfastChain
public import HoldfastModel

extension Lists {
    /// Sums up the lists whose keys begin so, in the order of their keys.
    ///
    /// Counts by reading every id: a page costs as much as its lists are long, without their values.
    ///
    /// - Parameters:
    ///   - prefix: only keys that begin so; empty is all.
    ///   - limit: at most so many lists, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long each step of it may take.
    /// - Returns: lists with at least one item.
    /// - Throws: `invalid` for a limit below zero or a cursor of another scan.
    public func summaries(
        prefix: String = "", limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<ListSummary, Cursor> {
        let tally = ListTally(limit: try PageLimit.checked(limit))
        let question = try ScanQuestion(Scan(prefix: prefix, keysOnly: true), of: .items, in: namespace)
        return try await store.page(question, into: tally, after: cursor, options)
    }

    /// Sums up one list.
    ///
    /// - Parameters:
    ///   - key: which list.
    ///   - options: how long each step of it may take.
    /// - Returns: a summary; of an empty list, one that counts 0.
    /// - Throws: `unavailable` when nobody can say.
    public func summary(
        of key: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<ListSummary> {
        _ = try namespace.address(key)
        let page = try await summaries(prefix: key, limit: 1, options)
        // A longer key with the same beginning sorts behind the key itself.
        let summary = page.elements.first.flatMap { $0.key == key ? $0 : nil } ?? ListSummary(key: key)
        return Answer(summary, source: page.source, degradations: page.degradations)
    }
}
