import FileLog
import HoldfastProviderKit
import HoldfastSupport
import Testing

@Suite("File log, failing disk")
struct FaultTests {
    static let faults: [SimulatedDisk.Fault] = [
        .error(FileSystemError.inputOutput), .error(FileSystemError.noSpace), .short,
    ]

    @Test(
        "each call may fail, once or from then on: what is acknowledged stays", arguments: faults,
        [true, false])
    func everyCall(fault: SimulatedDisk.Fault, isPersistent: Bool) throws {
        for call in stride(from: 0, to: 220, by: FaultTests.step) {
            let context = "\(fault) at call \(call)\(isPersistent ? " and later" : "")"
            let bench = LogBench(segmentByteCount: 16384)
            bench.disk.plan { number in
                (isPersistent ? number >= call : number == call) ? fault : nil
            }
            var model = LogModel()
            LogWorkload.run(bench, &model)
            let killed = bench.copied()
            var afterKill = model
            let reopened = try killed.open(seed: 41)
            try afterKill.check(reopened, "\(context), killed")
            afterKill.mustAppend([77], to: reopened)
            reopened.close()
            try afterKill.check(killed.open(seed: 43), "\(context), killed and closed")
            var random = SeededGenerator(seed: UInt64(call))
            bench.disk.cutPower(&random)
            let cut = try bench.open(seed: 42)
            try model.check(cut, "\(context), power cut")
            model.mustAppend([77], to: cut)
        }
    }

    #if DEBUG
        static let step = 7
    #else
        static let step = 1
    #endif

    @Test(
        "M07 a sync that fails sends the batch to a fresh segment, and the failed file is never touched again"
    )
    func failedSync() throws {
        let bench = LogBench()
        let log = try bench.open()
        var model = LogModel()
        model.mustAppend([100], to: log)
        let before = bench.segmentNumbers
        bench.disk.plan { $0 == 1 ? .error(FileSystemError.inputOutput) : nil }
        model.mustAppend([200, 300], to: log)
        #expect(bench.segmentNumbers.count > before.count)
        let bytes = bench.disk[bench.segment(before[before.count - 1])]
        for _ in 0..<5 { model.mustAppend([400], to: log) }
        #expect(bench.disk[bench.segment(before[before.count - 1])] == bytes)
        try model.check(log, "running")
        var random = SeededGenerator(seed: 8)
        bench.disk.cutPower(&random)
        try model.check(bench.open(), "after a power cut")
    }

    @Test("two failures in a row make the log unavailable, and it recovers when the disk does")
    func twoFailures() throws {
        let bench = LogBench()
        let log = try bench.open()
        var model = LogModel()
        model.mustAppend([100], to: log)
        log.tidy()
        bench.disk.plan { $0 >= 1 ? .error(FileSystemError.inputOutput) : nil }
        let error = #expect(throws: ProviderError.self) { try log.append([[1], [2]]) }
        #expect(error?.code == .unavailable)
        #expect(error?.flags == [.retryable, .maybeApplied])
        let refused = #expect(throws: ProviderError.self) { try log.append([[3]]) }
        #expect(refused?.code == .unavailable)
        #expect(refused?.flags == .retryable)
        #expect(try log.entries().count == 1)
        bench.disk.plan { _ in nil }
        bench.clock.advance(milliseconds: 1001)
        model.mustAppend([200], to: log)
        try model.check(log, "recovered")
        log.close()
        try model.check(bench.open(), "opened again")
    }

    @Test(
        "what is appended goes to no file that nobody would find, and the log goes on once it is there again")
    func displaced() throws {
        let bench = LogBench()
        let log = try bench.open()
        var model = LogModel()
        model.mustAppend([100], to: log)
        let path = bench.segment(bench.segmentNumbers[0])
        try bench.disk.rename(path, to: "/away")
        let refusal = #expect(throws: ProviderError.self) { try log.append([[1]]) }
        #expect(refusal?.code == .unavailable && refusal?.flags == .retryable)
        #expect(refusal?.message.contains(path) == true)
        try bench.disk.rename("/away", to: path)
        model.mustAppend([200], to: log)
        try model.check(log, "running")
        log.close()
        try model.check(bench.open(), "opened again")
    }

    @Test("a full disk is exhausted with a time to retry, reads go on, and it recovers by itself")
    func fullDisk() throws {
        let bench = LogBench(segmentByteCount: 16384)
        let log = try bench.open()
        var model = LogModel()
        bench.disk.plan { _ in nil }
        model.mustAppend([3000], to: log)
        bench.disk.plan { _ in .error(FileSystemError.noSpace) }
        var refusal: ProviderError?
        for _ in 0..<10 where refusal == nil {
            do throws(ProviderError) { try log.append([[UInt8](repeating: 1, count: 5000)]) } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .exhausted)
        #expect((refusal?.retryAfterMilliseconds ?? 0) > 0)
        #expect(try log.entries().count == 1)
        bench.disk.plan { _ in nil }
        bench.clock.advance(milliseconds: 1001)
        model.mustAppend([100], to: log)
    }
}
