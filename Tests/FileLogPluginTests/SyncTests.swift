import FileLog
import HoldfastProviderKit
import HoldfastSupport
import Testing

@Suite("File log, relaxed syncing")
struct SyncTests {
    @Test("a log that never syncs loses only what was not flushed, and takes no loss for damage")
    func never() throws {
        for seed in UInt64(0)..<20 {
            var bench = LogBench(segmentByteCount: 16384)
            bench.options.sync = .never
            let log = try bench.open()
            for lsn in UInt64(1)...10 { try log.append([entry(lsn, byteCount: 900)]) }
            try log.flush()
            for lsn in UInt64(11)...40 { try log.append([entry(lsn, byteCount: 900)]) }
            bench.clock.advance(milliseconds: 100)
            log.tidy()
            var random = SeededGenerator(seed: seed)
            bench.disk.cutPower(&random)
            let again = try bench.open()
            #expect(again.damage == nil, "seed \(seed): \(again.damage?.message ?? "")")
            let held = try again.entries()
            #expect(held.count >= 10, "seed \(seed)")
            #expect(held.allSatisfy { $0.value == entry($0.key, byteCount: 900) }, "seed \(seed)")
            #expect(held.count == Int(again.bounds.last), "seed \(seed)")
        }
    }

    @Test("an interval is counted from the first entry that waits")
    func interval() throws {
        var bench = LogBench()
        bench.options.sync = .every(nanoseconds: 100_000_000)
        #expect(!bench.options.isDurable)
        let log = try bench.open()
        for lsn in UInt64(1)...4 {
            try log.append([entry(lsn)])
            log.tidy()
            bench.clock.advance(milliseconds: 30)
        }
        log.tidy()
        bench.disk.cutPower(path: "", keeping: { _ in false })
        #expect(try bench.open().entries().count == 4)
    }

    @Test("after a sync that failed such a log must be opened again")
    func failure() throws {
        var bench = LogBench()
        bench.options.sync = .never
        let log = try bench.open()
        try log.append([entry(1)])
        bench.disk.plan { $0 == 0 ? .error(FileSystemError.inputOutput) : nil }
        #expect(throws: ProviderError.self) { try log.flush() }
        let error = #expect(throws: ProviderError.self) { try log.append([entry(2)]) }
        #expect(error?.flags.contains(.storeDead) == true)
        #expect(error?.flags.contains(.maybeApplied) == false)
        log.close()
        let again = try bench.open()
        #expect(try again.append([entry(2)]) == 2)
    }
}
