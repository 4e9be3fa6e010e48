public import HoldfastChain
internal import HoldfastConfiguration
public import HoldfastModel

extension HistoryStore {
    /// Counts the large contents that are kept apart, and those of them to which nothing refers any more.
    ///
    /// Reads every record of the store.
    ///
    /// - Parameter options: how long each step may take.
    /// - Returns: what there is, and what ``collectBlobs(grace:isDryRun:_:)`` would remove.
    /// - Throws: as ``collectBlobs(grace:isDryRun:_:)``.
    public func blobs(_ options: CallOptions = CallOptions()) async throws(HoldfastError) -> BlobReport {
        try await collectBlobs(isDryRun: true, options)
    }

    /// Removes large contents that no record refers to any more.
    ///
    /// Reads every record, so it is for quiet hours. Any number of hosts may write meanwhile, and collect: a content is
    /// removed only if nobody has used it since the collection began to look.
    ///
    /// - Parameters:
    ///   - grace: contents that were used so recently stay; a reader may hold their record. Nothing is what storage.yaml
    ///     says, a day unless it says otherwise.
    ///   - isDryRun: whether nothing is removed.
    ///   - options: how long each step may take.
    /// - Returns: what was found.
    /// - Throws: `unavailable` while the primary is down; what was removed so far was not in use. `unsupported` on a store
    ///   that cannot tell what is in use: one without `BlobSettings`, and one of a tenant.
    public func collectBlobs(
        grace: Duration? = nil, isDryRun: Bool = false, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> BlobReport {
        let grace = grace ?? blobsConfiguration.grace
        guard grace >= .zero else {
            throw HoldfastError(.invalid, "the grace is \(grace), expected zero or more")
        }
        return try await backend.collectBlobs(
            BlobCollection(grace: grace, isDryRun: isDryRun), try Edge.checked(options))
    }

    /// What collects blobs again and again, as the storage.yaml says; nothing where it says never.
    ///
    /// - Parameter report: hears what each collection came to.
    /// - Returns: a service that waits to be run.
    public func blobService(report: @escaping @Sendable (BlobService.Outcome) -> Void) -> BlobService? {
        guard blobsConfiguration.collectInterval > .zero else { return nil }
        return BlobService(self, interval: blobsConfiguration.collectInterval, report: report)
    }
}
