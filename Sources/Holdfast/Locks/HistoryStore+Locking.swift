internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension HistoryStore {
    /// How locks are, and what an operator may do about them.
    public var locks: Locks { Locks(store: self) }

    /// Takes a lock.
    ///
    /// The primary decides, so a lock is never had from a backup, nor from the log while the primary is down. A lock
    /// whose holder has died is free when the holder has been silent for its whole lease, watched by this process: that
    /// takes a wait of that length, in one call or in several. No two hosts' clocks are compared.
    ///
    /// - Parameters:
    ///   - name: 1 to 1024 bytes of UTF-8 without NUL.
    ///   - lease: how long the lock is held without a renewal, 10 ms to 24 hours.
    ///   - wait: how long to wait for it; zero tries once, nothing waits until the task is cancelled.
    ///   - owner: what others are told of the holder, 1 to 255 bytes; nothing is the name of the host and the number of
    ///     the process.
    /// - Returns: the lock, which is released by ``LeaseLock/unlock(_:)``, or by time.
    /// - Throws: `conflict` when another holds it, with who and since when; `unavailable` while the primary is down;
    ///   `cancelled`; `invalid` beyond the limits.
    public func lock(
        _ name: String, lease: Duration = .seconds(30), wait: Duration? = nil, owner: String? = nil
    ) async throws(HoldfastError) -> LeaseLock {
        try await locks.acquire(name, lease: lease, wait: wait, owner: owner ?? ProcessIdentity.text)
    }

    /// Holds a lock while a closure runs.
    ///
    /// The lease is renewed each third of its length. When the lock is lost, because the store says so or because the
    /// lease ran out before a renewal was answered, the closure's task is cancelled.
    ///
    /// - Parameters:
    ///   - name: 1 to 1024 bytes of UTF-8 without NUL.
    ///   - lease: how long the lock is held without a renewal, 10 ms to 24 hours.
    ///   - wait: how long to wait for it; zero tries once, nothing waits until the task is cancelled.
    ///   - owner: what others are told of the holder.
    ///   - body: what is done under the lock; its writes carry `WriteOptions(fence: lock.fence)`.
    /// - Returns: what the closure returns.
    /// - Throws: as ``lock(_:lease:wait:owner:)``; what the closure throws; `conflict` when the lock was lost before the
    ///   closure had ended, whatever came of it.
    @discardableResult
    public func withLock<Result: Sendable>(
        _ name: String, lease: Duration = .seconds(30), wait: Duration? = nil, owner: String? = nil,
        _ body: @escaping @Sendable (LeaseLock) async throws -> Result
    ) async throws -> Result {
        let lock = try await lock(name, lease: lease, wait: wait, owner: owner)
        let result: Swift.Result<Result, any Error> = await LockKeeper(lock, edge.clock).run(body)
        // The lock is given back also when this task is cancelled. Where that fails, the lease runs out.
        let release = await Task { () async -> HoldfastError? in
            do throws(HoldfastError) {
                try await lock.unlock()
                return nil
            } catch {
                return error.code == .conflict ? error : nil
            }
        }.value
        if let loss = lock.loss ?? release { throw loss }
        return try result.get()
    }

    /// The error of a refused write, which names the lock where that was the reason.
    func explained(_ error: HoldfastError, by fences: [Fence]) async -> HoldfastError {
        guard error.code == .conflict else { return error }
        for fence in fences {
            // Where the store cannot say more, the refusal stands as it is.
            guard let (seen, _) = try? await locks.sighting(of: fence.name), seen.version != fence.version
            else { continue }
            return seen.loss(of: fence.number)
        }
        return error
    }
}
