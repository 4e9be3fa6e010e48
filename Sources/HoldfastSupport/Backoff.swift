/// How long to wait before a provider is tried again: exponential, with jitter, bounded.
public struct Backoff: Hashable, Sendable {
    /// The first wait.
    public let initial: Duration
    /// The longest wait.
    public let maximum: Duration

    /// Makes a schedule.
    public init(initial: Duration = .milliseconds(100), maximum: Duration = .seconds(30)) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The wait before an attempt.
    ///
    /// - Parameters:
    ///   - attempt: from 1.
    ///   - random: 64 random bits; the wait lies between half and the whole of the exponential step.
    /// - Returns: how long to wait.
    public func delay(attempt: Int, random: UInt64) -> Duration {
        let step = min(initial * (1 << min(attempt - 1, 20)), maximum)
        return step / 2 + step / 2 * (Double(random >> 11) / Double(1 << 53))
    }
}
