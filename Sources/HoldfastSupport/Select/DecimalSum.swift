/// An exact sum of decimal numbers, whatever the order in which they are added.
///
/// Numbers with more than 32 digits before the point, or more than 32 behind it, are more than it holds: the sum is then
/// nothing.
struct DecimalSum: Hashable, Sendable {
    private static let digitCount = 32
    private static let limbDigitCount = 8
    private static let limbBase: Int128 = 100_000_000

    /// From the lowest: 8 digits each, the last as many as there are.
    private var limbs = [Int128](repeating: 0, count: 2 * digitCount / limbDigitCount + 1)
    private var isExceeded = false

    /// Adds a number some times.
    mutating func add(_ number: JSONNumber, times count: UInt64) {
        guard number.exponent <= Self.digitCount, number.digits.count - number.exponent <= Self.digitCount
        else {
            isExceeded = isExceeded || !number.digits.isEmpty
            return
        }
        for (offset, digit) in number.digits.enumerated() {
            let place = number.exponent - 1 - offset + Self.digitCount
            var weight: Int128 = 1
            for _ in 0..<place % Self.limbDigitCount { weight *= 10 }
            let part = Int128(digit) * weight * Int128(count)
            limbs[place / Self.limbDigitCount] += number.isNegative ? -part : part
        }
    }

    /// The sum, or nothing where it is more than this holds.
    var total: JSONNumber? {
        guard !isExceeded else { return nil }
        let (isNegative, digits) = decimal
        return JSONNumber(isNegative: isNegative, digits: digits, exponent: digits.count - Self.digitCount)
    }

    /// The sum divided by a count, cut after the 12th digit behind the point.
    func average(of count: UInt64) -> JSONNumber? {
        guard !isExceeded, count > 0 else { return nil }
        let (isNegative, digits) = decimal
        var quotient: [UInt8] = []
        var rest: UInt128 = 0
        for digit in digits.dropLast(Self.digitCount - 12) {
            rest = rest * 10 + UInt128(digit)
            quotient.append(UInt8(rest / UInt128(count)))
            rest %= UInt128(count)
        }
        return JSONNumber(isNegative: isNegative, digits: quotient, exponent: quotient.count - 12)
    }

    /// The sign and all digits, 32 of them behind the point.
    private var decimal: (isNegative: Bool, digits: [UInt8]) {
        var normal = carried(limbs)
        let isNegative = normal[normal.count - 1] < 0
        if isNegative { normal = carried(limbs.map { -$0 }) }
        var digits = String(normal[normal.count - 1]).utf8.map { $0 - 48 }
        for limb in normal.dropLast().reversed() {
            let text = String(limb).utf8.map { $0 - 48 }
            digits += [UInt8](repeating: 0, count: Self.limbDigitCount - text.count) + text
        }
        return (isNegative, digits)
    }

    /// Every limb but the last between 0 and the base.
    private func carried(_ limbs: [Int128]) -> [Int128] {
        var result = limbs
        for index in 0..<result.count - 1 {
            var (quotient, rest) = result[index].quotientAndRemainder(dividingBy: Self.limbBase)
            if rest < 0 { (quotient, rest) = (quotient - 1, rest + Self.limbBase) }
            result[index] = rest
            result[index + 1] += quotient
        }
        return result
    }
}
