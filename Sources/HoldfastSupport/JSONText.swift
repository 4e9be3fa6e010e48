/// Reads parts of text that is known to be one JSON value: nothing is validated again.
///
/// Source: RFC 8259.
package enum JSONText {
    /// The position of the first byte that is no white space.
    package static func skipBlanks(_ text: borrowing Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return position
            }
        }
        return position
    }

    /// The position behind the value that begins here.
    static func end(ofValueAt start: Int, in text: borrowing Span<UInt8>) -> Int {
        var position = start
        var depth = 0
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position = end(ofStringAt: position, in: text)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D:
                position += 1
                continue
            default:
                position = end(ofWordAt: position, in: text)
            }
            if depth == 0 { return position }
        }
        return position
    }

    /// The position behind the closing quote of the string whose opening quote is here.
    package static func end(ofStringAt start: Int, in text: borrowing Span<UInt8>) -> Int {
        var position = start + 1
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") { return position + 1 }
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        return text.count
    }

    private static func end(ofWordAt start: Int, in text: borrowing Span<UInt8>) -> Int {
        var position = start
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0A, 0x0D:
                return position
            default: position += 1
            }
        }
        return position
    }

    /// The members of the object that begins here, in the order in which they are written.
    ///
    /// - Parameters:
    ///   - start: the opening brace.
    ///   - text: JSON.
    ///   - body: takes the place of the name, between its quotes, and that of the value.
    package static func members(
        ofObjectAt start: Int, in text: borrowing Span<UInt8>,
        _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void
    ) {
        var position = skipBlanks(text, from: start + 1)
        while text[position] != UInt8(ascii: "}") {
            let nameEnd = end(ofStringAt: position, in: text)
            let valueStart = skipBlanks(text, from: skipBlanks(text, from: nameEnd) + 1)
            let valueEnd = end(ofValueAt: valueStart, in: text)
            body(position + 1..<nameEnd - 1, valueStart..<valueEnd)
            position = skipBlanks(text, from: valueEnd)
            if text[position] == UInt8(ascii: ",") { position = skipBlanks(text, from: position + 1) }
        }
    }

    /// The characters of a string, given the place of what stands between its quotes.
    ///
    /// Half of a surrogate pair becomes the three bytes that UTF-8 would have for it, if it had any (WTF-8): so
    /// each string has bytes of its own, and equals itself.
    static func characters(_ place: Range<Int>, in text: borrowing Span<UInt8>) -> [UInt8] {
        var characters: [UInt8] = []
        characters.reserveCapacity(place.count)
        var position = place.lowerBound
        while position < place.upperBound {
            let byte = text[position]
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                characters.append(byte)
                continue
            }
            let kind = text[position]
            position += 1
            switch kind {
            case UInt8(ascii: "b"): characters.append(8)
            case UInt8(ascii: "f"): characters.append(12)
            case UInt8(ascii: "n"): characters.append(10)
            case UInt8(ascii: "r"): characters.append(13)
            case UInt8(ascii: "t"): characters.append(9)
            case UInt8(ascii: "u"):
                append(unit: &position, before: place.upperBound, of: text, to: &characters)
            default: characters.append(kind)
            }
        }
        return characters
    }

    /// Reads four digits, and the second half of a pair behind them.
    private static func append(
        unit position: inout Int, before end: Int, of text: borrowing Span<UInt8>,
        to characters: inout [UInt8]
    ) {
        var code = unit(at: position, in: text)
        position += 4
        if (0xD800..<0xDC00).contains(code), position + 6 <= end, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u")
        {
            let second = unit(at: position + 2, in: text)
            if (0xDC00..<0xE000).contains(second) {
                code = 0x10000 + (code - 0xD800) << 10 + second - 0xDC00
                position += 6
            }
        }
        func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | code >> shift & 0x3F) }
        switch code {
        case 0..<0x80: characters.append(UInt8(code))
        case 0x80..<0x800: characters += [UInt8(0xC0 | code >> 6), tail(0)]
        case 0x800..<0x10000: characters += [UInt8(0xE0 | code >> 12), tail(6), tail(0)]
        default: characters += [UInt8(0xF0 | code >> 18), tail(12), tail(6), tail(0)]
        }
    }

    private static func unit(at position: Int, in text: borrowing Span<UInt8>) -> UInt32 {
        var unit: UInt32 = 0
        for offset in 0..<4 { unit = unit << 4 | (hexDigit(text[position + offset]) ?? 0) }
        return unit
    }

    /// Whether the string between two quotes has these characters.
    static func string(
        _ place: Range<Int>, in text: borrowing Span<UInt8>, equals characters: [UInt8]
    ) -> Bool {
        var position = place.lowerBound
        for character in characters {
            guard position < place.upperBound else { return false }
            let byte = text[position]
            // What is escaped is compared unescaped.
            if byte == UInt8(ascii: "\\") { return Self.characters(place, in: text) == characters }
            guard byte == character else { return false }
            position += 1
        }
        return position == place.upperBound
    }
}

/// The value of a hexadecimal digit, either case.
package func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 48...57: UInt32(byte) - 48
    case 65...70: UInt32(byte) - 55
    case 97...102: UInt32(byte) - 87
    default: nil
    }
}
