import FileLog
import HoldfastSupport
import Testing

@Suite("File log, simulated power cuts")
struct CrashTests {
    private static func callCount() -> Int {
        let bench = LogBench(segmentByteCount: 16384)
        var model = LogModel()
        LogWorkload.run(bench, &model)
        return bench.disk.callCount
    }

    @Test(
        "the power may go at every call: nothing acknowledged is lost, nothing is invented", arguments: 0..<8)
    func everyCall(slice: Int) throws {
        let count = Self.callCount()
        #expect(count > 150)
        for call in stride(from: slice, to: count, by: 8 * Self.step) {
            for outcome in 0..<CrashTests.outcomeCount {
                let context = "power cut at call \(call), outcome \(outcome)"
                let bench = LogBench(segmentByteCount: 16384)
                bench.disk.plan { $0 == call ? .powerCut : nil }
                var model = LogModel()
                LogWorkload.run(bench, &model)
                var random = SeededGenerator(seed: UInt64(call * 1000 + outcome))
                bench.disk.cutPower(&random)
                let log = try bench.open(seed: 99)
                try model.check(log, context)
                model.mustAppend([100, 200], to: log)
                try model.check(log, context)
                // Once more, in the middle of what the second process does.
                let second = Int(random.next() % 12)
                bench.disk.plan { $0 == second ? .powerCut : nil }
                for _ in 0..<4 { model.append([500, 3000], to: log) }
                bench.disk.cutPower(&random)
                try model.check(bench.open(seed: 100), "\(context), then at \(second)")
            }
        }
    }

    #if DEBUG
        static let outcomeCount = 1
        static let step = 3
        static let sectorCount = 6
    #else
        static let outcomeCount = 8
        static let step = 1
        static let sectorCount = 10
    #endif

    @Test("M05 every subset of the sectors of the last batch is a torn tail", arguments: 0..<12)
    func sectorSubsets(layout: Int) throws {
        let bench = LogBench(segmentByteCount: 32768)
        let before = try bench.open(seed: UInt64(layout))
        var model = LogModel()
        for step in 0..<layout * 3 { model.append([step * 331 % 4000], to: before) }
        if layout % 2 == 1 {
            // Segments that were used before hold whole records of an earlier life.
            model.trim(before: UInt64(layout * 3 - 2), before)
            before.tidy()
            for step in 0..<6 { model.append([step * 977 % 5000, 10], to: before) }
        }
        if layout % 3 == 0 {
            bench.clock.advance(milliseconds: 60)
            before.tidy()
        }
        bench.disk.plan { [1, 2].contains($0) ? .powerCut : nil }
        model.append(layout % 4 == 0 ? [700, 900, 300] : [layout * 250, 40, 40], to: before)
        let tail = try #require(
            bench.segmentNumbers.max { left, right in
                bench.disk.dirtyCount(bench.segment(left)) < bench.disk.dirtyCount(bench.segment(right))
            })
        let path = bench.segment(tail)
        let sectors = min(bench.disk.dirtyCount(path), Self.sectorCount)
        for subset in 0..<(1 << sectors) {
            let copy = bench.copied()
            copy.disk.cutPower(path: path) { subset >> ($0 % Self.sectorCount) & 1 == 1 }
            var expected = model
            let log = try copy.open(seed: 5)
            try expected.check(log, "layout \(layout), sectors \(String(subset, radix: 2))")
            expected.mustAppend([64], to: log)
            log.close()
            try expected.check(
                copy.open(seed: 6), "layout \(layout), sectors \(String(subset, radix: 2)), again")
        }
    }

    @Test("a batch that was never synced may be whole after a kill, and is then there for good")
    func killBeforeSync() throws {
        let bench = LogBench()
        let log = try bench.open()
        var model = LogModel()
        model.append([10], to: log)
        bench.disk.plan { $0 == 1 ? .powerCut : nil }
        model.append([20, 30], to: log)
        bench.disk.kill()
        let again = try bench.open()
        try model.check(again, "after the kill")
        model.append([5], to: again)
        var random = SeededGenerator(seed: 3)
        bench.disk.cutPower(&random)
        try model.check(bench.open(), "after the power cut")
    }
}
