import HoldfastSupport

/// A clock that stands still until a test moves it on.
final class SteppedClock: HostClock {
    private struct State {
        var now: Int64 = 1_000_000_000
        var nextWaiter = 0
        var waiters: [Int: (deadline: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
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
                let isOver = state.withLock { state in
                    guard deadline > state.now, !Task.isCancelled else { return true }
                    state.waiters[number] = (deadline, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume()
        }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += Int64(duration / .nanoseconds(1))
            let due = state.waiters.filter { $0.value.deadline <= state.now }
            for number in due.keys { state.waiters.removeValue(forKey: number) }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }
}
