/// Bytes as text that fits into a JSON string.
///
/// Source: RFC 4648, section 4.
enum Base64: Sendable {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values = Dictionary(
        uniqueKeysWithValues: alphabet.enumerated().map { ($0.element, UInt32($0.offset)) })
    private static let padding = UInt8(ascii: "=")

    /// Encodes bytes, with padding.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let digit = alphabet[Int(bits >> UInt32(18 - 6 * position) & 0x3F)]
                text.append(position <= group.count ? digit : padding)
            }
        }
        return text
    }

    /// Decodes text with padding; nothing where it is not base 64.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let paddingCount = text.reversed().prefix { $0 == padding }.count
        guard paddingCount <= 2 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        for (position, digit) in text.dropLast(paddingCount).enumerated() {
            guard let value = values[digit] else { return nil }
            bits = bits << 6 | value
            let pending = (position + 1) * 6 % 8
            if position % 4 != 0 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(pending))) }
        }
        return bytes
    }
}
