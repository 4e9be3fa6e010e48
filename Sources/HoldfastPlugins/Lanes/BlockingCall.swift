internal import HoldfastModel
internal import HoldfastSupport

/// One call that blocks, on a thread of its own, with somebody who watches its deadline.
///
/// For opening and checking, which are rare; what comes back after the deadline is disposed of on that thread.
enum BlockingCall {
    /// What a call is about.
    struct Purpose: Sendable {
        /// `archive (sqlite)`, for messages.
        let label: String
        /// What it does, for messages: `opening it`.
        let action: String
        /// Monotonic nanoseconds; 0 is never.
        let deadline: Int64
    }

    private struct State<Value: Sendable> {
        var continuation: CheckedContinuation<Result<Value, HoldfastError>, Never>?
        var turn: ControlGate.Turn?
        var isAbandoned = false
    }

    /// Runs a call.
    ///
    /// - Parameters:
    ///   - purpose: for messages, and until when.
    ///   - environment: threads and clock.
    ///   - gate: keeps it apart from other calls that open or close.
    ///   - dispose: takes a value for which nobody waits any more.
    ///   - body: blocks.
    /// - Returns: what the call returned before its deadline.
    /// - Throws: what the call threw; `timeout` when it is stuck, `unavailable` when too many already are.
    static func run<Value: Sendable>(
        _ purpose: Purpose, _ environment: LaneEnvironment, gate: ControlGate,
        dispose: @escaping @Sendable (Value) -> Void,
        _ body: @escaping @Sendable (CallContext, ControlGate.Turn) throws(HoldfastError) -> Value
    ) async throws(HoldfastError) -> Value {
        guard !environment.stuck.isAtMost else { throw tooManyStuck(purpose.label, environment.stuck) }
        let state = Guarded(State<Value>())
        let watch = DeadlineWatch(clock: environment.clock) { _ in
            abandon(purpose, state, environment)
            return nil
        }
        let result = await withCheckedContinuation { continuation in
            state.withLock { $0.continuation = continuation }
            let isStarted = environment.spawner.spawn("hf-open") {
                perform(purpose, state, environment, gate, dispose, body)
            }
            if !isStarted {
                let error = HoldfastError(
                    .exhausted, "\(purpose.label): the system has no thread left for \(purpose.action)")
                state.withLock { $0.continuation.take() }?.resume(returning: .failure(error))
            }
            if purpose.deadline != 0 { watch.arm(purpose.deadline + environment.abandonGrace) }
        }
        await watch.stop()
        return try result.get()
    }

    private static func perform<Value: Sendable>(
        _ purpose: Purpose, _ state: Guarded<State<Value>>, _ environment: LaneEnvironment,
        _ gate: ControlGate,
        _ dispose: @Sendable (Value) -> Void,
        _ body: @Sendable (CallContext, ControlGate.Turn) throws(HoldfastError) -> Value
    ) {
        let turn = gate.take()
        let isWanted = state.withLock { state in
            state.turn = turn
            return !state.isAbandoned
        }
        guard isWanted else {
            turn.end()
            environment.stuck.remove()
            return
        }
        let result = Result { () throws(HoldfastError) in
            try body(CallContext(deadline: purpose.deadline), turn)
        }
        turn.end()
        let continuation = state.withLock { $0.continuation.take() }
        if let continuation {
            continuation.resume(returning: result)
        } else {
            if case .success(let value) = result { dispose(value) }
            environment.stuck.remove()
        }
    }

    private static func abandon<Value: Sendable>(
        _ purpose: Purpose, _ state: Guarded<State<Value>>, _ environment: LaneEnvironment
    ) {
        let (continuation, turn) = state.withLock { state in
            guard let continuation = state.continuation.take() else {
                return (
                    CheckedContinuation<Result<Value, HoldfastError>, Never>?.none, ControlGate.Turn?.none
                )
            }
            state.isAbandoned = true
            environment.stuck.add()
            return (continuation, state.turn)
        }
        turn?.end()
        let error = HoldfastError(
            .timeout, "\(purpose.label): \(purpose.action) took longer than its deadline allows")
        continuation?.resume(returning: .failure(error))
    }

    /// Why nothing more is opened.
    static func tooManyStuck(_ label: String, _ stuck: StuckCalls) -> HoldfastError {
        HoldfastError(
            .unavailable,
            "\(label): \(stuck.count) calls are stuck in its plugin past their deadlines, the most that are "
                + "replaced; look at the backend, then restart the host")
    }
}
