import HoldfastChain
import HoldfastModel

/// What callers were told and readers saw, as far as later states are judged by it.
struct ExplorationHistory: Hashable {
    /// How a clear stands.
    enum Clear: UInt8 { case none, invoked, done, unknown, refused }
    /// How the clear stood when a message was submitted; `before`: the message was acknowledged before the clear came.
    enum Submission: Hashable { case before, during(Clear) }

    var acknowledged: Set<UInt8> = []
    /// Acknowledged from the log of one of several hosts.
    var degraded: Set<UInt8> = []
    /// What had been acknowledged when the primary lost its data.
    var acknowledgedAtLoss: Set<UInt8> = []
    var rejected: Set<UInt8> = []
    var submitted: [UInt8: Submission] = [:]
    var clear = Clear.none
    /// The clear was handed to the log by a host that knew of no recovery.
    var isClearLoggedWhileUp = false
    /// The clear was in doubt when its host crashed, and is asked for again.
    var isClearRetried = false
    /// The last read.
    var seen: [UInt8] = []
    /// Was read once and is gone.
    var gone: Set<UInt8> = []

    mutating func submits(_ operation: ExplorationOperation) {
        guard operation.isClear else {
            if submitted[operation.name] == nil { submitted[operation.name] = .during(clear) }
            return
        }
        guard clear == .none else { return }
        clear = .invoked
        for message in acknowledged { submitted[message] = .before }
    }

    mutating func acknowledges(_ operation: ExplorationOperation, isDegraded: Bool) {
        if operation.isClear {
            clear = .done
        } else if isDegraded {
            if !acknowledged.contains(operation.name) { degraded.insert(operation.name) }
        } else {
            acknowledged.insert(operation.name)
            degraded.remove(operation.name)
        }
    }

    /// With `isCertain` nothing of the operation is stored by an earlier try either.
    mutating func refuses(_ operation: ExplorationOperation, isCertain: Bool) {
        if operation.isClear {
            clear = isCertain ? .refused : .unknown
        } else if isCertain {
            rejected.insert(operation.name)
        }
    }

    mutating func doesNotKnow(_ operation: ExplorationOperation) {
        if operation.isClear { clear = .unknown }
    }

    /// Whether no clear can have taken a message.
    func mustStay(_ message: UInt8) -> Bool {
        if clear == .none || clear == .refused { return true }
        switch submitted[message] {
        case .during(.done), .during(.unknown), .during(.refused): return true
        default: return false
        }
    }

    var wasBefore: Set<UInt8> { Set(submitted.filter { $0.value == .before }.keys) }
}

// MARK: callers

extension ExplorationState {
    mutating func submit(_ x: Int) {
        let operation = setting.program.operations[x][hosts[x].position]
        let id = UInt64(x * 100 + hosts[x].position * 10 + (hosts[x].isRetry ? 1 : 0) + 1)
        history.submits(operation)
        hosts[x].request = id
        deliver(
            .submitted([
                CoreRequest(
                    id: id, changes: operation.changes,
                    idempotency: ExplorationStore.address(ofKey: operation.key), ack: setting.ack)
            ]), to: x)
    }

    /// The caller hears an answer, and goes on.
    mutating func hear(_ answer: CoreAnswer, of request: RequestID, on x: Int) {
        guard hosts[x].request == request else {
            complaint = "an answer that nobody waits for"
            return
        }
        let operation = setting.program.operations[x][hosts[x].position]
        switch answer {
        case .stored(_, _, let degradations):
            history.acknowledges(operation, isDegraded: degradations.contains(.idMayChange))
        case .duplicate: history.acknowledges(operation, isDegraded: false)
        case .refused(let error) where error.flags.contains(.maybeApplied): history.doesNotKnow(operation)
        case .refused:
            let isCertain = !hosts[x].isRetry
            if operation.isClear || !setting.program.repeatsMessage {
                history.refuses(operation, isCertain: isCertain)
            }
        case .outcomes: complaint = "outcomes for a request whose versions the host assigns"
        case .undecided: complaint = "a request without conditions is to be decided"
        }
        hosts[x].request = nil
        hosts[x].isRetry = false
        hosts[x].position += 1
    }

    /// The process is gone, and with it who waited.
    mutating func crash(_ x: Int, appended: Int, retries: Bool) {
        crashes += 1
        if hosts[x].request != nil {
            if retries {
                hosts[x].isRetry = true
                if setting.program.operations[x][hosts[x].position].isClear { history.isClearRetried = true }
            } else {
                history.doesNotKnow(setting.program.operations[x][hosts[x].position])
                hosts[x].position += 1
                hosts[x].isRetry = false
            }
        }
        hosts[x].crash(keeping: appended)
    }
}
