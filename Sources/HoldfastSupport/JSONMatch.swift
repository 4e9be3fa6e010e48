/// Decides whether top-level members of a JSON object equal scalars, for backends that have no query language.
package enum JSONMatch {
    /// Whether a value is an object in which every field equals its scalar.
    ///
    /// - Parameters:
    ///   - value: anything; what is no JSON object matches nothing.
    ///   - matches: names of members, and scalars as JSON text.
    /// - Returns: false also for what is no JSON.
    package static func holds(_ value: [UInt8], _ matches: [(field: [UInt8], json: [UInt8])]) -> Bool {
        var reader = JSONReader(value)
        reader.skipBlanks()
        guard reader.next == UInt8(ascii: "{") else { return false }
        var found = [Range<Int>?](repeating: nil, count: matches.count)
        do throws(JSONReader.Malformed) {
            try reader.members(depth: 0) { name, place in
                let name = JSONPointer.unescape(value[name])
                for (position, match) in matches.enumerated() where name == match.field {
                    found[position] = place
                }
            }
        } catch {
            return false
        }
        return zip(matches, found).allSatisfy { match, place in
            place.map { equal(value[$0], trimmed(match.json)) } ?? false
        }
    }

    /// Whether two scalars are equal: strings by their characters, numbers by their value, words as they stand.
    package static func equal(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        guard let first = left.first, let other = right.first else { return false }
        let quote = UInt8(ascii: "\"")
        if first == quote || other == quote {
            guard first == other, left.count >= 2, right.count >= 2 else { return false }
            let text = JSONPointer.unescape(left.dropFirst().dropLast())
            return text != nil && text == JSONPointer.unescape(right.dropFirst().dropLast())
        }
        if left.elementsEqual(right) { return first != UInt8(ascii: "{") && first != UInt8(ascii: "[") }
        guard let number = Decimal(left) else { return false }
        return number == Decimal(right)
    }

    private static func trimmed(_ text: [UInt8]) -> ArraySlice<UInt8> {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        guard let first = text.firstIndex(where: { !blanks.contains($0) }),
            let last = text.lastIndex(where: { !blanks.contains($0) })
        else { return [] }
        return text[first...last]
    }

    /// A decimal number of any length, so that 2^63 and 2^63 + 1 differ, and `1`, `1.0` and `10e-1` do not.
    private struct Decimal: Equatable {
        var isNegative = false
        /// Without zeros at either end.
        var digits: [UInt8] = []
        var exponent = 0

        init?(_ text: ArraySlice<UInt8>) {
            var reader = JSONReader(Array(text))
            let isNumber =
                text.first == UInt8(ascii: "-") || text.first.map { (48...57).contains($0) } ?? false
            guard isNumber, let place = try? reader.value(), place.count == text.count else { return nil }
            var rest = text[...]
            if rest.first == UInt8(ascii: "-") {
                isNegative = true
                rest.removeFirst()
            }
            let mantissa = rest.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
            let power = rest.dropFirst(mantissa.count + 1)
            let parts = mantissa.split(separator: UInt8(ascii: "."), maxSplits: 1)
            digits = parts.flatMap(Array.init)
            exponent = power.isEmpty ? 0 : Int(String(decoding: power, as: UTF8.self)) ?? .max / 2
            exponent -= parts.count > 1 ? parts[1].count : 0
            while digits.last == UInt8(ascii: "0") {
                digits.removeLast()
                exponent += 1
            }
            digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
            if digits.isEmpty { (isNegative, exponent) = (false, 0) }
        }
    }
}
