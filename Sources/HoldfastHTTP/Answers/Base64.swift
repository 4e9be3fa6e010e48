internal import HoldfastModel

/// Base64 with padding.
///
/// Source: RFC 4648, section 4.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: .max, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The text of bytes.
    static func encode(_ bytes: Bytes) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        bytes.withSpan { span in
            var position = 0
            while position < span.count {
                let count = min(3, span.count - position)
                var bits = UInt32(span[position]) << 16
                if count > 1 { bits |= UInt32(span[position + 1]) << 8 }
                if count > 2 { bits |= UInt32(span[position + 2]) }
                for place in 0..<4 {
                    text.append(
                        place <= count
                            ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 0x3F)] : UInt8(ascii: "="))
                }
                position += 3
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text, or nothing where it is none.
    static func decode(_ text: [UInt8]) -> Bytes? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.reversed().prefix(2).prefix { $0 == UInt8(ascii: "=") }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        for (position, character) in text.enumerated() {
            let value = position >= text.count - padding ? 0 : values[Int(character)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            guard position % 4 == 3 else { continue }
            bytes += [
                UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8),
                UInt8(truncatingIfNeeded: bits),
            ]
            bits = 0
        }
        bytes.removeLast(padding)
        return Bytes(bytes)
    }
}
