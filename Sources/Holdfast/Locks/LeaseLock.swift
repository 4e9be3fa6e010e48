internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// A lock that this program has taken, until it is released or its lease runs out.
///
/// May be used by any number of tasks at once. What it says of itself is this host's belief, on its own clock; what
/// counts is the store's answer to a write that carries the ``fence``.
///
/// ```swift
/// let lock = try await store.lock("compaction", lease: .seconds(30), wait: .seconds(5))
/// try await store.documents("state").put(.json("1"), at: "run", WriteOptions(fence: lock.fence))
/// try await lock.renew()
/// try await lock.unlock()
/// ```
public final class LeaseLock: Sendable {
    private enum Phase {
        case held
        /// An answer to the release has not come, or not yet.
        case releasing
        case released
        /// The store has said that the lock has moved on.
        case lost(HoldfastError)
    }

    private struct State {
        var phase = Phase.held
        /// When the lease is over, on the monotonic clock.
        var end: Int64
    }

    /// What writes carry so that they are refused once the lock has moved on.
    public let fence: Fence
    /// What the holder calls itself.
    public let owner: String
    /// How long the lock is held without a renewal.
    public let lease: Duration
    /// Whether the holder before did not release the lock: what it was doing may be half done.
    public let isTakenOver: Bool
    private let locks: Locks
    private let state: Guarded<State>

    init(_ fence: Fence, owner: String, lease: Duration, isTakenOver: Bool, locks: Locks, end: Int64) {
        self.fence = fence
        self.owner = owner
        self.lease = lease
        self.isTakenOver = isTakenOver
        self.locks = locks
        state = Guarded(State(end: end))
    }

    private var clock: any HostClock { locks.store.edge.clock }

    /// The name of the lock.
    public var name: String { fence.name }

    /// How long the lock is held for certain if nothing is done; zero when it is not held.
    public var remaining: Duration {
        let now = clock.monotonicNanoseconds
        return .nanoseconds(max(0, isNeitherLostNorGivenBack ? end - now : 0))
    }

    private var isNeitherLostNorGivenBack: Bool {
        state.withLock { if case .held = $0.phase { true } else { false } }
    }

    /// Whether the lock is held, as far as this host knows.
    public var isHeld: Bool { isHeld(for: .zero) }

    /// Whether the lock is held and will be for a while, as far as this host knows.
    ///
    /// - Parameter duration: how long what is about to be done takes at most.
    /// - Returns: false when the lease runs out before.
    public func isHeld(for duration: Duration) -> Bool { remaining > max(.zero, duration) }

    /// When the lease is over, on the monotonic clock.
    var end: Int64 { state.withLock { $0.end } }

    /// Why the lock is not held any more, where the store has said so.
    var loss: HoldfastError? {
        state.withLock { if case .lost(let loss) = $0.phase { loss } else { nil } }
    }

    /// Whether ``unlock(_:)`` was called.
    var isGivenBack: Bool {
        state.withLock { state in
            switch state.phase {
            case .releasing, .released: true
            case .held, .lost: false
            }
        }
    }

    /// Extends the lease to its full length from now.
    ///
    /// Disturbs no write that carries the fence. After the lease has run out it still succeeds, if nobody has taken the
    /// lock meanwhile.
    ///
    /// - Parameter options: how long it may take.
    /// - Throws: `conflict`, with who holds it now, when the lock has moved on: it is lost for good. `unavailable` or
    ///   `timeout` when the primary could not be asked: the lease is as it was.
    public func renew(_ options: CallOptions = CallOptions()) async throws(HoldfastError) {
        _ = try await renewed(options)
    }

    func renewed(_ options: CallOptions) async throws(HoldfastError) -> Receipt {
        let before = clock.monotonicNanoseconds
        try state.withLock { state throws(HoldfastError) in
            switch state.phase {
            case .held: return
            case .lost(let loss): throw loss
            case .releasing, .released:
                throw HoldfastError(.invalid, "lock \"\(fence.name)\" was given back, take it anew")
            }
        }
        let lease = Record(
            namespace: LockRecord.leaseNamespace, key: fence.address.key,
            value: LockRecord(fence: fence.number, holder: nil).encoded)
        do throws(HoldfastError) {
            let receipt = try await locks.write(
                [fence.check, Change(.put, lease, if: .newest)], of: name, timeout: options.timeout)
            let end = before + self.lease.nanoseconds
            state.withLock { $0.end = max($0.end, end) }
            return receipt
        } catch {
            guard error.code == .conflict else { throw error }
            throw await lost(error)
        }
    }

    /// Gives the lock back, so that others need not wait for the lease to run out.
    ///
    /// Writes with the fence that are still on their way may be refused. A second call does nothing.
    ///
    /// - Parameter options: how long it may take.
    /// - Throws: `conflict`, with who holds it now, when the lock had moved on already. `unavailable` or `timeout` when
    ///   the primary could not be asked: call again, or let the lease run out.
    public func unlock(_ options: CallOptions = CallOptions()) async throws(HoldfastError) {
        let isDone = try state.withLock { state throws(HoldfastError) in
            switch state.phase {
            case .lost(let loss): throw loss
            case .released: return true
            case .held, .releasing:
                state.phase = .releasing
                return false
            }
        }
        guard !isDone else { return }
        let changes = try locks.released(name, fence: fence.number, version: fence.version)
        do throws(HoldfastError) {
            _ = try await locks.write(changes, of: name, timeout: options.timeout)
        } catch {
            guard error.code == .conflict else { throw error }
            guard try await isFreeSinceThis(options) else { throw await lost(error) }
        }
        state.withLock { $0.phase = .released }
    }

    /// Whether the lock was released by this very handle, whose first answer was lost.
    private func isFreeSinceThis(_ options: CallOptions) async throws(HoldfastError) -> Bool {
        let (seen, _) = try await locks.sighting(of: name, options)
        return seen.holder == nil && seen.record?.fence == fence.number
    }

    private func lost(_ conflict: HoldfastError) async -> HoldfastError {
        let loss = await locks.store.explained(conflict, by: [fence])
        return state.withLock { state in
            switch state.phase {
            case .lost(let first): return first
            case .released: return loss
            case .held, .releasing:
                state.phase = .lost(loss)
                return loss
            }
        }
    }
}
