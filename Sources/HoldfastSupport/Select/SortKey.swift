/// Bytes whose order under `memcmp` is the order of queries: missing, null, false, true, numbers, strings, arrays,
/// objects.
///
/// | value | bytes |
/// |---|---|
/// | missing | none |
/// | `null`, `false`, `true` | 01, 02, 03 |
/// | number below zero | 10, the inverted bytes of its opposite without the first, FF |
/// | zero | 11 |
/// | number above zero | 12, exponent, pairs of digits |
/// | string | 20, its characters |
/// | array, object | 30, 31 |
///
/// The number is 0.DIGITS times ten to the exponent. An exponent of -63 to 63 is one byte, 80 above it; a higher one is C0
/// and eight bytes big endian, a lower one 40 and the same 2^63 above it. A pair of digits is one byte, 1 above it;
/// the last digit of an odd number is paired with a zero.
///
/// A **cut** key looks at the first 256 bytes of a string, ended at a whole character, and at the first 64 digits of a
/// number. Order and groups use cut keys, comparisons of filters whole ones.
package enum SortKey {
    /// How many bytes of a string a cut key has.
    package static let stringByteCountMax = 256
    /// How many digits of a number a cut key has.
    package static let digitCountMax = 64

    /// Nothing is there.
    package static let missing: [UInt8] = []
    /// `null`.
    package static let null: [UInt8] = [0x01]

    private static let negative: UInt8 = 0x10
    private static let zero: UInt8 = 0x11
    private static let positive: UInt8 = 0x12
    private static let string: UInt8 = 0x20
    private static let array: UInt8 = 0x30
    private static let object: UInt8 = 0x31

    /// The key of the value at a place in text that is known to be JSON.
    static func of(_ place: Range<Int>, in text: borrowing Span<UInt8>, isCut: Bool) -> [UInt8] {
        switch text[place.lowerBound] {
        case UInt8(ascii: "n"): null
        case UInt8(ascii: "f"): [0x02]
        case UInt8(ascii: "t"): [0x03]
        case UInt8(ascii: "["): [array]
        case UInt8(ascii: "{"): [object]
        case UInt8(ascii: "\""):
            of(
                string: JSONText.characters(place.lowerBound + 1..<place.upperBound - 1, in: text),
                isCut: isCut)
        default: of(JSONNumber(place, in: text), isCut: isCut)
        }
    }

    /// The key of a string.
    package static func of(string characters: [UInt8], isCut: Bool) -> [UInt8] {
        guard isCut, characters.count > stringByteCountMax else { return [string] + characters }
        var end = stringByteCountMax
        // Bytes 10xxxxxx go on a character.
        while end > 0, characters[end] & 0xC0 == 0x80 { end -= 1 }
        return [string] + characters[..<end]
    }

    /// The key of a number.
    package static func of(_ number: JSONNumber, isCut: Bool) -> [UInt8] {
        guard !number.digits.isEmpty else { return [zero] }
        var key: [UInt8] = []
        switch number.exponent {
        case -63...63: key.append(UInt8(0x80 + number.exponent))
        case 64...: key += [0xC0] + bigEndian(UInt64(bitPattern: Int64(number.exponent)))
        default: key += [0x40] + bigEndian(UInt64(bitPattern: Int64(number.exponent)) ^ 1 << 63)
        }
        let digits = isCut ? number.digits.prefix(digitCountMax) : number.digits[...]
        var position = 0
        while position < digits.count {
            let second = position + 1 < digits.count ? digits[position + 1] : 0
            key.append(digits[position] * 10 + second + 1)
            position += 2
        }
        return number.isNegative ? [negative] + key.map { ~$0 } + [0xFF] : [positive] + key
    }

    /// The key of a whole number.
    package static func of(_ integer: UInt64) -> [UInt8] {
        let digits = Array(String(integer).utf8.map { $0 - 48 })
        return of(JSONNumber(isNegative: false, digits: digits, exponent: digits.count), isCut: false)
    }

    /// The number that a key stands for, or nothing where it is none.
    package static func number(_ key: [UInt8]) -> JSONNumber? {
        guard let first = key.first, (negative...positive).contains(first) else { return nil }
        if first == zero { return JSONNumber(isNegative: false, digits: [], exponent: 0) }
        let isNegative = first == negative
        let body = isNegative ? key.dropFirst().dropLast().map { ~$0 } : Array(key.dropFirst())
        guard let mark = body.first else { return nil }
        var exponent = Int(mark) - 0x80
        var rest = body.dropFirst()
        if mark == 0xC0 || mark == 0x40 {
            guard rest.count >= 8 else { return nil }
            let bits = rest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            exponent = Int(Int64(bitPattern: mark == 0xC0 ? bits : bits ^ 1 << 63))
            rest = rest.dropFirst(8)
        }
        guard !rest.isEmpty, rest.allSatisfy({ (1...100).contains($0) }) else { return nil }
        let digits = rest.flatMap { [($0 - 1) / 10, ($0 - 1) % 10] }
        return JSONNumber(isNegative: isNegative, digits: digits, exponent: exponent)
    }

    /// The JSON text of what a key stands for: `[]` for an array, `{}` for an object, nothing for what is missing.
    package static func json(_ key: [UInt8]) -> [UInt8]? {
        switch key.first {
        case 0x01: Array("null".utf8)
        case 0x02: Array("false".utf8)
        case 0x03: Array("true".utf8)
        case string: JSONText.quoted(key.dropFirst())
        case array: Array("[]".utf8)
        case object: Array("{}".utf8)
        case nil: nil
        default: number(key)?.text
        }
    }

    /// The characters of a key, or nothing where it is no string.
    static func characters(_ key: [UInt8]) -> ArraySlice<UInt8>? {
        key.first == string ? key.dropFirst() : nil
    }

    /// What kind of value a key stands for.
    static func kind(_ key: [UInt8]) -> SelectKind? {
        switch key.first {
        case 0x01: .null
        case 0x02, 0x03: .boolean
        case negative, zero, positive: .number
        case string: .string
        case array: .array
        case object: .object
        default: nil
        }
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}

/// What kind of JSON value something is.
package enum SelectKind: String, Hashable, Sendable, CaseIterable {
    case null, boolean, number, string, array, object

    /// The first bytes of keys of this kind, from and to.
    package var marks: ClosedRange<UInt8> {
        switch self {
        case .null: 0x01...0x01
        case .boolean: 0x02...0x03
        case .number: 0x10...0x12
        case .string: 0x20...0x20
        case .array: 0x30...0x30
        case .object: 0x31...0x31
        }
    }
}
