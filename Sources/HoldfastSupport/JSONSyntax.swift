/// Where a text stops being JSON.
public struct JSONDamage: Error, Hashable, Sendable, CustomStringConvertible {
    /// The position of the first byte that cannot be, from 0.
    public let offset: Int
    /// What would have been right there.
    public let expected: String

    /// `byte 17: expected "," or "}"`.
    public var description: String { "byte \(offset): expected \(expected)" }
}

/// Checks that bytes are one JSON value, and builds nothing.
///
/// Strict: no comments, no trailing commas, no byte order mark, no `NaN`; white space around the value is allowed.
/// What the grammar allows is left alone: duplicate members, numbers of any size, escaped NUL and lone surrogates.
/// One pass, no allocation, no recursion.
///
/// Source: RFC 8259, sections 2 to 8.
public enum JSONSyntax: Sendable {
    /// How deep arrays and objects may nest.
    ///
    /// What filters and plugins look into with the reader of this module; SQLite and CPython go to about 1000.
    public static let depthMax = 256

    /// Checks that bytes are one JSON value.
    ///
    /// - Parameters:
    ///   - text: the bytes.
    ///   - levels: how many arrays and objects the value will stand in: so many fewer may it nest itself.
    /// - Throws: `JSONDamage` for the first byte that cannot be.
    public static func check(_ text: Span<UInt8>, inside levels: Int = 0) throws(JSONDamage) {
        do {
            _ = try UTF8Span(validating: text)
        } catch {
            throw JSONDamage(offset: error.byteOffsets.lowerBound, expected: "UTF-8")
        }
        var scanner = JSONScanner(depthMax: JSONSyntax.depthMax - levels)
        try scanner.scan(text)
    }

    /// Checks that bytes are a string, a number, `true`, `false` or `null`.
    ///
    /// - Throws: `JSONDamage` for the first byte that cannot be.
    public static func checkScalar(_ text: Span<UInt8>) throws(JSONDamage) {
        try check(text)
        for offset in text.indices where !JSONScanner.isSpace(text[offset]) {
            guard text[offset] != UInt8(ascii: "{"), text[offset] != UInt8(ascii: "[") else {
                throw JSONDamage(offset: offset, expected: "a string, a number, true, false or null")
            }
            return
        }
    }
}

/// A position in a text, and the arrays and objects that are open there.
private struct JSONScanner {
    private let depthMax: Int
    private var position = 0
    private var depth = 0
    /// One bit for each open container, set for an object.
    private var objects = InlineArray<4, UInt64>(repeating: 0)

    init(depthMax: Int) { self.depthMax = depthMax }

    mutating func scan(_ text: Span<UInt8>) throws(JSONDamage) {
        repeat {
            let isComplete = try valueStart(text)
            guard isComplete else { continue }
            guard try valueEnd(text) else { return }
        } while true
    }

    /// Reads a scalar or an empty container whole, or the opening of any other.
    private mutating func valueStart(_ text: Span<UInt8>) throws(JSONDamage) -> Bool {
        guard let byte = next(text) else { throw JSONDamage(offset: position, expected: "a JSON value") }
        switch byte {
        case UInt8(ascii: "{"):
            try open(isObject: true)
            guard next(text) != UInt8(ascii: "}") else { return close() }
            try member(text, expected: "a string or \"}\"")
            return false
        case UInt8(ascii: "["):
            try open(isObject: false)
            guard next(text) != UInt8(ascii: "]") else { return close() }
            return false
        case UInt8(ascii: "\""): try string(text)
        case UInt8(ascii: "t"): try literal("true", text)
        case UInt8(ascii: "f"): try literal("false", text)
        case UInt8(ascii: "n"): try literal("null", text)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(text)
        default: throw JSONDamage(offset: position, expected: "a JSON value")
        }
        return true
    }

    /// Reads what follows a value: whether another value comes.
    private mutating func valueEnd(_ text: Span<UInt8>) throws(JSONDamage) -> Bool {
        while true {
            let byte = next(text)
            guard depth > 0 else {
                guard byte == nil else { throw JSONDamage(offset: position, expected: "the end") }
                return false
            }
            switch (byte, isInObject) {
            case (UInt8(ascii: ","), true):
                position += 1
                try member(text, expected: "a string")
                return true
            case (UInt8(ascii: ","), false):
                position += 1
                return true
            case (UInt8(ascii: "}"), true), (UInt8(ascii: "]"), false): _ = close()
            case (_, let isObject):
                throw JSONDamage(offset: position, expected: isObject ? "\",\" or \"}\"" : "\",\" or \"]\"")
            }
        }
    }

    private mutating func member(_ text: Span<UInt8>, expected: String) throws(JSONDamage) {
        guard next(text) == UInt8(ascii: "\"") else { throw JSONDamage(offset: position, expected: expected) }
        try string(text)
        guard next(text) == UInt8(ascii: ":") else { throw JSONDamage(offset: position, expected: "\":\"") }
        position += 1
    }

    private mutating func string(_ text: Span<UInt8>) throws(JSONDamage) {
        position += 1
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return
            }
            guard byte >= 0x20 else {
                throw JSONDamage(offset: position, expected: "an escape, not a control character")
            }
            position += 1
            if byte == UInt8(ascii: "\\") { try escape(text) }
        }
        throw JSONDamage(offset: position, expected: "the end of the string")
    }

    private mutating func escape(_ text: Span<UInt8>) throws(JSONDamage) {
        switch position < text.count ? text[position] : 0 {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard position < text.count, Self.isHexadecimal(text[position]) else {
                    throw JSONDamage(offset: position, expected: "a hexadecimal digit")
                }
                position += 1
            }
        default: throw JSONDamage(offset: position, expected: "one of \" \\ / b f n r t u after a backslash")
        }
    }

    private mutating func number(_ text: Span<UInt8>) throws(JSONDamage) {
        if text[position] == UInt8(ascii: "-") { position += 1 }
        if position < text.count, text[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits(text)
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            try digits(text)
        }
        guard position < text.count, text[position] | 0x20 == UInt8(ascii: "e") else { return }
        position += 1
        if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
            position += 1
        }
        try digits(text)
    }

    private mutating func digits(_ text: Span<UInt8>) throws(JSONDamage) {
        let start = position
        while position < text.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[position] { position += 1 }
        guard position > start else { throw JSONDamage(offset: position, expected: "a digit") }
    }

    private mutating func literal(_ word: StaticString, _ text: Span<UInt8>) throws(JSONDamage) {
        for byte in word.description.utf8 {
            guard position < text.count, text[position] == byte else {
                throw JSONDamage(offset: position, expected: "\(word)")
            }
            position += 1
        }
    }

    /// Skips white space: the byte that follows, or nothing at the end.
    private mutating func next(_ text: Span<UInt8>) -> UInt8? {
        while position < text.count {
            let byte = text[position]
            guard Self.isSpace(byte) else { return byte }
            position += 1
        }
        return nil
    }

    private var isInObject: Bool { objects[(depth - 1) / 64] >> UInt64((depth - 1) % 64) & 1 == 1 }

    private mutating func open(isObject: Bool) throws(JSONDamage) {
        guard depth < depthMax else {
            throw JSONDamage(
                offset: position, expected: "at most \(depthMax) nested arrays and objects")
        }
        let bit: UInt64 = 1 << UInt64(depth % 64)
        if isObject { objects[depth / 64] |= bit } else { objects[depth / 64] &= ~bit }
        depth += 1
        position += 1
    }

    /// Reads a closing bracket: a value is complete.
    private mutating func close() -> Bool {
        depth -= 1
        position += 1
        return true
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
