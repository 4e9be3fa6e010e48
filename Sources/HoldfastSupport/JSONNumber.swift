/// The value of a JSON number of any length: 2^63 and 2^63 + 1 differ, and `1`, `1.0` and `10e-1` do not.
///
/// The value is 0.DIGITS times ten to the exponent. Exponents beyond ±2^62 count as that.
package struct JSONNumber: Hashable, Sendable {
    /// Whether it is below zero.
    package private(set) var isNegative = false
    /// The digits as 0 to 9, without zeros at either end; none for zero.
    package private(set) var digits: [UInt8] = []
    /// How many digits stand before the point.
    package private(set) var exponent = 0

    private static let exponentMax = 1 << 62

    /// Makes a number of its parts.
    init(isNegative: Bool, digits: [UInt8], exponent: Int) {
        let significant = digits.drop { $0 == 0 }
        let count = significant.reversed().drop { $0 == 0 }.count
        guard count > 0 else { return }
        self.isNegative = isNegative
        self.digits = Array(significant.prefix(count))
        self.exponent = Self.clamped(exponent - (digits.count - significant.count))
    }

    /// Reads text that is known to be a JSON number.
    package init(_ text: ArraySlice<UInt8>) {
        let text = Array(text)
        self.init(text.indices, in: text.span)
    }

    /// Reads a part of text that is known to be a JSON number.
    init(_ place: Range<Int>, in text: borrowing Span<UInt8>) {
        var position = place.lowerBound
        let isNegative = text[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var digits: [UInt8] = []
        var wholeCount: Int?
        scan: while position < place.upperBound {
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "."): wholeCount = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"): break scan
            default: digits.append(byte - 48)
            }
            position += 1
        }
        let power = position < place.upperBound ? Self.power(position + 1..<place.upperBound, in: text) : 0
        self.init(
            isNegative: isNegative, digits: digits,
            exponent: Self.clamped(power + (wholeCount ?? digits.count)))
    }

    private static func power(_ place: Range<Int>, in text: borrowing Span<UInt8>) -> Int {
        var position = place.lowerBound
        let isNegative = text[position] == UInt8(ascii: "-")
        if isNegative || text[position] == UInt8(ascii: "+") { position += 1 }
        var power = 0
        while position < place.upperBound {
            power = min(
                exponentMax, power > exponentMax / 10 ? exponentMax : power * 10 + Int(text[position] - 48))
            position += 1
        }
        return isNegative ? -power : power
    }

    private static func clamped(_ exponent: Int) -> Int { min(exponentMax, max(-exponentMax, exponent)) }

    /// A text of the number: the same for equal values.
    ///
    /// Up to 21 digits before the point and 6 zeros behind it stand as they are, others with an exponent.
    package var text: [UInt8] {
        guard !digits.isEmpty else { return [UInt8(ascii: "0")] }
        let sign = isNegative ? [UInt8(ascii: "-")] : []
        let written = digits.map { $0 + 48 }
        let point = [UInt8(ascii: ".")]
        switch exponent {
        case 1...21 where digits.count <= exponent:
            return sign + written + zeros(exponent - digits.count)
        case 1...21: return sign + written[..<exponent] + point + written[exponent...]
        case -5...0: return sign + [48] + point + zeros(-exponent) + written
        default:
            let rest = written.count > 1 ? point + written[1...] : []
            return sign + [written[0]] + rest + Array("e\(exponent - 1)".utf8)
        }
    }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 48, count: count) }
}
