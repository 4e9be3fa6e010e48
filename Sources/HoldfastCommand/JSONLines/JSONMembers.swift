import HoldfastModel
import HoldfastSupport

/// Where the members of a JSON object stand, without taking them apart.
///
/// What a user stored is returned byte for byte, so a value is never decoded and encoded again: key order, duplicate
/// keys, `1.0`, numbers beyond 64 bits and lone surrogates all survive because nobody looks at them.
struct JSONMembers: Sendable {
    private let text: [UInt8]
    private var ranges: [String: Range<Int>] = [:]

    /// Checks that a text is one JSON object, and finds its members; of those with the same name the last counts.
    ///
    /// - Throws: `invalid`, naming the column of the first byte that cannot be.
    init(of text: [UInt8]) throws(HoldfastError) {
        self.text = text
        do {
            try JSONSyntax.check(text.span)
        } catch {
            throw HoldfastError(.invalid, "column \(error.offset + 1): expected \(error.expected)")
        }
        let start = JSONText.skipBlanks(text.span, from: 0)
        guard text[start] == UInt8(ascii: "{") else {
            throw HoldfastError(.invalid, "column \(start + 1): expected an object")
        }
        var found: [String: Range<Int>] = [:]
        JSONText.members(ofObjectAt: start, in: text.span) { name, value in
            if let name = JSONPointer.unescape(text[name]) {
                found[String(decoding: name, as: UTF8.self)] = value
            }
        }
        ranges = found
    }

    /// The bytes of a member, or nothing where there is none.
    subscript(name: String) -> ArraySlice<UInt8>? { ranges[name].map { text[$0] } }

    /// The text of a member that is a string, its escapes taken out; nothing where a surrogate stands alone.
    func string(_ name: String) -> [UInt8]? {
        guard let value = self[name], value.first == UInt8(ascii: "\"") else { return nil }
        return JSONPointer.unescape(value.dropFirst().dropLast())
    }

    /// The value of a member that is a whole number.
    func integer(_ name: String) -> Int? { self[name].flatMap { Int(String(decoding: $0, as: UTF8.self)) } }
}
