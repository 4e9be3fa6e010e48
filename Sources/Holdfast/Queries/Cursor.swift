internal import HoldfastModel
internal import HoldfastSupport

/// Where a scan goes on: opaque text that may stand in a URL.
///
/// A cursor fits the question that it came from, with any limit; with another question it is refused with `invalid`.
/// It stays valid for ever, and when the record that it names is gone.
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 1 | 1, the version of this layout |
/// | 1 | 4 | CRC-32C of the question and of the bytes from 5, little endian |
/// | 5 | 16 | id, big endian |
/// | 21 | 1 to 1024 | key |
///
/// In the order of a ``Selection``, with 2 as its first byte and its sort keys between id and key:
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 21 | 1 | how many sort keys |
/// | 22 | 2 and as many as these say, big endian, for each | sort key |
/// | | 1 to 1024 | key |
///
/// The text is base64url of these bytes, without padding.
///
/// Source: RFC 4648, section 5.
public struct Cursor: Hashable, Sendable, LosslessStringConvertible {
    /// Letters, digits, `-` and `_`.
    public let description: String

    /// Takes text; whether it is a cursor of a question shows when it is used.
    public init(_ description: String) { self.description = description }

    private static let layout: UInt8 = 1
    private static let orderedLayout: UInt8 = 2
    private static let headerByteCount = 5
    private static let keyOffset = 21

    init(key: Bytes, id: Version, question: [UInt8]) {
        let place = Self.bigEndian(id.high) + Self.bigEndian(id.low) + key.array
        self.init(Self.layout, place, question)
    }

    init(_ place: Select.Place, question: [UInt8]) {
        var bytes = place.id.bytes + [UInt8(place.order.count)]
        for key in place.order { bytes += [UInt8(key.count >> 8), UInt8(key.count & 0xFF)] + key }
        self.init(Self.orderedLayout, bytes + place.key, question)
    }

    private init(_ layout: UInt8, _ place: [UInt8], _ question: [UInt8]) {
        let checksum = Self.checksum(of: question, place)
        let header = [layout] + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(8 * $0)) }
        description = Base64URL.encode(header + place)
    }

    func place(in question: [UInt8]) throws(HoldfastError) -> (key: Bytes, id: Version) {
        let bytes = try bytes(of: Self.layout, in: question)
        return (Bytes(Array(bytes[Self.keyOffset...])), Self.id(in: bytes))
    }

    func orderedPlace(in question: [UInt8]) throws(HoldfastError) -> Select.Place {
        let bytes = try bytes(of: Self.orderedLayout, in: question)
        var rest = bytes[(Self.keyOffset + 1)...]
        var order: [[UInt8]] = []
        for _ in 0..<bytes[Self.keyOffset] {
            let size = rest.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            order.append(Array(rest.dropFirst(2).prefix(size)))
            rest = rest.dropFirst(2 + size)
        }
        let id = Self.id(in: bytes)
        return Select.Place(order: order, key: Array(rest), id: SelectID(high: id.high, low: id.low))
    }

    private static func id(in bytes: [UInt8]) -> Version {
        Version(high: number(bytes[5..<13]), low: number(bytes[13..<21]))
    }

    private func bytes(of layout: UInt8, in question: [UInt8]) throws(HoldfastError) -> [UInt8] {
        guard let bytes = Base64URL.decode(description), bytes.count > Self.keyOffset,
            bytes[0] == Self.layout || bytes[0] == Self.orderedLayout
        else {
            throw HoldfastError(.invalid, "\"\(description.prefix(40))\" is not a cursor")
        }
        let checksum = (1...4).reduce(into: UInt32(0)) { $0 |= UInt32(bytes[$1]) << UInt32(8 * ($1 - 1)) }
        let place = Array(bytes[Self.headerByteCount...])
        guard bytes[0] == layout, checksum == Self.checksum(of: question, place) else {
            throw HoldfastError(
                .invalid, "the cursor belongs to another question: keep prefix, filters and order")
        }
        return bytes
    }

    private static func checksum(of question: [UInt8], _ place: [UInt8]) -> UInt32 {
        CRC32C.checksum(question + place)
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Base64 with the alphabet that may stand in URLs and file names, without padding.
private enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(alphabet[Int(bits >> bitCount & 0x3F)])
            }
        }
        if bitCount > 0 { text.append(alphabet[Int(bits << (6 - bitCount) & 0x3F)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(digit)
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
        }
        // Left-over bits must be zero, so that each place has one text.
        return bitCount < 6 && bits & (1 << bitCount - 1) == 0 ? bytes : nil
    }
}
