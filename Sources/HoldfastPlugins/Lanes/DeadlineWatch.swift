internal import HoldfastModel
internal import HoldfastSupport

/// Wakes up at the earliest of many deadlines, with one task and only while there is one.
final class DeadlineWatch: Sendable {
    private struct State {
        var wakesAt = Int64.max
        var task: Task<Void, Never>?
        var isStopped = false
    }

    private let clock: any HostClock
    private let expire: @Sendable (_ now: Int64) -> Int64?
    private let state = Guarded(State())

    /// Makes a watch.
    ///
    /// - Parameters:
    ///   - clock: the host's.
    ///   - expire: deals with what is due, and answers with the next deadline.
    init(clock: any HostClock, expire: @escaping @Sendable (_ now: Int64) -> Int64?) {
        self.clock = clock
        self.expire = expire
    }

    /// Wakes up no later than a deadline; 0 is none.
    func arm(_ deadline: Int64) {
        guard deadline > 0 else { return }
        state.withLock { state in
            guard deadline < state.wakesAt, !state.isStopped else { return }
            state.task?.cancel()
            state.wakesAt = deadline
            state.task = Task {
                await clock.wait(until: deadline)
                if !Task.isCancelled { fire() }
            }
        }
    }

    /// Ends the watch, and waits until its task has ended.
    func stop() async {
        let task = state.withLock { state in
            state.isStopped = true
            defer { state.task = nil }
            return state.task
        }
        task?.cancel()
        await task?.value
    }

    private func fire() {
        state.withLock { $0.wakesAt = .max }
        if let next = expire(clock.monotonicNanoseconds) { arm(next) }
    }
}
