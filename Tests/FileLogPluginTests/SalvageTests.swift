import HoldfastProviderKit
import Testing

@testable import FileLog

@Suite("File log, salvage")
struct SalvageTests {
    #if DEBUG
        static let step = 4
    #else
        static let step = 1
    #endif

    private func damaged(_ change: (DamageTests.Sample, LogBench) throws -> Void) throws -> (LogBench, UInt64)
    {
        let sample = try DamageTests.Sample()
        let bench = sample.bench
        bench.disk.kill()
        try change(sample, bench)
        return (bench, sample.last)
    }

    private func flip(_ sample: DamageTests.Sample, _ bench: LogBench, segment: Int, record: Int) {
        let path = bench.segment(sample.segments[segment].number)
        bench.disk[path][sample.records[segment][record].range.lowerBound + 9] ^= 1
    }

    @Test("a damaged log opens, says what is lost and how to go on, takes nothing, and gives what is whole")
    func readOnly() throws {
        let (bench, last) = try damaged { flip($0, $1, segment: 1, record: 5) }
        let log = try bench.open()
        let damage = try #require(log.damage)
        #expect(damage.code == .corrupt)
        #expect(damage.message.contains("0000000000000002.segment"))
        #expect(damage.message.contains("holdfast log salvage"))
        #expect(damage.message.contains("LSN "))
        #expect(throws: ProviderError.self) { try log.append([[1]]) }
        #expect(throws: ProviderError.self) { try log.trim(before: 3) }
        let held = try log.entries()
        #expect(held.count == Int(last) - 1)
        #expect(log.bounds.last == last)
        let lost = try #require((1...last).first { held[$0] == nil })
        #expect(try log.entries(from: lost + 1).count == Int(last - lost))
        let findings = try log.findings()
        #expect(findings.filter { $0.kind == .damaged }.map(\.firstLSN) == [lost])
        #expect(findings.filter { $0.kind == .damaged }.map(\.lastLSN) == [lost])
    }

    @Test(
        "salvage keeps what is whole, sets the file aside, and the log takes entries above all that was durable"
    )
    func salvage() throws {
        for (segment, record) in [(0, 1), (1, 0), (1, 7), (2, 3)] {
            let (bench, last) = try damaged { flip($0, $1, segment: segment, record: record) }
            let log = try bench.open()
            let before = try log.entries()
            let salvaged = try log.salvage()
            #expect(salvaged.damage == nil)
            #expect(try salvaged.entries() == before)
            #expect(try salvaged.append([[1, 2, 3]]) == last + 1)
            #expect(try salvaged.findings().allSatisfy { $0.kind == .segment })
            salvaged.close()
            let again = try bench.open()
            #expect(again.damage == nil)
            #expect(try again.entries() == before.merging([last + 1: [1, 2, 3]]) { left, _ in left })
            let aside = try bench.disk.list("/log/damaged-\(bench.clock.unixMilliseconds)")
            #expect(
                aside == [LogFormat.segmentName(UInt64(segment + 1))], "segment \(segment), record \(record)")
        }
    }

    @Test("the end of the log, a whole file, a header and a checkpoint can be lost, and the log goes on")
    func losses() throws {
        let changes: [@Sendable (DamageTests.Sample, LogBench, Int) -> Void] = [
            { sample, bench, tail in
                let start = sample.records[tail][2].range.lowerBound
                let path = bench.segment(sample.segments[tail].number)
                let size = bench.disk[path].count
                bench.disk[path].replaceSubrange(start..., with: [UInt8](repeating: 0, count: size - start))
            },
            { sample, bench, tail in bench.disk.remove(bench.segment(sample.segments[tail].number)) },
            { sample, bench, _ in bench.disk.remove(bench.segment(sample.segments[1].number)) },
            { sample, bench, _ in bench.disk.remove(bench.segment(sample.segments[0].number)) },
            { sample, bench, tail in
                let path = bench.segment(sample.segments[tail].number)
                bench.disk[path].replaceSubrange(0..<4096, with: [UInt8](repeating: 9, count: 4096))
            },
            { sample, bench, _ in
                let path = bench.segment(sample.segments[1].number)
                bench.disk[path].replaceSubrange(0..<4096, with: [UInt8](repeating: 9, count: 4096))
            },
            { sample, bench, tail in
                let path = bench.segment(sample.segments[tail].number)
                bench.disk[path].removeLast(5000)
            },
            { sample, bench, tail in
                let path = bench.segment(sample.segments[1].number)
                bench.disk[path].replaceSubrange(
                    4096..<12000, with: [UInt8](repeating: 0xAA, count: 12000 - 4096))
            },
        ]
        for (index, change) in changes.enumerated() {
            let (bench, last) = try damaged { sample, bench in
                change(sample, bench, try #require(sample.records.lastIndex { !$0.isEmpty }))
            }
            let log = try bench.open()
            #expect(log.damage != nil, "change \(index)")
            let before = try log.entries()
            let salvaged = try log.salvage()
            #expect(salvaged.damage == nil, "change \(index): \(salvaged.damage?.message ?? "")")
            #expect(try salvaged.entries() == before, "change \(index)")
            let next = try salvaged.append([[1]])
            #expect(next > last, "change \(index)")
            salvaged.close()
            let again = try bench.open()
            #expect(again.damage == nil, "change \(index): \(again.damage?.message ?? "")")
            #expect(try again.entries().count == before.count + 1, "change \(index)")
        }
    }

    @Test("salvage may be cut short at any call, and the next one ends it")
    func interrupted() throws {
        for call in stride(from: 0, to: 60, by: Self.step) {
            let (bench, last) = try damaged {
                flip($0, $1, segment: 0, record: 4)
                flip($0, $1, segment: 2, record: 2)
            }
            let log = try bench.open()
            let before = try log.entries()
            bench.disk.plan { $0 == call ? .powerCut : nil }
            _ = try? log.salvage()
            var random = SeededGenerator(seed: UInt64(call))
            bench.disk.cutPower(&random)
            let salvaged = try bench.open().salvage()
            #expect(salvaged.damage == nil, "call \(call)")
            #expect(try salvaged.entries() == before, "call \(call)")
            #expect(try salvaged.append([[1]]) == last + 1, "call \(call)")
        }
    }

    @Test("a log without damage is salvaged into itself")
    func whole() throws {
        let log = try LogBench().open()
        try log.append([[1]])
        #expect(try log.salvage() === log)
    }
}
