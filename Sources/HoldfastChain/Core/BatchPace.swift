/// How many entries the primary is given at once.
///
/// Callers that are answered together come back together: the log then takes all their next requests while the primary
/// idles, and idles while the primary applies them. Half of those in flight at a time keeps both at work. It costs what
/// a batch costs by itself, whatever is in it, and gains about what an append to the log takes: a primary in this
/// process is given halves, one behind a slow network everything that is ready.
package struct BatchPace: Hashable, Sendable {
    /// A mean over about the last sixteen observations.
    private struct Mean: Hashable, Sendable {
        private(set) var value = 0.0
        private var isEmpty = true

        mutating func add(_ observation: Double) {
            value += (observation - value) / (isEmpty ? 1 : 16)
            isEmpty = false
        }
    }

    private var appendTime = Mean()
    private var count = Mean()
    private var time = Mean()
    private var countSquared = Mean()
    private var countByTime = Mean()
    /// The most entries that were lately in flight.
    private var inFlight = 0.0
    /// What a batch takes whatever is in it, in nanoseconds; nothing before batches of different sizes were seen.
    package private(set) var batchTime: Double?

    /// A pace at which everything that is ready goes.
    package init() {}

    /// Takes note of an append to the log.
    package mutating func appended(nanoseconds: Int64) { appendTime.add(Double(nanoseconds)) }

    /// Takes note of a batch that the primary has applied.
    ///
    /// A straight line through the latest batches says what an entry takes, and what a batch takes by itself. Batches of
    /// nearly the same size say neither; then what was known stays.
    package mutating func applied(_ entryCount: Int, nanoseconds: Int64) {
        let (entries, taken) = (Double(entryCount), Double(nanoseconds))
        count.add(entries)
        time.add(taken)
        countSquared.add(entries * entries)
        countByTime.add(entries * taken)
        let variance = countSquared.value - count.value * count.value
        guard variance > 1, variance > count.value * count.value / 16 else { return }
        let entryTime = max(0, (countByTime.value - count.value * time.value) / variance)
        batchTime = max(0, time.value - entryTime * count.value)
    }

    /// How many entries may go now.
    ///
    /// - Parameter inFlightCount: entries of this host that are not answered yet, those that are ready included.
    /// - Returns: at least 1.
    package func limit(inFlightCount: Int) -> Int {
        guard isHalving else { return .max }
        return max(1, Int((max(Double(inFlightCount), inFlight) / 2).rounded(.up)))
    }

    /// Takes note of how much is in flight as a batch goes.
    package mutating func sent(inFlightCount: Int) {
        guard isHalving else { return }
        inFlight = max(Double(inFlightCount), inFlight * 15 / 16)
    }

    private var isHalving: Bool { batchTime.map { $0 < appendTime.value } ?? false }
}
