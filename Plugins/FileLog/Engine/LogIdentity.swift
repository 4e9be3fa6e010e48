/// The identity of a log: a UUID that is made with its directory and stands in every file of it.
///
/// Source: RFC 9562, version 4.
package struct LogIdentity: Hashable, Sendable {
    /// The first eight bytes, most significant first.
    let high: UInt64
    /// The last eight bytes, most significant first.
    let low: UInt64

    /// Makes an identity of 128 random bits, six of which give way to the UUID's version and variant.
    init(random high: UInt64, _ low: UInt64) {
        self.high = high & ~0xF000 | 0x4000
        self.low = low & ~(3 << 62) | 2 << 62
    }

    /// Reads 16 bytes.
    init(decoding bytes: RawSpan, at offset: Int) {
        high = bytes.littleEndian(at: offset, as: UInt64.self).byteSwapped
        low = bytes.littleEndian(at: offset + 8, as: UInt64.self).byteSwapped
    }

    /// Writes 16 bytes.
    func encode(into bytes: inout [UInt8], at offset: Int) {
        bytes.store(high.byteSwapped, at: offset)
        bytes.store(low.byteSwapped, at: offset + 8)
    }
}

extension LogIdentity: CustomStringConvertible {
    /// `f81d4fae-7dec-41d0-a765-00a0c91e6bf6`.
    package var description: String {
        var text = ""
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
            let word = index < 16 ? high : low
            text.append(String(word >> UInt64(60 - index % 16 * 4) & 15, radix: 16))
        }
        return text
    }
}
