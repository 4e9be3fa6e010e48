/// Finds a value inside JSON text.
///
/// The whole text is validated. Of members with the same name the last counts, as in most readers.
/// Source: RFC 6901, section 4.
package struct JSONPointer {
    /// Why there is no answer.
    package enum Failure: Error, Hashable {
        /// The text is no JSON, or the pointer no pointer.
        case invalid
        /// The text has no such value.
        case notFound
    }

    /// The value at a pointer.
    ///
    /// - Parameters:
    ///   - pointer: such as `/pool/max`; the empty one means the whole text.
    ///   - text: UTF-8.
    /// - Returns: strings without quotes and escapes, everything else as it stands.
    /// - Throws: `invalid` or `notFound`.
    package static func value(at pointer: [UInt8], in text: [UInt8]) throws(Failure) -> [UInt8] {
        let place = try place(at: pointer, in: text)
        guard text[place.lowerBound] == UInt8(ascii: "\"") else { return Array(text[place]) }
        guard let string = unescape(text[place.lowerBound + 1..<place.upperBound - 1]) else { throw .invalid }
        return string
    }

    /// Where the value at a pointer stands in the text.
    package static func place(at pointer: [UInt8], in text: [UInt8]) throws(Failure) -> Range<Int> {
        guard String(validating: text, as: UTF8.self) != nil else { throw .invalid }
        var reader = JSONReader(text)
        guard var place = try? reader.value() else { throw .invalid }
        reader.skipBlanks()
        guard reader.position == text.count else { throw .invalid }
        for token in try tokens(of: pointer) {
            guard let inner = child(token, of: place, in: text) else { throw .notFound }
            place = inner
        }
        return place
    }

    /// Splits a pointer; `~1` is `/` and `~0` is `~`.
    private static func tokens(of pointer: [UInt8]) throws(Failure) -> [[UInt8]] {
        guard !pointer.isEmpty else { return [] }
        guard pointer[0] == UInt8(ascii: "/") else { throw .invalid }
        var tokens: [[UInt8]] = []
        for part in pointer.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            var token: [UInt8] = []
            var rest = part
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "~") else {
                    token.append(byte)
                    continue
                }
                switch rest.popFirst() {
                case UInt8(ascii: "0"): token.append(UInt8(ascii: "~"))
                case UInt8(ascii: "1"): token.append(UInt8(ascii: "/"))
                default: throw .invalid
                }
            }
            tokens.append(token)
        }
        return tokens
    }

    private static func child(_ token: [UInt8], of place: Range<Int>, in text: [UInt8]) -> Range<Int>? {
        var reader = JSONReader(text, at: place.lowerBound)
        var found: Range<Int>? = nil
        if text[place.lowerBound] == UInt8(ascii: "{") {
            try? reader.members(depth: 0) { name, value in
                if unescape(text[name]) == token { found = value }
            }
        } else if text[place.lowerBound] == UInt8(ascii: "["), let wanted = index(token) {
            try? reader.elements(depth: 0) { index, value in
                if index == wanted { found = value }
            }
        }
        return found
    }

    /// An array index: digits without a leading zero.
    private static func index(_ token: [UInt8]) -> Int? {
        guard token.allSatisfy({ (48...57).contains($0) }),
            token.count == 1 || token.first != UInt8(ascii: "0")
        else {
            return nil
        }
        return Int(String(decoding: token, as: UTF8.self))
    }

    /// The characters of a valid JSON string, or nothing where a surrogate has no partner: that is no Unicode text.
    package static func unescape(_ escaped: ArraySlice<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        text.reserveCapacity(escaped.count)
        var position = escaped.startIndex
        while position < escaped.endIndex {
            let byte = escaped[position]
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            let kind = escaped[position]
            position += 1
            switch kind {
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(escaped, &position) else { return nil }
                text += UTF8.encode(scalar).map(Array.init) ?? []
            default: text.append(kind)
            }
        }
        return text
    }

    /// Reads four digits, and the second half of a surrogate pair behind them.
    private static func scalar(_ escaped: ArraySlice<UInt8>, _ position: inout Int) -> Unicode.Scalar? {
        let first = unit(escaped, at: position)
        position += 4
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard position + 6 <= escaped.endIndex, escaped[position] == UInt8(ascii: "\\"),
            escaped[position + 1] == UInt8(ascii: "u")
        else { return nil }
        let second = unit(escaped, at: position + 2)
        guard (0xDC00..<0xE000).contains(second) else { return nil }
        position += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + second - 0xDC00)
    }

    private static func unit(_ escaped: ArraySlice<UInt8>, at position: Int) -> UInt32 {
        escaped[position..<position + 4].reduce(0) { $0 << 4 | (hexDigit($1) ?? 0) }
    }
}
