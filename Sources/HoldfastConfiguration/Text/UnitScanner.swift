/// Splits a text such as `1h30m` into numbers and units.
struct UnitScanner {
    /// A number and what follows it.
    struct Part {
        /// As written, such as `1.5`.
        let digits: String
        /// Letters; empty at the end of the text.
        let unit: String

        /// Whether there is no fraction.
        var isWhole: Bool { !digits.contains(".") }

        /// The number times a factor, where that is whole and fits.
        func scaled(by factor: Int64) -> Int64? {
            let halves = digits.split(separator: ".", omittingEmptySubsequences: false)
            // 18 digits at most on each side, so neither product leaves 128 bits.
            guard let whole = Int128(halves[0]) else { return nil }
            var sum = whole * Int128(factor)
            if halves.count > 1, let fraction = Int128(halves[1]) {
                let divisor = halves[1].reduce(Int128(1)) { product, _ in product * 10 }
                let (quotient, remainder) = (fraction * Int128(factor)).quotientAndRemainder(
                    dividingBy: divisor)
                guard remainder == 0 else { return nil }
                sum += quotient
            }
            return Int64(exactly: sum)
        }
    }

    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    /// Advice for a unit that is right but for its capitals.
    static func advice(for unit: String, among units: [String]) -> String? {
        units.first { $0.lowercased() == unit.lowercased() }.map { "did you mean \($0)?" }
    }

    /// Whether everything was taken.
    var isAtEnd: Bool { rest.isEmpty }

    /// Takes a number and its unit.
    ///
    /// - Throws: what is wrong, with `example` as what would be right.
    mutating func next(example: String) throws(ValueProblem) -> Part {
        let digits = take { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") || $0 == UInt8(ascii: ".") }
        let halves = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard !digits.isEmpty, halves.count <= 2, halves.allSatisfy({ !$0.isEmpty && $0.count <= 18 }) else {
            throw ValueProblem("is not a number with a unit, expected for example \(example)")
        }
        let unit = take {
            $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")
                || $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z")
        }
        if unit.isEmpty, !isAtEnd {
            throw ValueProblem("is not a number with a unit, expected for example \(example)")
        }
        return Part(digits: digits, unit: unit)
    }

    private mutating func take(while isTaken: (UInt8) -> Bool) -> String {
        let end = rest.firstIndex { !isTaken($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return String(Substring(rest[..<end]))
    }
}
