import FileLog
import HoldfastProviderKit
import Testing

@Suite("File log")
struct FileLogTests {
    @Test("an empty log begins at 1 and holds nothing")
    func empty() throws {
        let log = try LogBench().open()
        #expect(log.bounds == LogBounds(first: 1, last: 0, byteCount: 0))
        #expect(try log.entries().isEmpty)
        log.close()
    }

    @Test("entries come back byte for byte, in order, also after the log was opened again")
    func roundTrip() throws {
        let bench = LogBench()
        var expected: [UInt64: [UInt8]] = [:]
        for round in 0..<3 {
            let log = try bench.open(seed: UInt64(round))
            for batch in 0..<40 {
                let first = log.bounds.last + 1
                let entries = (0..<(batch % 7) + 1).map { index in
                    entry(first + UInt64(index), byteCount: (batch * 37 + index * 113) % 2000)
                }
                #expect(try log.append(entries) == first)
                for (index, bytes) in entries.enumerated() { expected[first + UInt64(index)] = bytes }
            }
            #expect(try log.entries() == expected)
            log.close()
        }
        let log = try bench.open()
        #expect(try log.entries() == expected)
        #expect(log.bounds.last == UInt64(expected.count))
        #expect(bench.segmentNumbers.count > 3)
    }

    @Test("a read starts at any entry and stops after so many bytes, one entry at least")
    func readWindows() throws {
        let log = try LogBench().open()
        for lsn in 1...500 { try log.append([entry(UInt64(lsn), byteCount: 900)]) }
        for start in stride(from: UInt64(1), through: 500, by: 71) {
            #expect(try log.entries(from: start, byteCountMax: 1).keys.sorted() == [start])
            #expect(try log.entries(from: start, byteCountMax: 2700).count == min(3, Int(501 - start)))
            #expect(try log.entries(from: start).count == Int(501 - start))
        }
        #expect(try log.entries(from: 501).isEmpty)
        #expect(try log.entries(from: 0).count == 500)
    }

    @Test(
        "entries larger than a segment get a segment of their own size",
        arguments: [0, 65535, 200_000, 17 << 20])
    func largeEntries(byteCount: Int) throws {
        let bench = LogBench()
        let log = try bench.open()
        let large = [UInt8](repeating: 7, count: byteCount)
        try log.append([entry(1)])
        #expect(try log.append([large, entry(3)]) == 2)
        try log.append([entry(4)])
        let expected: [UInt64: [UInt8]] = [1: entry(1), 2: large, 3: entry(3), 4: entry(4)]
        #expect(try log.entries() == expected)
        log.close()
        #expect(try bench.open().entries() == expected)
    }

    @Test("a segment of its own size comes after the spare that was ready before it")
    func largeEntryBesideSpare() throws {
        let bench = LogBench(segmentByteCount: 16384)
        let log = try bench.open()
        try log.append([entry(1)])
        log.tidy()
        try log.append([entry(2, byteCount: 30_000)])
        try log.append([entry(3)])
        log.close()
        let again = try bench.open()
        #expect(again.damage == nil)
        #expect(try again.entries() == [1: entry(1), 2: entry(2, byteCount: 30_000), 3: entry(3)])
    }

    @Test("an append of nothing changes nothing")
    func nothing() throws {
        let log = try LogBench().open()
        #expect(try log.append([]) == 1)
        #expect(log.bounds.last == 0)
    }

    @Test("trimmed entries are gone, whole segments are used again, the point survives")
    func trimming() throws {
        let bench = LogBench()
        let log = try bench.open()
        for lsn in 1...200 { try log.append([entry(UInt64(lsn), byteCount: 1000)]) }
        let before = bench.segmentNumbers
        try log.trim(before: 101)
        #expect(log.bounds.first == 101)
        #expect(try log.entries().keys.min() == 101)
        log.tidy()
        for lsn in 201...400 { try log.append([entry(UInt64(lsn), byteCount: 1000)]) }
        #expect(!bench.segmentNumbers.contains(before[0]))
        log.close()
        let again = try bench.open()
        #expect(again.bounds.first == 101)
        #expect(again.bounds.last == 400)
        #expect(try again.entries().count == 300)
        try again.trim(before: 1000)
        #expect(again.bounds.first == 401)
        #expect(again.bounds.last == 400)
        #expect(try again.append([entry(401)]) == 401)
        #expect(try again.entries() == [401: entry(401)])
    }

    @Test("a log that runs in a circle takes no more room than its window")
    func recycling() throws {
        let bench = LogBench()
        let log = try bench.open()
        for lsn in UInt64(1)...1000 {
            try log.append([entry(lsn, byteCount: 1000)])
            if lsn % 20 == 0 {
                try log.trim(before: lsn - 10)
                log.tidy()
            }
        }
        #expect(bench.segmentNumbers.count < 12)
        log.close()
        let kept = try bench.open().entries()
        #expect(kept.allSatisfy { $0.value == entry($0.key, byteCount: 1000) })
        #expect(kept.keys.min() == 990)
        #expect(kept.keys.max() == 1000)
    }

    @Test("a second opener is told who holds the log")
    func lock() throws {
        let bench = LogBench()
        let log = try bench.open()
        let error = #expect(throws: ProviderError.self) { _ = try bench.open() }
        #expect(error?.code == .conflict)
        #expect(error?.message == "the log /log is held by process 1234")
        log.close()
        try bench.open().close()
    }

    @Test("a log at its bound refuses entries, reads on, and recovers when it is trimmed")
    func bound() throws {
        let bench = LogBench(segmentByteCount: 16384, byteCountMax: 65536)
        let log = try bench.open()
        var lsn: UInt64 = 1
        var refusal: ProviderError?
        while refusal == nil, lsn < 1000 {
            do throws(ProviderError) {
                try log.append([entry(lsn, byteCount: 1000)])
                lsn += 1
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .exhausted)
        #expect(refusal?.flags == .retryable)
        #expect((refusal?.retryAfterMilliseconds ?? 0) > 0)
        #expect(try log.entries().count == Int(lsn - 1))
        try log.trim(before: lsn - 2)
        #expect(try log.append([entry(lsn, byteCount: 1000)]) == lsn)
        #expect(bench.segmentNumbers.count <= 4)
    }

    @Test("the identity stays, and each log has its own")
    func identity() throws {
        let bench = LogBench()
        let log = try bench.open()
        let identity = log.identity
        log.close()
        #expect(try bench.open().identity == identity)
        #expect(try LogBench().open(seed: 77).identity != identity)
        #expect("\(identity)".count == 36)
    }

    @Test("a closed log answers, and takes nothing")
    func closed() throws {
        let log = try LogBench().open()
        try log.append([entry(1)])
        log.close()
        let error = #expect(throws: ProviderError.self) { try log.append([entry(2)]) }
        #expect(error?.flags.contains(.storeDead) == true)
    }
}
