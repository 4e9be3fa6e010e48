/// Assigns versions: a hybrid logical clock that never goes back and never repeats.
///
/// `next = max(clock, last + 1)`. Observing every version that is read makes a write that follows a read come after it,
/// whatever the clock of the host that wrote it says.
///
/// Source: Kulkarni et al., Logical Physical Clocks (2014); RFC 9562, section 6.2, method 1.
public struct VersionClock: Hashable, Sendable {
    /// The highest version that was assigned or observed.
    public private(set) var last: Version
    private let node: UInt64

    /// Starts a clock.
    ///
    /// - Parameters:
    ///   - node: what tells this process from others, 0 to ``Version/nodeMax``, drawn at random per start.
    ///   - last: the highest version known from an earlier start.
    public init(node: UInt64, last: Version = .zero) {
        self.node = node
        self.last = last
    }

    /// Assigns the next version.
    ///
    /// - Parameter milliseconds: the wall clock, in Unix milliseconds; it may go back.
    /// - Returns: a version above every one that was assigned or observed.
    public mutating func next(at milliseconds: UInt64) -> Version {
        var version = Version(
            milliseconds: Swift.max(milliseconds, last.milliseconds), counter: 0, node: node)
        if version <= last {
            version =
                last.counter < Version.counterMax
                ? Version(milliseconds: last.milliseconds, counter: last.counter + 1, node: node)
                : Version(milliseconds: last.milliseconds + 1, counter: 0, node: node)
        }
        last = version
        return version
    }

    /// Takes note of what was read: what is written next comes after it, whatever the other host's clock says.
    ///
    /// A version too far ahead of the clock is left alone; it would carry every later one with it.
    ///
    /// - Parameters:
    ///   - records: what was read.
    ///   - milliseconds: the time now, in Unix milliseconds.
    ///   - driftMax: how far ahead of it a version may be, in milliseconds; 0: as far as it likes.
    public mutating func observe(_ records: [Record], at milliseconds: UInt64, driftMax: UInt64) {
        for index in records.indices {
            let version = records[index].version
            guard version > last, driftMax == 0 || version.milliseconds <= milliseconds + driftMax else {
                continue
            }
            last = version
        }
    }

    /// Takes note of a version that another host assigned, or that an earlier start did.
    public mutating func observe(_ version: Version) {
        if version > last { last = version }
    }
}
