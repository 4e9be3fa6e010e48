public import HoldfastChain
public import HoldfastModel

extension Lists {
    /// Scans the items of many lists, by key and then by id.
    ///
    /// - Parameters:
    ///   - scan: which items, and in which direction.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: a page, and the cursor of the one that follows.
    /// - Throws: `invalid` for a limit below zero or a cursor of another scan.
    public func scan(
        _ scan: Scan = Scan(), limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Item, Cursor> {
        let question = try ScanQuestion(scan, of: .items, in: namespace)
        let page = try await store.page(question, limit: limit, after: cursor, options)
        let items = try page.elements.map { record throws(HoldfastError) in try Item(record) }
        return Page(items, next: page.next, source: page.source, degradations: page.degradations)
    }

    /// Streams every item that a scan finds.
    public func stream(_ scan: Scan, _ options: CallOptions = CallOptions()) -> RecordStream<Item> {
        RecordStream(from: nil) { (cursor: Cursor?) async throws(HoldfastError) -> Page<Item, Cursor> in
            try await self.scan(scan, limit: Scan.streamPageCount, after: cursor, options)
        }
    }

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
        let limit = try PageLimit.checked(limit)
        let question = try ScanQuestion(Scan(prefix: prefix, keysOnly: true), of: .items, in: namespace)
        var tally = ListTally(limit: limit)
        var cursor = cursor
        repeat {
            let page = try await store.page(
                question, limit: limit == 0 ? 0 : PageLimit.maximum, after: cursor, options)
            tally.note(page)
            for record in page.elements {
                guard try tally.add(record) else { return tally.page(question) }
            }
            cursor = page.next
        } while cursor != nil
        return tally.page(question)
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
