internal import HoldfastSupport

/// Lets one opening or closing call of a plugin run at a time.
///
/// The contract promises a plugin that its `[control]` functions never meet. A call that is stuck past its deadline gives
/// its turn up: the plugin broke its own promise, and must not stall every other store of its library.
final class ControlGate: Sendable {
    /// A turn at the gate.
    final class Turn: Sendable {
        private let gate: ControlGate
        private let isOver = Guarded(false)

        fileprivate init(_ gate: ControlGate) { self.gate = gate }

        /// Ends the turn; harmless the second time.
        func end() {
            let isFirst = isOver.withLock { isOver in
                defer { isOver = true }
                return !isOver
            }
            guard isFirst else { return }
            gate.isTaken.withLock { $0 = false }
            gate.isTaken.signal()
        }

        deinit { end() }
    }

    private let isTaken = Monitor(false)

    /// Waits for a turn; for lane threads only.
    func take() -> Turn {
        isTaken.withLock { isTaken -> Monitor<Bool>.Step<Void> in
            guard !isTaken else { return .wait }
            isTaken = true
            return .done(())
        }
        return Turn(self)
    }
}
