package import HoldfastConfiguration
public import HoldfastModel
internal import HoldfastSupport

extension HistoryStore {
    /// Removes what policies no longer keep.
    ///
    /// - Parameter policies: at most one for each namespace and prefix.
    /// - Returns: a handle whose ``Retention/run(isDryRun:lease:)`` applies them once.
    /// - Throws: `invalid` for a policy that says nothing, or two of the same.
    public func retention(_ policies: [RetentionPolicy]) throws(HoldfastError) -> Retention {
        try Retention(self, policies)
    }

    /// The policies of the storage.yaml that the store was opened from; none where it has none.
    ///
    /// - Returns: a handle, and whether runs are to remove nothing.
    public func configuredRetention() throws(HoldfastError) -> (retention: Retention, isDryRun: Bool) {
        let policies = retentionSettings?.policies.map { RetentionPolicy($0) } ?? []
        return (try Retention(self, policies), retentionSettings?.isDryRun ?? false)
    }

    /// Takes over what a storage.yaml that was read again says of retention, for every handle of the store.
    ///
    /// - Parameter settings: nothing where it has none.
    /// - Throws: `invalid` for a policy that says nothing; then everything is as it was.
    package func retain(_ settings: RetentionConfiguration?) throws(HoldfastError) {
        _ = try Retention(self, settings?.policies.map { RetentionPolicy($0) } ?? [])
        facts.retention.withLock { $0 = settings }
    }

    /// What applies the policies of the storage.yaml again and again; nothing where it has none.
    ///
    /// - Parameter report: hears what each run came to.
    /// - Returns: a service that waits to be run.
    /// - Throws: `invalid` for a policy that says nothing.
    public func retentionService(
        report: @escaping @Sendable (RetentionService.Outcome) -> Void
    ) throws(HoldfastError) -> RetentionService? {
        guard let settings = retentionSettings, !settings.policies.isEmpty else { return nil }
        let (retention, isDryRun) = try configuredRetention()
        return RetentionService(
            retention, interval: settings.interval, isDryRun: isDryRun, report: report)
    }
}
