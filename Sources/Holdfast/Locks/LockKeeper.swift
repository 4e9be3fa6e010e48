internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// Keeps a lock while a closure runs: renews it, and cancels the closure when the lock is lost.
struct LockKeeper: Sendable {
    private let lock: LeaseLock
    private let clock: any HostClock

    init(_ lock: LeaseLock, _ clock: any HostClock) {
        self.lock = lock
        self.clock = clock
    }

    /// Runs a closure beside the renewals.
    ///
    /// A caller that is cancelled cancels the closure, and nothing else: the lock is kept until the closure has ended.
    ///
    /// - Parameter body: its task is cancelled when the lock is lost.
    /// - Returns: what the closure returned or threw; the loss where the lock's time was over before.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable (LeaseLock) async throws -> Result
    ) async -> Swift.Result<Result, any Error> {
        let work = Task { [lock] in try await body(lock) }
        let watch = Task {
            let isLost = await isLost()
            if isLost { work.cancel() }
            return isLost
        }
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        watch.cancel()
        return await watch.value ? .failure(loss) : result
    }

    private var loss: HoldfastError {
        lock.loss
            ?? HoldfastError(
                .conflict,
                "the lease of lock \"\(lock.name)\" (\(lock.lease)) ran out before it could be renewed")
    }

    /// Renews until the lock is lost; ends without a loss when the task is cancelled or the lock was given back.
    private func isLost() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await renewals() }
            group.addTask { await expiry() }
            let isLost = await group.next() ?? false
            group.cancelAll()
            // Both look at the same lock: what one has found counts, whatever the other was about to say.
            return await group.next() ?? false || isLost
        }
    }

    /// Renews at each third of the lease, more often while the store does not answer.
    ///
    /// - Returns: whether the store says that the lock is lost.
    private func renewals() async -> Bool {
        let third = lock.lease / 3
        var pause = third
        while true {
            await clock.wait(for: pause)
            guard !Task.isCancelled, !lock.isGivenBack else { return false }
            do throws(HoldfastError) {
                try await lock.renew(CallOptions(timeout: max(third, .milliseconds(250))))
                pause = third
            } catch {
                if lock.loss != nil { return true }
                // An outage may be over before the lease is.
                pause = third / 4
            }
        }
    }

    /// Waits until the lease is over.
    ///
    /// - Returns: whether it ran out while it was wanted.
    private func expiry() async -> Bool {
        while true {
            guard !Task.isCancelled, !lock.isGivenBack else { return false }
            let end = lock.end
            guard clock.monotonicNanoseconds < end else { return true }
            await clock.wait(until: end)
        }
    }
}
