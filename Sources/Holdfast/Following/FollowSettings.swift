internal import HoldfastModel

/// How those who follow lists are kept up to date, and how much is kept for them.
public struct FollowSettings: Hashable, Sendable {
    /// How often the followed lists are looked at for what other hosts wrote; 10 milliseconds or more.
    ///
    /// What this process writes is seen at once. It is also how long a read that failed waits for the next attempt.
    public var pollInterval: Duration
    /// How many items one read of a list fetches; 1 to ``PageLimit/maximum``.
    public var pageCount: Int
    /// How many of the newest items of each followed list are kept for followers that are a little behind.
    public var keptCountMax: Int
    /// How many bytes of values are kept of each followed list; the newest item is kept whatever its size.
    public var keptByteCountMax: Int

    /// Makes settings.
    public init(
        pollInterval: Duration = .milliseconds(500), pageCount: Int = 64, keptCountMax: Int = 256,
        keptByteCountMax: Int = 1 << 20
    ) {
        self.pollInterval = max(pollInterval, .milliseconds(10))
        self.pageCount = min(max(pageCount, 1), PageLimit.maximum)
        self.keptCountMax = max(keptCountMax, 1)
        self.keptByteCountMax = max(keptByteCountMax, 0)
    }
}
