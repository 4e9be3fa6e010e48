private import Glibc

/// Where time comes from: everything that reads a clock reads this one, so that tests and simulations own it.
public protocol HostClock: Sendable {
    /// Nanoseconds that never go back.
    var monotonicNanoseconds: Int64 { get }
    /// Unix milliseconds, which may jump.
    var unixMilliseconds: Int64 { get }
    /// Suspends until the monotonic clock has reached a point, or the task is cancelled.
    func wait(until deadline: Int64) async
}

/// The clocks of the operating system.
public struct SystemClock: HostClock {
    /// Makes a clock.
    public init() {}

    /// `CLOCK_MONOTONIC`.
    public var monotonicNanoseconds: Int64 { Self.nanoseconds(of: CLOCK_MONOTONIC) }

    /// `CLOCK_REALTIME`.
    public var unixMilliseconds: Int64 { Self.nanoseconds(of: CLOCK_REALTIME) / 1_000_000 }

    /// Suspends until the monotonic clock has reached a point, or the task is cancelled.
    public func wait(until deadline: Int64) async {
        let remaining = deadline - monotonicNanoseconds
        guard remaining > 0 else { return }
        // A cancelled wait returns early, which is what its caller asked for.
        try? await ContinuousClock().sleep(for: .nanoseconds(remaining))
    }

    private static func nanoseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension HostClock {
    /// Suspends for a while, or until the task is cancelled.
    ///
    /// - Parameter duration: what is negative, or longer than 292 years, does not wait.
    public func wait(for duration: Duration) async {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (deadline, isTooLate) = whole.addingReportingOverflow(
            monotonicNanoseconds + attoseconds / 1_000_000_000)
        guard !isTooLong, !isTooLate else { return }
        await wait(until: deadline)
    }
}
