/// One value inside a JSON text, read where it stands.
///
/// What a user stored is returned byte for byte, so a value is never decoded and encoded again: key order, duplicate
/// members, `1.0`, numbers beyond 64 bits and lone surrogates all survive because nobody looks at them. The text is
/// checked once, when the outermost node is made; reading a part costs what lies in front of it.
///
/// Source: RFC 8259.
package struct JSONNode: Sendable {
    /// What a value is.
    package enum Kind: Hashable, Sendable {
        case null, boolean, number, string, array, object
    }

    private let text: [UInt8]
    private let place: Range<Int>

    /// The only value of a text.
    ///
    /// - Throws: `JSONDamage` for the first byte that cannot be.
    package init(_ text: [UInt8]) throws(JSONDamage) {
        try JSONSyntax.check(text.span)
        let start = JSONText.skipBlanks(text.span, from: 0)
        self.init(text, start..<JSONText.end(ofValueAt: start, in: text.span))
    }

    private init(_ text: [UInt8], _ place: Range<Int>) {
        self.text = text
        self.place = place
    }

    /// The bytes of the value as they stand in the text, without the blanks around it.
    package var bytes: ArraySlice<UInt8> { text[place] }

    /// The position in the text of the first byte of the value, from 0.
    package var offset: Int { place.lowerBound }

    /// See ``Kind-swift.enum``.
    package var kind: Kind {
        switch text[place.lowerBound] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }
}

extension JSONNode {
    /// The member of an object; of those with one name the last.
    package subscript(name: String) -> JSONNode? {
        let wanted = Array(name.utf8)
        var found: Range<Int>?
        forEachMember { name, value in
            if JSONText.string(name, in: text.span, equals: wanted) { found = value }
        }
        return found.map { JSONNode(text, $0) }
    }

    /// The members of an object in the order in which they are written; none of what is no object.
    ///
    /// Half of a surrogate pair in a name becomes U+FFFD.
    package var members: [(name: String, value: JSONNode)] {
        var members: [(name: String, value: JSONNode)] = []
        forEachMember { name, value in
            let characters = JSONText.characters(name, in: text.span)
            members.append((String(decoding: characters, as: UTF8.self), JSONNode(text, value)))
        }
        return members
    }

    /// The elements of an array; none of what is no array.
    package var elements: [JSONNode] {
        guard kind == .array else { return [] }
        var elements: [JSONNode] = []
        var position = JSONText.skipBlanks(text.span, from: place.lowerBound + 1)
        while text[position] != UInt8(ascii: "]") {
            let end = JSONText.end(ofValueAt: position, in: text.span)
            elements.append(JSONNode(text, position..<end))
            position = JSONText.skipBlanks(text.span, from: end)
            if text[position] == UInt8(ascii: ",") {
                position = JSONText.skipBlanks(text.span, from: position + 1)
            }
        }
        return elements
    }

    /// The text of a string, or nothing: for another kind, and where half of a surrogate pair stands alone.
    package var string: String? {
        characters.flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The bytes of the text of a string; half of a surrogate pair takes the three bytes of WTF-8.
    package var characters: [UInt8]? {
        guard kind == .string else { return nil }
        return JSONText.characters(place.lowerBound + 1..<place.upperBound - 1, in: text.span)
    }

    /// A whole number of 64 bits that is written as one, or nothing.
    package var integer: Int64? {
        kind == .number ? Int64(String(decoding: bytes, as: UTF8.self)) : nil
    }

    /// The nearest floating-point number to a number, or nothing.
    package var double: Double? {
        kind == .number ? Double(String(decoding: bytes, as: UTF8.self)) : nil
    }

    /// `true` or `false`, or nothing.
    package var boolean: Bool? { kind == .boolean ? text[place.lowerBound] == UInt8(ascii: "t") : nil }

    /// Whether the value is `null`.
    package var isNull: Bool { kind == .null }

    private func forEachMember(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
        guard kind == .object else { return }
        JSONText.members(ofObjectAt: place.lowerBound, in: text.span, body)
    }
}
