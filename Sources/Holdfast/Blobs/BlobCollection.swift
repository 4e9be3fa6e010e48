public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// What a collection of blobs found.
public struct BlobReport: Hashable, Sendable {
    /// Contents that are kept apart.
    public internal(set) var blobCount = 0
    /// Those of them that nothing refers to any more, and that were, or would be, removed.
    public internal(set) var removedCount = 0
    /// Records that were looked at.
    public internal(set) var recordCount = 0

    /// Starts at nothing.
    public init() {}
}

extension HistoryStore {
    /// Removes large contents that no record refers to any more.
    ///
    /// Reads every record, so it is for quiet hours. Any number of hosts may write meanwhile, and collect: a content is
    /// removed only if nobody has used it since the collection began to look.
    ///
    /// - Parameters:
    ///   - grace: contents that were used so recently stay; a reader may hold their record.
    ///   - isDryRun: whether nothing is removed.
    ///   - options: how long each step may take.
    /// - Returns: what was found.
    /// - Throws: `unavailable` while the primary is down; what was removed so far was not in use. `unsupported` on a store
    ///   that cannot tell what is in use: one without `BlobSettings`, one of a tenant, one on top of another store.
    public func collectBlobs(
        grace: Duration = .seconds(86_400), isDryRun: Bool = false, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> BlobReport {
        guard seesBlobReferences else {
            throw HoldfastError(
                .unsupported,
                "this store does not see which blobs are in use: collect on the store that keeps them apart, which has its backend to itself and BlobSettings"
            )
        }
        var report = BlobReport()
        let latest = edge.clock.unixMilliseconds - Int64(grace / .milliseconds(1))
        var candidates: [Bytes: Version] = [:]
        try await forEachStoredPage(of: BlobBackend.usesNamespace, isKeysOnly: true, options) { uses in
            report.blobCount += uses.count
            for use in uses where Int64(use.version.milliseconds) <= latest {
                candidates[use.key] = use.version
            }
        }
        guard !candidates.isEmpty else { return report }
        var name: String?
        repeat {
            let page = try await namespaces(limit: PageLimit.standard, after: name, options)
            for namespace in page {
                try await forEachStoredPage(of: Bytes(namespace), isKeysOnly: false, options) {
                    (records) throws(HoldfastError) in
                    report.recordCount += records.count
                    for record in records {
                        let isJSON = !record.flags.contains(.bytes)
                        for reference in try BlobText.references(in: record.value, isJSON: isJSON) {
                            candidates[Bytes(reference.hash)] = nil
                        }
                    }
                }
            }
            name = page.next
        } while name != nil
        for (hash, use) in candidates.sorted(by: { $0.key < $1.key }) {
            if isDryRun {
                report.removedCount += 1
            } else {
                report.removedCount += try await remove(hash, lastUsed: use, options) ? 1 : 0
            }
        }
        return report
    }

    /// Removes a content, unless somebody has used it meanwhile.
    private func remove(
        _ hash: Bytes, lastUsed use: Version, _ options: CallOptions
    ) async throws(HoldfastError) -> Bool {
        let changes = [BlobBackend.usesNamespace, BlobBackend.namespace].map { namespace in
            let tombstone = Record(namespace: namespace, key: hash, flags: [.removed])
            let isUse = namespace == BlobBackend.usesNamespace
            return Change(.put, tombstone, if: isUse ? .version(use) : .none)
        }
        do throws(HoldfastError) {
            _ = try await blobless.write(WriteRequest(changes, timeout: options.timeout))
            return true
        } catch {
            guard error.code == .conflict else { throw error }
            return false
        }
    }

    /// Walks over a namespace as it is stored: references stand where contents are kept apart.
    private func forEachStoredPage(
        of namespace: Bytes, isKeysOnly: Bool, _ options: CallOptions,
        _ body: ([Record]) throws(HoldfastError) -> Void
    ) async throws(HoldfastError) {
        var query = Query(namespace: namespace, limit: 1000)
        if isKeysOnly { query.scope.insert(.keysOnly) }
        while true {
            let answer = try await blobless.query(query, try Edge.checked(options))
            guard answer.degradations.isEmpty else {
                throw HoldfastError(.unavailable, "blobs are collected on the primary, which is down")
            }
            try body(answer.records)
            guard answer.records.count == 1000, let last = answer.records.last else { return }
            query.after = Query.Cursor(address: last.address, id: last.id)
        }
    }
}
