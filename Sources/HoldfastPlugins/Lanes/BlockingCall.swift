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
        /// Tells the operator that it takes longer.
        let warn: @Sendable (String) -> Void
    }

    private struct State<Value: Sendable> {
        var continuation: CheckedContinuation<Result<Value, HoldfastError>, Never>?
        var turn: ControlGate.Turn?
        var isAbandoned = false
        /// Until when it is waited for, which its plugin may have moved.
        var deadline: Int64
        /// What its plugin does in that time, until the operator was told.
        var untold: String?
        /// What the operator was told.
        var told: String?
    }

    /// How far ahead a plugin may move the deadline of its call, in nanoseconds.
    private static let extensionMax: Int64 = 600_000_000_000

    /// What runs on the thread.
    typealias Body<Value> =
        @Sendable (CallContext, ControlGate.Turn, @escaping PatienceTable.Extend) throws(HoldfastError) ->
        Value

    /// Runs a call.
    ///
    /// - Parameters:
    ///   - purpose: for messages, and until when.
    ///   - environment: threads and clock.
    ///   - gate: keeps it apart from other calls that open or close.
    ///   - dispose: takes a value for which nobody waits any more.
    ///   - body: blocks; it may move its deadline while somebody waits for it.
    /// - Returns: what the call returned before its deadline.
    /// - Throws: what the call threw; `timeout` when it is stuck, `unavailable` when too many already are.
    static func run<Value: Sendable>(
        _ purpose: Purpose, _ environment: LaneEnvironment, gate: ControlGate,
        dispose: @escaping @Sendable (Value) -> Void,
        _ body: @escaping Body<Value>
    ) async throws(HoldfastError) -> Value {
        guard !environment.stuck.isAtMost else { throw tooManyStuck(purpose.label, environment.stuck) }
        let state = Guarded(State<Value>(deadline: purpose.deadline))
        let watch = DeadlineWatch(clock: environment.clock) { now in
            expire(now, purpose, state, environment)
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
        _ body: Body<Value>
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
            try body(CallContext(deadline: purpose.deadline), turn) { deadline, reason in
                extend(state, to: deadline, reason, environment.clock.monotonicNanoseconds)
            }
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

    /// Moves the deadline, never back.
    private static func extend<Value: Sendable>(
        _ state: Guarded<State<Value>>, to deadline: Int64, _ reason: String, _ now: Int64
    ) -> Int64? {
        state.withLock { state in
            guard state.continuation != nil else { return nil }
            // Without a deadline there is nothing to move.
            guard state.deadline != 0 else { return 0 }
            state.deadline = max(state.deadline, min(deadline, now + extensionMax))
            if state.told != reason { state.untold = reason }
            return state.deadline
        }
    }

    /// What becomes of a call whose deadline has passed.
    private enum Expiry<Value: Sendable> {
        /// It has returned.
        case isOver
        /// Its plugin has moved the deadline.
        case goesOn(until: Int64, ControlGate.Turn?, untold: String?)
        case isAbandoned(CheckedContinuation<Result<Value, HoldfastError>, Never>, ControlGate.Turn?)
    }

    /// Gives up a call whose deadline has passed, unless its plugin has moved it.
    ///
    /// - Returns: when to look again.
    private static func expire<Value: Sendable>(
        _ now: Int64, _ purpose: Purpose, _ state: Guarded<State<Value>>, _ environment: LaneEnvironment
    ) -> Int64? {
        let expiry = state.withLock { state -> Expiry<Value> in
            guard let continuation = state.continuation else { return .isOver }
            let end = state.deadline + environment.abandonGrace
            guard end <= now else {
                state.told = state.untold ?? state.told
                return .goesOn(until: end, state.turn, untold: state.untold.take())
            }
            state.continuation = nil
            state.isAbandoned = true
            environment.stuck.add()
            return .isAbandoned(continuation, state.turn)
        }
        switch expiry {
        case .isOver: return nil
        case .goesOn(let end, let turn, let untold):
            // Others of its library have waited long enough.
            turn?.end()
            if let untold {
                purpose.warn("\(purpose.action) takes longer than its deadline allows: \(untold)")
            }
            return end
        case .isAbandoned(let continuation, let turn):
            turn?.end()
            let error = HoldfastError(
                .timeout, "\(purpose.label): \(purpose.action) took longer than its deadline allows")
            continuation.resume(returning: .failure(error))
            return nil
        }
    }

    /// Why nothing more is opened.
    static func tooManyStuck(_ label: String, _ stuck: StuckCalls) -> HoldfastError {
        HoldfastError(
            .unavailable,
            "\(label): \(stuck.count) calls are stuck in its plugin past their deadlines, the most that are "
                + "replaced; look at the backend, then restart the host")
    }
}
