import HoldfastProviderKit
import Testing

@Suite("Bytes")
struct BorrowedBytesTests {
    private let texts = ["", "a", "aa", "ab", "b", "\0", "é", "€"].map(OwnedBytes.init)

    @Test("lent and owned bytes have the order of memcmp, a prefix before what it begins")
    func order() {
        for left in texts {
            for right in texts {
                let expected = left.borrowed.array.lexicographicallyPrecedes(right.borrowed.array)
                #expect((left < right) == expected)
                #expect((left.borrowed < right.borrowed) == expected)
                #expect((left == right) == (left.borrowed.array == right.borrowed.array))
                #expect(left != right || left.hashValue == right.hashValue)
                #expect(
                    left.borrowed.hasPrefix(right.borrowed)
                        == left.borrowed.array.starts(with: right.borrowed.array))
            }
        }
    }

    @Test("what is not UTF-8 is no string, and is readable in a message")
    func text() {
        let bytes: [UInt8] = [0x61, 0xFF]
        bytes.withUnsafeBytes { buffer in
            #expect(BorrowedBytes(buffer).string == nil)
            #expect(BorrowedBytes(buffer).readable == "a\u{FFFD}")
        }
        let page = OwnedBytes("page")
        withExtendedLifetime(page) { #expect(page.borrowed == "page") }
        #expect(BorrowedBytes(start: nil, count: 5).isEmpty)
    }

    @Test("a version keeps its bytes, and 15 of them are none")
    func versions() throws {
        let bytes = (1...16).map { UInt8($0) }
        try bytes.withUnsafeBytes { buffer in
            let version = try #require(Version(BorrowedBytes(buffer)))
            #expect(version.description == "0102030405060708090a0b0c0d0e0f10")
            #expect(version.withUnsafeBytes { Array($0) } == bytes)
            #expect(Version(BorrowedBytes(start: buffer.baseAddress, count: 15)) == nil)
            #expect(Version.zero < version && !version.isZero)
        }
    }
}
