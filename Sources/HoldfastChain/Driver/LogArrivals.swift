import DequeModule
import HoldfastModel
import HoldfastSupport

/// When the entries of a log came, closely enough to say how long a provider has been behind.
///
/// Entries that come within a tenth of a second share a time. So that a backup that is away for weeks costs no more than
/// one that is not, older times get coarser: they stay within a thirtieth of what they tell.
struct LogArrivals: Sendable {
    /// The first entry that came at a time, which holds for those after it up to the next.
    private struct Arrival: Sendable {
        let lsn: LogSequenceNumber
        let time: Int64
    }

    /// How many nanoseconds after an entry others count as having come with it.
    static let resolution: Int64 = 100_000_000
    /// The share of an age that it may be wrong by.
    static let precision: Int64 = 32
    /// The most times that are kept; thinned, those of a century are fewer.
    static let countMax = 2048

    /// A version that claims to be older, in milliseconds, was not made by a clock.
    private static let ageMax: Int64 = 100 * 365 * 86_400_000

    private var arrivals: Deque<Arrival> = []
    private var last: LogSequenceNumber = 0

    /// How many times it keeps.
    var count: Int { arrivals.count }

    /// Takes note of the entries up to a position.
    ///
    /// - Parameters:
    ///   - lsn: the last position that there is now.
    ///   - time: monotonic nanoseconds; one before the latest counts as the latest.
    mutating func note(through lsn: LogSequenceNumber, at time: Int64) {
        guard lsn > last else { return }
        defer { last = lsn }
        if let latest = arrivals.last {
            guard time - latest.time >= Self.resolution else { return }
            if arrivals.count >= Self.countMax { thin(at: time) }
        }
        arrivals.append(Arrival(lsn: last + 1, time: time))
    }

    /// Takes note of an entry of an earlier life of the host, whose versions say when they were made.
    mutating func note(_ entry: LogEntry, at lsn: LogSequenceNumber, _ clock: any HostClock) {
        guard case .changes(let changes, _) = entry.body, let version = changes.first?.record.version else {
            return
        }
        let age = max(0, clock.unixMilliseconds - Int64(clamping: version.milliseconds))
        note(through: lsn, at: clock.monotonicNanoseconds - min(age, Self.ageMax) * 1_000_000)
    }

    /// How many nanoseconds ago an entry came; nothing for one that was not noted.
    func age(of lsn: LogSequenceNumber, at time: Int64) -> Int64? {
        guard lsn <= last else { return nil }
        var (low, high) = (0, arrivals.count)
        while low < high {
            let middle = (low + high) / 2
            if arrivals[middle].lsn <= lsn { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? max(0, time - arrivals[low - 1].time) : nil
    }

    /// Leaves out what makes no difference: a time whose neighbours are close, for how long ago they are.
    private mutating func thin(at now: Int64) {
        var kept: Deque<Arrival> = []
        for (index, arrival) in arrivals.enumerated() {
            if index + 1 < arrivals.count, let before = kept.last {
                let after = arrivals[index + 1].time
                if after - before.time <= (now - after) / Self.precision { continue }
            }
            kept.append(arrival)
        }
        arrivals = kept
    }
}
