public import HoldfastChain
public import HoldfastModel

extension Documents {
    /// Scans documents in the order of their keys.
    ///
    /// - Parameters:
    ///   - scan: which documents, and in which direction.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: a page, and the cursor of the one that follows.
    /// - Throws: `invalid` for a limit below zero or a cursor of another scan.
    public func scan(
        _ scan: Scan = Scan(), limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Document, Cursor> {
        let question = try ScanQuestion(scan, of: .documents, in: namespace)
        let page = try await store.page(question, limit: limit, after: cursor, options)
        let documents = try page.elements.map { record throws(HoldfastError) in try Document(record) }
        return Page(documents, next: page.next, source: page.source, degradations: page.degradations)
    }

    /// Streams every document that a scan finds.
    public func stream(
        _ scan: Scan = Scan(), _ options: CallOptions = CallOptions()
    ) -> RecordStream<Document> {
        RecordStream(from: nil) { (cursor: Cursor?) async throws(HoldfastError) -> Page<Document, Cursor> in
            try await self.scan(scan, limit: Scan.streamPageCount, after: cursor, options)
        }
    }
}
