import HoldfastModel

/// Copies everything from one provider into another by merging: idempotent, so it may be broken off and begun again.
///
/// Marks stay behind: they speak of the provider that they are in.
struct Resync: Sendable {
    private static let pageRecordCount: UInt64 = 1000

    let source: any Store
    let target: Connection

    /// Runs the copy.
    ///
    /// - Parameters:
    ///   - isLong: is called once when there is more than a page to copy.
    ///   - context: the deadline of the next call.
    /// - Returns: how many records were merged.
    /// - Throws: what either provider says; `unsupported` when the source cannot list what it holds.
    func run(
        isLong: @Sendable () -> Void = {}, _ context: @Sendable () -> CallContext
    ) async throws(HoldfastError) -> UInt64 {
        guard source.info.capabilities.contains(.rawScan) else {
            throw HoldfastError(
                .unsupported,
                "the provider that should be copied cannot list everything it holds (raw scan); "
                    + "export it and import it into the other")
        }
        var query = Query(
            namespace: .empty, scope: [.documents, .items, .raw], limit: Self.pageRecordCount)
        var count: UInt64 = 0
        while true {
            var page = try await source.query(query, context())
            // A floor and the document of its key have the same cursor: a page must not end between them.
            if page.count == Self.pageRecordCount, page.last?.flags.contains(.floor) == true {
                page.removeLast()
            }
            guard let last = page.last else { return count }
            if query.after == nil, UInt64(page.count) + 1 >= Self.pageRecordCount { isLong() }
            let changes = page.filter { $0.namespace != MarkCodec.namespace }.map(\.asChange)
            _ = try await target.applyPlainly(changes, context())
            count += UInt64(changes.count)
            query.after = Query.Cursor(address: last.address, id: last.id)
        }
    }
}

extension Record {
    /// The change that makes another store hold this record, or this floor.
    fileprivate var asChange: Change {
        guard flags.contains(.floor) else { return Change(.put, self) }
        return Change(.drop, Record(namespace: namespace, key: key, version: version))
    }
}
