public import HoldfastModel
internal import HoldfastSupport

/// Removes what policies no longer keep.
///
/// Reads keys and ids, never values, and removes the beginnings of lists in small batches. One host at a time is at a
/// namespace: a lock says who, and every batch carries its fence, so a host that has lost it removes nothing more.
/// Nothing that is younger than a policy says is ever removed: a batch drops up to an id that was decided before, and
/// whatever arrives meanwhile lies behind it.
public struct Retention: Sendable {
    private static let batchListCount = 64
    private static let lockPrefix = "retention/"

    let store: HistoryStore
    /// What is kept.
    public let policies: [RetentionPolicy]

    init(_ store: HistoryStore, _ policies: [RetentionPolicy]) throws(HoldfastError) {
        self.store = store
        self.policies = policies
        var seen: Set<[Bytes]> = []
        for policy in policies {
            try policy.check()
            guard seen.insert([Bytes(policy.namespace), Bytes(policy.prefix)]).inserted else {
                throw HoldfastError(
                    .invalid,
                    "namespace \"\(policy.namespace)\" and prefix \"\(policy.prefix)\" have two retention policies, "
                        + "expected one")
            }
        }
    }

    /// Applies the policies once.
    ///
    /// - Parameters:
    ///   - isDryRun: counts what would be removed, and removes nothing.
    ///   - lease: how long the lock of a namespace is held without a renewal.
    /// - Returns: what was removed, or would be.
    /// - Throws: what a backend throws; what was removed until then stays removed. `cancelled` ends a run between two
    ///   batches.
    public func run(
        isDryRun: Bool = false, lease: Duration = .seconds(60)
    ) async throws(HoldfastError) -> RetentionReport {
        let now = store.edge.clock.unixMilliseconds
        var report = RetentionReport(
            startedAt: Timestamp(unixMilliseconds: now), isDryRun: isDryRun, namespaces: [])
        let namespaces = Dictionary(grouping: policies) { Bytes($0.namespace) }
        for (name, policies) in namespaces.sorted(by: { $0.key < $1.key }) {
            let namespace = name.description
            let planner = RetentionPlanner(policies, now: now)
            guard !planner.prefixes.isEmpty else { continue }
            if isDryRun {
                report.namespaces.append(try await apply(planner, to: namespace, nil))
            } else {
                report.namespaces.append(try await locked(planner, namespace, lease))
            }
        }
        return report
    }

    private func locked(
        _ planner: RetentionPlanner, _ namespace: String, _ lease: Duration
    ) async throws(HoldfastError) -> RetentionReport.NamespaceReport {
        let lock: LeaseLock
        do throws(HoldfastError) {
            lock = try await store.lock(Self.lockPrefix + namespace, lease: lease, wait: .zero)
        } catch {
            guard error.code == .conflict else { throw error }
            var report = RetentionReport.NamespaceReport(namespace)
            report.busyWith = error.message
            return report
        }
        do throws(HoldfastError) {
            let report = try await apply(planner, to: namespace, lock)
            try await lock.unlock()
            return report
        } catch {
            // Where that fails too, the lease runs out by itself.
            try? await lock.unlock()
            throw error
        }
    }

    /// Plans and, with a lock, removes.
    private func apply(
        _ planner: RetentionPlanner, to name: String, _ lock: LeaseLock?
    ) async throws(HoldfastError) -> RetentionReport.NamespaceReport {
        var planner = planner
        var report = RetentionReport.NamespaceReport(name)
        var trims: [RetentionPlanner.Trim] = []
        for prefix in planner.prefixes {
            let scan = Scan(prefix: prefix, keysOnly: true)
            var cursor: Cursor?
            repeat {
                guard !Task.isCancelled else {
                    throw HoldfastError(.cancelled, "retention was cancelled")
                }
                let page = try await store.lists(name).scan(
                    scan, limit: PageLimit.maximum, after: cursor)
                for item in page {
                    if let trim = planner.take(key: item.key, id: item.id) { trims.append(trim) }
                }
                try await remove(&trims, from: name, lock, &report, atLeast: Self.batchListCount)
                cursor = page.next
            } while cursor != nil
            if let trim = planner.finish() { trims.append(trim) }
        }
        try await remove(&trims, from: name, lock, &report, atLeast: 1)
        report.listCount = planner.listCount
        report.itemCount = planner.itemCount
        report.heldListCount = planner.heldListCount
        return report
    }

    /// Removes what was planned in whole batches; counts it where there is no lock.
    private func remove(
        _ trims: inout [RetentionPlanner.Trim], from name: String, _ lock: LeaseLock?,
        _ report: inout RetentionReport.NamespaceReport, atLeast count: Int
    ) async throws(HoldfastError) {
        while trims.count >= count, !trims.isEmpty {
            let some = trims.prefix(Self.batchListCount)
            if let lock {
                try await lock.renew()
                var batch = Batch()
                for trim in some { batch.add(.trim(upTo: trim.last), trim.key, Namespace(name)) }
                _ = try await store.write(batch, WriteOptions(fence: lock.fence))
            }
            report.trimmedListCount += some.count
            report.removedItemCount += some.reduce(0) { $0 + $1.count }
            trims.removeFirst(some.count)
        }
    }
}
