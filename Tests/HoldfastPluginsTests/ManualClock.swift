import HoldfastModel
import HoldfastPlugins
import HoldfastSupport

/// A clock that stands still until a test moves it.
final class ManualClock: HostClock {
    private struct State {
        var now: Int64 = 1_000_000_000
        var nextWaiter = 0
        var waiters: [Int: (deadline: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Guarded(State())

    var monotonicNanoseconds: Int64 { state.withLock { $0.now } }
    var unixMilliseconds: Int64 { 1_700_000_000_000 + monotonicNanoseconds / 1_000_000 }

    func wait(until deadline: Int64) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                    guard deadline > state.now, !Task.isCancelled else { return [continuation] }
                    state.waiters[number] = (deadline, continuation)
                    let observers = state.observers.filter { $0.count <= state.waiters.count }
                    state.observers.removeAll { $0.count <= state.waiters.count }
                    return observers.map(\.continuation)
                }
                for continuation in ready { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume()
        }
    }

    /// Moves the clock, and wakes who waited for it.
    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now +=
                duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
            let due = state.waiters.filter { $0.value.deadline <= state.now }
            for number in due.keys { state.waiters.removeValue(forKey: number) }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Waits until so many wait for the clock.
    func waiters(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.waiters.count >= count { return true }
                state.observers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

extension Result where Failure == HoldfastError, Success: Sendable {
    /// What an operation answers or throws.
    static func of(_ body: @Sendable () async throws -> Success) async -> Result {
        do {
            return .success(try await body())
        } catch let error as HoldfastError {
            return .failure(error)
        } catch {
            return .failure(HoldfastError(.internal, "\(error)"))
        }
    }

    /// The error, if there is one.
    var error: HoldfastError? { if case .failure(let error) = self { error } else { nil } }
}

extension PluginProvider {
    /// Looks at the lanes until they are as expected; the threads get there by themselves.
    func statistics(until isReached: (ProviderStatistics) -> Bool) async {
        while !isReached(statistics) { await Task.yield() }
    }
}
