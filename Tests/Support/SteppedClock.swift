public import HoldfastSupport

/// A clock that stands still until a test moves it.
///
/// Any thread may use it.
public final class SteppedClock: HostClock {
    private struct State {
        var now: Int64 = 1_000_000_000
        var nextWaiter = 0
        var waiters: [Int: (deadline: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Guarded(State())

    /// Begins one second after the start of its machine.
    public init() {}

    /// What the test has moved it to.
    public var monotonicNanoseconds: Int64 { state.withLock { $0.now } }
    /// As far from a moment in 2023.
    public var unixMilliseconds: Int64 { 1_700_000_000_000 + monotonicNanoseconds / 1_000_000 }

    /// Waits until the clock was moved so far, or the task is cancelled.
    public func wait(until deadline: Int64) async {
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
    public func advance(by duration: Duration) {
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
    public func waiters(atLeast count: Int) async {
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
