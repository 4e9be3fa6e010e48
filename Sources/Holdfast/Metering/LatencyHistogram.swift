/// How often something took how long, in fixed steps from 100 µs to 10 s.
public struct LatencyHistogram: Hashable, Sendable {
    /// The upper bound of each step, itself included, in nanoseconds.
    ///
    /// What takes longer is counted in one more step, which has none.
    public static let bounds: [Int64] = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    /// How many fell into each step; one more than there are ``bounds``.
    public private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    /// How many there were.
    public private(set) var count: UInt64 = 0
    /// How long they took together, in nanoseconds.
    public private(set) var sum: Int64 = 0

    /// Starts at nothing.
    public init() {}

    /// Counts one; less than nothing counts as nothing.
    public mutating func add(nanoseconds: Int64) {
        let duration = max(0, nanoseconds)
        counts[Self.bounds.firstIndex { duration <= $0 } ?? Self.bounds.count] += 1
        count += 1
        sum &+= duration
    }
}
