import HoldfastSupport

/// Time that stands still until a test moves it, or until somebody waits for it; hosts read it on wall clocks apart.
final class LockTime: Sendable {
    private struct State {
        var now: Int64 = 1_000_000_000
        var nextWaiter = 0
        var waiters: [Int: (deadline: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Guarded(State())
    private let jumps: Bool

    /// - Parameter jumps: whether waiting moves the time, so that nobody ever waits.
    init(jumps: Bool = false) { self.jumps = jumps }

    var now: Int64 { state.withLock { $0.now } }
    /// How many wait for the time to pass.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// The clock of a host.
    func clock(ahead: Duration = .zero) -> HostTime {
        HostTime(time: self, ahead: ahead.components.seconds * 1000)
    }

    func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        move(to: now + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Moves on to when the first of those who wait wants to be woken.
    func advanceToNextWaiter() {
        guard let deadline = state.withLock({ $0.waiters.values.map(\.deadline).min() }) else { return }
        move(to: deadline)
    }

    private func move(to target: Int64) {
        let woken = state.withLock { state in
            state.now = max(state.now, target)
            let due = state.waiters.filter { $0.value.deadline <= state.now }
            for number in due.keys { state.waiters.removeValue(forKey: number) }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Suspends until so many wait for the time to pass.
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

    fileprivate func wait(until deadline: Int64) async {
        guard !jumps else { return move(to: deadline) }
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
}

/// The clock of one host.
struct HostTime: HostClock {
    let time: LockTime
    /// Milliseconds that its wall clock is ahead.
    let ahead: Int64

    var monotonicNanoseconds: Int64 { time.now }
    var unixMilliseconds: Int64 { 1_700_000_000_000 + ahead + time.now / 1_000_000 }
    func wait(until deadline: Int64) async { await time.wait(until: deadline) }
}
