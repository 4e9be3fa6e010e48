import HoldfastChain
import HoldfastModel
import Testing

@Suite("Chain core: how much goes to the primary at once")
struct BatchPaceTests {
    /// A pace that has seen batches of many sizes.
    private static func pace(
        append: Int64, batch: Int64, entry: Int64, counts: [Int] = [1, 40, 3, 60, 12, 25]
    ) -> BatchPace {
        var pace = BatchPace()
        for count in counts {
            pace.appended(nanoseconds: append)
            pace.applied(count, nanoseconds: batch + entry * Int64(count))
        }
        return pace
    }

    @Test("before anything is known, everything that is ready goes")
    func unknown() {
        var pace = BatchPace()
        #expect(pace.limit(inFlightCount: 64) == .max)
        for _ in 0..<20 {
            pace.appended(nanoseconds: 1_000_000)
            pace.applied(1, nanoseconds: 100_000)
        }
        #expect(pace.batchTime == nil)
        #expect(pace.limit(inFlightCount: 64) == .max)
    }

    @Test("what a batch takes by itself is found beside what its entries take")
    func line() throws {
        let pace = Self.pace(append: 300_000, batch: 120_000, entry: 25_000)
        let batchTime = try #require(pace.batchTime)
        #expect(abs(batchTime - 120_000) < 1)
    }

    @Test("where a batch takes less than an append, half of what is in flight goes, also as it shrinks")
    func halves() {
        var pace = Self.pace(append: 300_000, batch: 120_000, entry: 25_000)
        #expect(pace.limit(inFlightCount: 64) == 32)
        #expect(pace.limit(inFlightCount: 1) == 1)
        pace.sent(inFlightCount: 64)
        #expect(pace.limit(inFlightCount: 34) == 32)
        for _ in 0..<100 { pace.sent(inFlightCount: 4) }
        #expect(pace.limit(inFlightCount: 4) == 2)
    }

    @Test("where a batch takes longer than an append, everything goes")
    func wholes() {
        let pace = Self.pace(append: 300_000, batch: 2_000_000, entry: 25_000)
        #expect(pace.limit(inFlightCount: 64) == .max)
    }

    @Test("batches of one size say nothing new, and what was known stays")
    func sameSize() {
        var pace = Self.pace(append: 300_000, batch: 120_000, entry: 25_000)
        for _ in 0..<100 { pace.applied(32, nanoseconds: 920_000) }
        #expect(pace.batchTime.map { $0 < 300_000 } == true)
        #expect(pace.limit(inFlightCount: 64) == 32)
    }

    @Test("whatever is measured, no less than half of what is in flight may go, and at least one entry")
    func bounds() {
        let times: [Int64] = [0, 1, 1_000, 5_000_000, .max / 2]
        for append in times {
            for batch in times {
                for inFlight in [0, 1, 2, 7, 5000] {
                    var pace = Self.pace(append: append, batch: batch, entry: 0, counts: [0, 900, 1, 0, 3])
                    pace.sent(inFlightCount: 100)
                    #expect(pace.limit(inFlightCount: inFlight) >= max(1, inFlight / 2))
                }
            }
        }
    }

    @Test("a primary that serves is given half, and the rest in order when it has applied that")
    func core() {
        var bench = CoreBench.up()
        bench.set(Self.pace(append: 300_000, batch: 120_000, entry: 25_000))
        bench.submit(1, [CoreBench.put("1")])
        for id in 2...9 { bench.submit(RequestID(id), [CoreBench.put("\(id)")]) }
        bench.finishAppend()
        #expect(bench.takeApply()?.count == 1)
        bench.finishAppend()
        bench.step(.primaryApplied(bench.core.primary.generation, [[.applied]]))
        #expect(bench.answers.keys.sorted() == [1])
        #expect(bench.takeApply()?.map(\.lsn) == [2, 3, 4, 5, 6])
        bench.step(
            .primaryApplied(bench.core.primary.generation, Array(repeating: [.applied], count: 5)))
        #expect(bench.answers.keys.sorted() == [1, 2, 3, 4, 5, 6])
        #expect(bench.takeApply()?.map(\.lsn) == [7, 8, 9])
    }

    @Test("what is pending is caught up whole, however the primary was paced when it served")
    func catchingUp() {
        let entries = (1...8).map { number in
            var change = CoreBench.put("\(number)")
            change.assign(Version(milliseconds: UInt64(number), counter: 0, node: 1))
            return LogEntry(.changes([change], supersedes: nil), resolvedThrough: 0)
        }
        var bench = CoreBench(log: entries)
        bench.set(Self.pace(append: 300_000, batch: 120_000, entry: 25_000))
        bench.connectPrimary()
        #expect(bench.takeApply()?.count == 8)
    }
}
