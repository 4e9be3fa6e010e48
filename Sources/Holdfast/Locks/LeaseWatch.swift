internal import HoldfastModel
internal import HoldfastSupport

/// What this process has seen of leases that others hold: since when they have been the same.
///
/// No two hosts' wall clocks are compared. Who wants a lock watches its documents, and may take it when they have not
/// changed for the whole lease, on the watcher's own monotonic clock. The holder counts from before it asked for the
/// lease, the watcher from after it saw the result, so the holder's time is always over first.
final class LeaseWatch: Sendable {
    private struct Sight {
        var version: Version
        var leaseVersion: Version
        var since: Int64
    }

    /// More than a program competes for at once; beyond it the watch begins anew, which only takes longer.
    private static let countMax = 65_536
    private let sights = Guarded<[Bytes: Sight]>([:])

    /// Takes note of a sighting of a lock that is held.
    ///
    /// - Parameters:
    ///   - seen: what was read.
    ///   - now: the monotonic clock after the answer came.
    ///   - lease: how long the holder may be silent, in nanoseconds.
    /// - Returns: how long the watch still lasts, in nanoseconds; zero or less when the lease has run out.
    func remaining(_ seen: LockSighting, at now: Int64, lease: Int64) -> Int64 {
        let name = Bytes(seen.name)
        return sights.withLock { sights in
            if let sight = sights[name], sight.version == seen.version,
                sight.leaseVersion == seen.leaseVersion
            {
                // A little more, for clocks whose seconds are not of the same length.
                return sight.since + lease + lease / 64 - now
            }
            if sights.count >= Self.countMax { sights.removeAll() }
            sights[name] = Sight(version: seen.version, leaseVersion: seen.leaseVersion, since: now)
            return lease + lease / 64
        }
    }

    /// Forgets a lock that is not held by another any more.
    func forget(_ name: String) { sights.withLock { _ = $0.removeValue(forKey: Bytes(name)) } }
}
