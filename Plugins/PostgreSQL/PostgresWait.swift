internal import HoldfastProviderKit

/// How long one call waits for the server: until its deadline, then a moment for the cancellation to arrive.
struct PostgresWait {
    /// What to do after a wait in which nothing happened.
    enum Step: Hashable, Sendable {
        case goOn
        /// Ask the server to stop the statement.
        case cancel
        /// The server does not even end what was cancelled.
        case giveUp
    }

    /// How often a wait looks whether the caller took the request back, in milliseconds.
    private static let attention: Int64 = 50
    /// How long a cancelled statement may take to end before the connection is given up, in nanoseconds.
    private static let grace: Int64 = 200_000_000

    private let call: CallContext?
    private let host: HostServices
    private var end: Int64?
    /// Why the statement was cancelled, if it was.
    private(set) var verdict: ProviderError.Code?

    /// Waits as long as a call lasts.
    init(_ call: CallContext, _ host: HostServices) {
        self.call = call
        self.host = host
    }

    /// Waits a moment, for what only cleans up.
    init(graceFrom host: HostServices) {
        call = nil
        self.host = host
        verdict = .timeout
        end = host.monotonicNanoseconds + Self.grace
    }

    /// How long `poll` may wait, in milliseconds.
    var nextTimeout: Int32 {
        let edge = end ?? call.flatMap { $0.deadline == 0 ? nil : $0.deadline }
        guard let edge else { return Int32(Self.attention) }
        let left = (edge - host.monotonicNanoseconds) / 1_000_000 + 1
        return Int32(min(max(left, 0), Self.attention))
    }

    /// Looks at the clock and at the caller.
    mutating func look() -> Step {
        if let end { return host.monotonicNanoseconds < end ? .goOn : .giveUp }
        guard let call else { return .giveUp }
        if call.isCancelled {
            verdict = .cancelled
        } else if call.deadline != 0, host.monotonicNanoseconds >= call.deadline {
            verdict = .timeout
        } else {
            return .goOn
        }
        end = host.monotonicNanoseconds + Self.grace
        return .cancel
    }
}

@available(*, unavailable) extension PostgresWait: Sendable {}
