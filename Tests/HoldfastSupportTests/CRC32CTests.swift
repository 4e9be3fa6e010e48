import Testing

@testable import HoldfastSupport

@Suite("CRC32C")
struct CRC32CTests {
    /// Source: RFC 3720, appendix B.4; the last from the catalogue of parametrised CRCs ("check").
    static let vectors: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E),
        ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        (
            [
                0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0,
                0x14,
                0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
            ], 0xD996_3A56
        ),
        ([UInt8]("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test("the vectors of RFC 3720 come out", arguments: vectors)
    func published(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32C.checksum(bytes.span.bytes) == expected)
        #expect(CRC32C.portableChecksum(bytes.span.bytes) == expected)
    }

    @Test("the processor and the portable code agree at every length, alignment and seed")
    func agreement() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<600).map { _ in UInt8.random(in: 0...255, using: &generator) }
        for start in 0..<9 {
            for end in start...bytes.count {
                let part = bytes.span.bytes.extracting(start..<end)
                let seed = UInt32(truncatingIfNeeded: start &* 0x9E37_79B9 &+ end)
                #expect(CRC32C.checksum(part, seed: seed) == CRC32C.portableChecksum(part, seed: seed))
            }
        }
    }

    @Test("a checksum goes on where an earlier one ended", arguments: 0...64)
    func continuation(split: Int) {
        let bytes = [UInt8](0..<64)
        let head = CRC32C.checksum(bytes.span.bytes.extracting(0..<split))
        let whole = CRC32C.checksum(bytes.span.bytes.extracting(split..<64), seed: head)
        #expect(whole == CRC32C.checksum(bytes.span.bytes))
    }
}
