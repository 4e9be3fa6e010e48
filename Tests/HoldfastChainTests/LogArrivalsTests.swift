import HoldfastModel
import HoldfastSupport
import Testing

@testable import HoldfastChain

@Suite("How long entries have been in the log") struct LogArrivalsTests {
    private static let second: Int64 = 1_000_000_000

    @Test("an entry that comes after a pause has its own time, whatever came before it")
    func pause() {
        var arrivals = LogArrivals()
        arrivals.note(through: 5, at: 0)
        arrivals.note(through: 6, at: 100 * Self.second)
        #expect(arrivals.age(of: 5, at: 101 * Self.second) == 101 * Self.second)
        #expect(arrivals.age(of: 6, at: 101 * Self.second) == Self.second)
        #expect(arrivals.age(of: 7, at: 101 * Self.second) == nil)
    }

    @Test("under steady writes an entry is at most a tenth of a second older than it says")
    func steady() throws {
        var arrivals = LogArrivals()
        let step = Self.second / 1000
        for lsn in UInt64(1)...5000 { arrivals.note(through: lsn, at: Int64(lsn) * step) }
        let now = 5000 * step
        for lsn in stride(from: UInt64(1), through: 5000, by: 7) {
            let age = try #require(arrivals.age(of: lsn, at: now))
            let truth = now - Int64(lsn) * step
            #expect(age >= truth && age < truth + LogArrivals.resolution)
        }
    }

    @Test(
        "months of writes cost no more than an hour of them, and ages stay within a thirtieth",
        arguments: [1, 15, 600])
    func month(pause: Int64) {
        var arrivals = LogArrivals()
        let step = pause * Self.second
        let count: UInt64 = 12_000
        for lsn in 1...count { arrivals.note(through: lsn, at: Int64(lsn) * step) }
        #expect(arrivals.count <= LogArrivals.countMax)
        let now = Int64(count) * step
        var wrong: [UInt64] = []
        for lsn in stride(from: 1, through: count, by: 97) {
            let truth = now - Int64(lsn) * step
            let age = arrivals.age(of: lsn, at: now) ?? -1
            if age < truth || age > truth + truth / LogArrivals.precision + step { wrong.append(lsn) }
        }
        #expect(wrong.isEmpty, "\(wrong.count) of \(count), from \(wrong.prefix(3))")
    }

    @Test("what an earlier life of the host wrote is as old as its version says")
    func earlierLife() {
        let clock = SystemClock()
        var arrivals = LogArrivals()
        var record = Record(namespace: "n", key: "k", value: "1")
        record.version = Version(
            milliseconds: UInt64(clock.unixMilliseconds - 3_600_000), counter: 0, node: 0)
        arrivals.note(
            LogEntry(.changes([Change(.put, record)], supersedes: nil), resolvedThrough: 0), at: 1, clock)
        let age = arrivals.age(of: 1, at: clock.monotonicNanoseconds) ?? 0
        #expect(age >= 3_600 * Self.second && age < 7_200 * Self.second)
    }
}
