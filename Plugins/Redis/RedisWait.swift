internal import HoldfastProviderKit

/// How long one call waits for the server: until its deadline, then a moment for an answer that is on its
/// way.
struct RedisWait {
    /// How often a wait looks whether the caller took the request back, in milliseconds.
    private static let attention: Int64 = 50
    /// How long an answer may come after the deadline, in nanoseconds: without it the connection is given up.
    private static let grace: Int64 = 200_000_000

    private let call: CallContext
    private let host: HostServices
    /// When a bound of the plugin's own ends, such as that of connecting; 0 is never.
    private let bound: Int64
    private var end: Int64?
    /// Why nobody waits any more.
    private(set) var verdict: ProviderError.Code = .timeout

    /// Waits as long as a call lasts.
    ///
    /// - Parameters:
    ///   - call: deadline and cancellation.
    ///   - host: the clock.
    ///   - longest: a bound besides the deadline.
    init(_ call: CallContext, _ host: HostServices, atMost longest: Duration? = nil) {
        self.call = call
        self.host = host
        guard let longest else {
            bound = 0
            return
        }
        let (seconds, attoseconds) = longest.components
        bound = host.monotonicNanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// How long `poll` may wait, in milliseconds.
    var nextTimeout: Int32 {
        let edges = [end ?? 0, call.deadline, bound].filter { $0 != 0 }
        let edge = end ?? edges.min()
        guard let edge else { return Int32(Self.attention) }
        let left = (edge - host.monotonicNanoseconds) / 1_000_000 + 1
        return Int32(min(max(left, 0), Self.attention))
    }

    /// Looks at the clock and at the caller after a wait in which nothing happened.
    ///
    /// - Returns: whether to wait on.
    mutating func look() -> Bool {
        let now = host.monotonicNanoseconds
        if let end { return now < end }
        if bound != 0, now >= bound {
            verdict = .timeout
            return false
        }
        if call.isCancelled {
            verdict = .cancelled
        } else if call.deadline != 0, now >= call.deadline {
            verdict = .timeout
        } else {
            return true
        }
        end = now + Self.grace
        return true
    }
}

@available(*, unavailable) extension RedisWait: Sendable {}
