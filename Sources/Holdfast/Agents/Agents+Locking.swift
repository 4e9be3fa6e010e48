internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// The name of the lock of an agent, for whoever takes it without this.
    public static func lockName(of agent: String) -> String { CompositeKey("agent", agent).text }

    /// Takes the lock of an agent, among all hosts of the store, and waits for it.
    ///
    /// - Parameters:
    ///   - agent: whose.
    ///   - timeout: how long to wait; zero tries once.
    ///   - lease: how long the lock is held without a renewal, 10 ms to 24 hours.
    ///   - owner: what others are told of the holder.
    /// - Returns: the lock; writes that carry its fence are refused once it has moved on. It is released by
    ///   ``LeaseLock/unlock(_:)``, which frees no other holder's lock, however late it comes.
    /// - Throws: `conflict` when another still holds it, with who and since when; `unavailable` while the primary is down.
    public func acquireAgentLock(
        _ agent: String, timeout: Duration = .seconds(30), lease: Duration = .seconds(30),
        owner: String? = nil
    ) async throws(HoldfastError) -> LeaseLock {
        try Self.check(agent)
        return try await store.lock(Self.lockName(of: agent), lease: lease, wait: timeout, owner: owner)
    }

    /// Holds the lock of an agent while a closure runs, renewed all the while.
    ///
    /// - Parameters:
    ///   - agent: whose.
    ///   - timeout: how long to wait for it.
    ///   - lease: how long the lock outlives a host that died.
    ///   - body: its writes carry `WriteOptions(fence: lock.fence)`.
    /// - Returns: what the closure returns.
    /// - Throws: as ``acquireAgentLock(_:timeout:lease:owner:)``; what the closure throws; `conflict` when the lock was
    ///   lost before the closure had ended.
    public func withAgentLock<Result: Sendable>(
        _ agent: String, timeout: Duration = .seconds(30), lease: Duration = .seconds(30),
        _ body: @escaping @Sendable (LeaseLock) async throws -> Result
    ) async throws -> Result {
        try Self.check(agent)
        return try await store.withLock(
            Self.lockName(of: agent), lease: lease, wait: timeout, owner: nil, body)
    }

    /// Closes the store that this is a view of; later calls throw `unavailable`.
    public func close() async { await store.close() }
}
