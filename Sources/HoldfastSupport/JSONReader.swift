/// A strict reader of JSON text that validates as it goes and copies nothing.
///
/// Source: RFC 8259. Nesting is bounded, so hostile text cannot exhaust the stack.
package struct JSONReader {
    /// How deep arrays and objects may nest.
    package static let depthMax = 256

    /// Text that is not JSON: what was found, and at which byte.
    package struct Malformed: Error, Hashable {
        package let offset: Int
        package let expected: String
    }

    package let text: [UInt8]
    package private(set) var position: Int

    /// Starts at a byte.
    package init(_ text: [UInt8], at position: Int = 0) {
        self.text = text
        self.position = position
    }

    /// The byte at the position, 0 at the end, which no token contains.
    package var next: UInt8 { position < text.count ? text[position] : 0 }

    /// Skips space, tabs and line ends.
    package mutating func skipBlanks() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
    }

    /// Takes one byte if it is the next.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    /// Validates a value.
    ///
    /// - Returns: where it stands, without the blanks around it.
    package mutating func value(depth: Int = 0) throws(Malformed) -> Range<Int> {
        skipBlanks()
        let start = position
        switch next {
        case UInt8(ascii: "{"): try members(depth: depth) { _, _ in }
        case UInt8(ascii: "["): try elements(depth: depth) { _, _ in }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
        return start..<position
    }

    /// Reads an object.
    package mutating func members(
        depth: Int, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void
    ) throws(Malformed) {
        guard depth < Self.depthMax else { throw malformed("at most \(Self.depthMax) levels") }
        guard take(UInt8(ascii: "{")) else { throw malformed("an object") }
        skipBlanks()
        if take(UInt8(ascii: "}")) { return }
        while true {
            skipBlanks()
            let name = try string()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw malformed("\":\"") }
            body(name, try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw malformed("\",\" or \"}\"") }
        }
    }

    /// Reads an array.
    package mutating func elements(
        depth: Int, _ body: (_ index: Int, _ value: Range<Int>) -> Void
    ) throws(Malformed) {
        guard depth < Self.depthMax else { throw malformed("at most \(Self.depthMax) levels") }
        guard take(UInt8(ascii: "[")) else { throw malformed("an array") }
        skipBlanks()
        if take(UInt8(ascii: "]")) { return }
        var index = 0
        while true {
            body(index, try value(depth: depth + 1))
            index += 1
            skipBlanks()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw malformed("\",\" or \"]\"") }
        }
    }

    /// Reads a string.
    ///
    /// - Returns: where its characters stand, escaped, without the quotes.
    package mutating func string() throws(Malformed) -> Range<Int> {
        guard take(UInt8(ascii: "\"")) else { throw malformed("a string") }
        let start = position
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return start..<position - 1
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw malformed("an escaped control character")
            default: position += 1
            }
        }
        throw malformed("the end of a string")
    }

    private mutating func escape() throws(Malformed) {
        position += 1
        guard take(UInt8(ascii: "u")) else {
            guard "\"\\/bfnrt".utf8.contains(next) else { throw malformed("an escape") }
            position += 1
            return
        }
        for _ in 0..<4 {
            guard hexDigit(next) != nil else { throw malformed("four hexadecimal digits") }
            position += 1
        }
    }

    private mutating func number() throws(Malformed) {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits("a value") }
        if take(UInt8(ascii: ".")) { try digits("a digit") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits("a digit")
        }
    }

    private mutating func digits(_ expected: String) throws(Malformed) {
        guard (48...57).contains(next) else { throw malformed(expected) }
        while (48...57).contains(next) { position += 1 }
    }

    private mutating func word(_ word: String) throws(Malformed) {
        for byte in word.utf8 where !take(byte) { throw malformed("a value") }
    }

    private func malformed(_ expected: String) -> Malformed {
        Malformed(offset: position, expected: expected)
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
