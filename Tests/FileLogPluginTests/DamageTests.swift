import HoldfastProviderKit
import Testing

@testable import FileLog

@Suite("File log, damage")
struct DamageTests {
    #if DEBUG
        /// Every so many bits; in a release build all of them.
        static let bitStride = 241
        static let byteStride = 61
    #else
        static let bitStride = 1
        static let byteStride = 1
    #endif
    static let sliceCount = 8

    /// A closed log of about 100 KiB in four segments, and where its records are.
    struct Sample {
        let bench = LogBench(segmentByteCount: 32768)
        let last: UInt64
        let segments: [(number: UInt64, bytes: [UInt8])]
        let checkpointBytes: [UInt8]
        /// For each segment, the bytes that matter to an LSN; 0 stands for the link.
        private(set) var records: [[(range: Range<Int>, lsn: UInt64)]] = []

        init() throws {
            let log = try bench.open()
            for step in 0..<60 {
                let first = log.bounds.last + 1
                try log.append(
                    (0..<step % 4 + 1).map { entry(first + UInt64($0), byteCount: step * 137 % 1900) })
            }
            last = log.bounds.last
            log.close()
            let disk = bench.disk
            checkpointBytes = disk[bench.checkpoint]
            var segments: [(number: UInt64, bytes: [UInt8])] = []
            for number in bench.segmentNumbers { segments.append((number, disk[bench.segment(number)])) }
            self.segments = segments
            records = segments.map { Self.records(in: $0.bytes) }
        }

        private static func records(in bytes: [UInt8]) -> [(range: Range<Int>, lsn: UInt64)] {
            guard let salt = SegmentHeader.decode(bytes.span.bytes).first?.salt else { return [] }
            var found: [(range: Range<Int>, lsn: UInt64)] = []
            var offset = LogFormat.blockByteCount
            while offset < bytes.count {
                if let record = RecordHeader(decoding: bytes.span.bytes, at: offset, salt: salt),
                    record.kind != .mark
                {
                    found.append((offset..<offset + record.byteCount, record.kind == .entry ? record.lsn : 0))
                    offset += record.paddedByteCount
                } else {
                    offset += 8
                }
            }
            return found
        }

        /// The record at a byte: its LSN, 0 for a link, nothing for padding.
        func lsn(segment: Int, offset: Int) -> UInt64? {
            var low = 0
            var high = records[segment].count
            while low < high {
                let middle = (low + high) / 2
                if records[segment][middle].range.upperBound <= offset {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            guard low < records[segment].count, records[segment][low].range.contains(offset) else {
                return nil
            }
            return records[segment][low].lsn
        }

        /// What opening would say if one file had other bytes.
        func analysis(segment: Int, bytes: [UInt8], hasCheckpoint: Bool = true) -> LogAnalysis {
            let files = segments.enumerated().map { index, file in
                ScannedSegment((index == segment ? bytes : file.bytes).span.bytes, number: file.number)
            }
            return LogAnalysis(
                files, checkpoint: hasCheckpoint ? Checkpoint.newest(checkpointBytes.span.bytes) : nil)
        }
    }

    private func covered(_ analysis: LogAnalysis) -> Set<UInt64> {
        Set(analysis.segments.flatMap(\.pieces).flatMap { Array($0.first..<$0.last + 1) })
    }

    @Test(
        "every flipped bit of an acknowledged entry is found, and none beside is taken for damage",
        arguments: 0..<sliceCount)
    func flippedBits(slice: Int) throws {
        let sample = try Sample()
        #expect(sample.segments.count >= 4)
        let all = Set(1...sample.last)
        for segment in sample.segments.indices {
            var bytes = sample.segments[segment].bytes
            let first = LogFormat.blockByteCount * 8 + slice * Self.bitStride
            for bit in stride(from: first, to: bytes.count * 8, by: Self.bitStride * Self.sliceCount) {
                bytes[bit / 8] ^= 1 << (bit % 8)
                let analysis = sample.analysis(segment: segment, bytes: bytes)
                bytes[bit / 8] ^= 1 << (bit % 8)
                let context = "bit \(bit) of segment \(segment)"
                switch sample.lsn(segment: segment, offset: bit / 8) {
                case nil: #expect(analysis.damages.isEmpty && covered(analysis) == all, "\(context)")
                case 0: #expect(!analysis.damages.isEmpty && covered(analysis) == all, "\(context)")
                case let lsn?:
                    #expect(analysis.damages.map { $0.firstLSN...$0.lastLSN } == [lsn...lsn], "\(context)")
                    #expect(covered(analysis) == all.subtracting([lsn]), "\(context)")
                }
            }
        }
    }

    @Test("a flipped bit in a header costs nothing: the other copy is whole", arguments: 0..<sliceCount)
    func flippedHeader(slice: Int) throws {
        let sample = try Sample()
        for segment in sample.segments.indices {
            var bytes = sample.segments[segment].bytes
            for bit in stride(
                from: slice, to: LogFormat.blockByteCount * 8, by: Self.sliceCount * Self.byteStride)
            {
                bytes[bit / 8] ^= 1 << (bit % 8)
                let analysis = sample.analysis(segment: segment, bytes: bytes)
                bytes[bit / 8] ^= 1 << (bit % 8)
                #expect(analysis.damages.isEmpty && covered(analysis) == Set(1...sample.last), "bit \(bit)")
            }
        }
    }

    @Test("a flipped bit in the checkpoint leaves the other slot", arguments: 0..<sliceCount)
    func flippedCheckpoint(slice: Int) throws {
        let sample = try Sample()
        let whole = Checkpoint.newest(sample.checkpointBytes.span.bytes)
        var bytes = sample.checkpointBytes
        for bit in stride(from: slice, to: bytes.count * 8, by: Self.sliceCount) {
            bytes[bit / 8] ^= 1 << (bit % 8)
            let newest = Checkpoint.newest(bytes.span.bytes)
            bytes[bit / 8] ^= 1 << (bit % 8)
            let files = sample.segments.map { ScannedSegment($0.bytes.span.bytes, number: $0.number) }
            guard newest != whole, bit % (Self.byteStride | 1) == 0 else { continue }
            #expect(LogAnalysis(files, checkpoint: newest).damages.isEmpty, "bit \(bit)")
        }
    }

    @Test(
        "a segment cut at any byte never gives a wrong entry, and never loses one silently",
        arguments: 0..<sliceCount)
    func truncation(slice: Int) throws {
        let sample = try Sample()
        for segment in sample.segments.indices where !sample.records[segment].isEmpty {
            let whole = sample.segments[segment].bytes
            for size in stride(from: slice, to: whole.count, by: Self.sliceCount * Self.byteStride) {
                let short = sample.analysis(segment: segment, bytes: [UInt8](whole.prefix(size)))
                #expect(!short.damages.isEmpty || covered(short) == Set(1...sample.last), "cut at \(size)")
                let zeroed = sample.analysis(
                    segment: segment,
                    bytes: whole.prefix(size) + [UInt8](repeating: 0, count: whole.count - size))
                let lost = Set(1...sample.last).subtracting(covered(zeroed))
                #expect(
                    lost.isEmpty == zeroed.damages.isEmpty || size < LogFormat.blockByteCount + 56,
                    "zero from \(size)")
                #expect(
                    lost.allSatisfy { lsn in
                        zeroed.damages.contains { ($0.firstLSN...max($0.firstLSN, $0.lastLSN)).contains(lsn) }
                    })
            }
        }
    }

    @Test("without the checkpoint the mark tells that the last batch was durable")
    func markAlone() throws {
        let sample = try Sample()
        let tail = try #require(sample.records.lastIndex { !$0.isEmpty })
        let last = try #require(sample.records[tail].last)
        var bytes = sample.segments[tail].bytes
        bytes[last.range.lowerBound + 12] ^= 4
        #expect(sample.analysis(segment: tail, bytes: bytes, hasCheckpoint: false).damages.count == 1)
    }

    @Test("a segment that is missing is damage, whichever it is")
    func missing() throws {
        let sample = try Sample()
        for segment in sample.segments.indices where !sample.records[segment].isEmpty {
            var files = sample.segments.map { ScannedSegment($0.bytes.span.bytes, number: $0.number) }
            files.remove(at: segment)
            let analysis = LogAnalysis(
                files, checkpoint: Checkpoint.newest(sample.checkpointBytes.span.bytes))
            #expect(analysis.damages.count == 1)
            #expect(analysis.damages.first?.reason == "the file is missing")
        }
    }
}
