internal import HoldfastModel
internal import HoldfastSupport

/// Tells all pools of a session that it is over.
final class SessionDeaths<Resource: LaneResource>: Sendable {
    private struct Reference: Sendable { weak var pool: LanePool<Resource>? }

    private let pools = Guarded<[Reference]>([])

    /// Names the pools, once they are made.
    func watch(_ watched: [LanePool<Resource>]) {
        pools.withLock { $0 = watched.map { Reference(pool: $0) } }
    }

    /// Ends all of them.
    func report(_ error: HoldfastError) {
        let all = pools.withLock { $0.compactMap(\.pool) }
        for pool in all { pool.end(error) }
    }
}
