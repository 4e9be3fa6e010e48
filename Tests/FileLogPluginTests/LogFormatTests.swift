import HoldfastProviderKit
import Testing

@testable import FileLog

@Suite("File log, format")
struct LogFormatTests {
    static let identity = LogIdentity(random: 0x0011_2233_4455_6677, 0x8899_AABB_CCDD_EEFF)

    private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }

    @Test("the header of a segment has these bytes, twice in its block")
    func header() {
        let header = SegmentHeader(
            flags: .zeroed, salt: 0xA1B2_C3D4, identity: Self.identity, number: 7, byteCount: 16 << 20,
            madeAt: 1_700_000_000_000)
        let block = header.encodedBlock()
        #expect(block.count == 4096)
        #expect(hexadecimal(block[0..<64]) == Self.goldenHeader)
        #expect(block[0..<64].elementsEqual(block[3584..<3648]))
        #expect(hexadecimal(block[64..<3584]).allSatisfy { $0 == "0" })
        #expect(SegmentHeader.decode(block.span.bytes).first == header)
        #expect(SegmentHeader.decode(block.span.bytes).second == header)
    }

    @Test("a batch has these bytes: a link, two entries, padding")
    func batch() throws {
        var buffer = BatchBuffer()
        buffer.begin(salt: 0xA1B2_C3D4, origin: 4096, previousDurable: 41, capacity: 100)
        buffer.add(
            .link, lsn: 42,
            payload: SegmentLink(previousSegment: 6, lastLSN: 41, lastChecksum: 0x0102_0304).encoded())
        for (index, text) in ["hello", ""].enumerated() {
            var text = text
            text.withUTF8 {
                _ = buffer.add(entry: BorrowedBytes(UnsafeRawBufferPointer($0)), lsn: 42 + UInt64(index))
            }
        }
        buffer.pad()
        #expect(buffer.bytes.count == 4096)
        #expect(hexadecimal(buffer.bytes[0..<56]) == Self.goldenLink)
        #expect(hexadecimal(buffer.bytes[56..<96]) == Self.goldenEntry)
        #expect(hexadecimal(buffer.bytes[96..<128]) == Self.goldenEmptyEntry)
        #expect(buffer.bytes[128...].allSatisfy { $0 == 0 })
    }

    @Test("a checkpoint has these bytes")
    func checkpoint() {
        var checkpoint = Checkpoint(identity: Self.identity)
        checkpoint.sequence = 9
        checkpoint.lastDurable = 43
        checkpoint.firstLSN = 12
        checkpoint.firstSegment = 3
        checkpoint.tailSegment = 7
        checkpoint.suspectSegment = 5
        checkpoint.suspectLSN = 30
        #expect(hexadecimal(checkpoint.encoded()) == Self.goldenCheckpoint)
        #expect(Checkpoint.newest(checkpoint.encoded().span.bytes) == checkpoint)
    }

    @Test("a mark and a gap have these bytes")
    func others() {
        var buffer = BatchBuffer()
        buffer.begin(salt: 1, origin: 4096, previousDurable: 4, capacity: 100)
        buffer.add(.mark, lsn: 5)
        buffer.add(.gap, lsn: 5, payload: [9, 0, 0, 0, 0, 0, 0, 0])
        #expect(hexadecimal(buffer.bytes[0..<32]) == Self.goldenMark)
        #expect(hexadecimal(buffer.bytes[32..<72]) == Self.goldenGap)
    }

    @Test("names of segments sort like their numbers, and nothing else is taken for one")
    func names() {
        #expect(LogFormat.segmentName(255) == "00000000000000ff.segment")
        #expect(LogFormat.segmentNumber("00000000000000ff.segment") == 255)
        for name in [
            "ff.segment", "00000000000000FF.segment", "00000000000000ff.tmp", "CHECKPOINT",
            "+0000000000000ff.segment",
        ] {
            #expect(LogFormat.segmentNumber(name) == nil)
        }
    }

    @Test("bytes that are no log are refused without a trap, whatever they are", arguments: 0..<40)
    func garbage(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var bytes = (0..<20_000).map { _ in UInt8.random(in: 0...(seed % 3 == 0 ? 3 : 255), using: &generator)
        }
        _ = LogAnalysis(
            [ScannedSegment(bytes.span.bytes, number: 1)], checkpoint: Checkpoint.newest(bytes.span.bytes))
        let header = SegmentHeader(
            flags: [], salt: 5, identity: Self.identity, number: 1, byteCount: bytes.count, madeAt: 0)
        bytes.replaceSubrange(0..<4096, with: header.encodedBlock())
        let analysis = LogAnalysis([ScannedSegment(bytes.span.bytes, number: 1)], checkpoint: nil)
        #expect(analysis.next == 1)
    }

    static let goldenHeader =
        "48464c4f4753454701000100d4c3b2a100112233445546778899aabbccddeeff"
        + "070000000000000000000001000000000068e5cf8b010000000000009c6ae336"
    static let goldenLink =
        "3800000032226db32a0000000000000029000000000000000200000000000000"
        + "060000000000000029000000000000000403020100000000"
    static let goldenEntry =
        "25000000d2a4148c2a0000000000000029000000000000000100000000000000"
        + "68656c6c6f000000"
    static let goldenEmptyEntry =
        "20000000044290f82b0000000000000029000000000000000100000000000000"
    static let goldenCheckpoint =
        "48464c4f4743484b010000000000000000112233445546778899aabbccddeeff"
        + "09000000000000002b000000000000000c000000000000000300000000000000"
        + "070000000000000005000000000000001e00000000000000000000008b0f1dae"
    static let goldenMark =
        "20000000df90f31b050000000000000004000000000000000300000000000000"
    static let goldenGap =
        "28000000f2d644d3050000000000000004000000000000000400000000000000"
        + "0900000000000000"
}
