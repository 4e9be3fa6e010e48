/// Finds a value inside JSON text.
///
/// The whole text is validated. Of members with the same name the last counts, as in most readers.
/// Source: RFC 6901, section 4.
package enum JSONPointer {
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
        guard (try? JSONSyntax.check(text.span)) != nil, let tokens = tokens(of: pointer) else {
            throw .invalid
        }
        guard let place = JSONLookup(pointers: [tokens]).places(in: text.span, at: 0)[0] else {
            throw .notFound
        }
        guard text[place.lowerBound] == UInt8(ascii: "\"") else { return Array(text[place]) }
        guard let string = unescape(text[place].dropFirst().dropLast()) else { throw .invalid }
        return string
    }

    /// Splits a pointer; `~1` is `/` and `~0` is `~`.
    ///
    /// - Returns: nothing where the text is no pointer.
    static func tokens(of pointer: [UInt8]) -> [[UInt8]]? {
        guard let first = pointer.first else { return [] }
        guard first == UInt8(ascii: "/") else { return nil }
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
                default: return nil
                }
            }
            tokens.append(token)
        }
        return tokens
    }

    /// The characters of a valid JSON string, or nothing where a surrogate has no partner: that is no Unicode text.
    package static func unescape(_ escaped: ArraySlice<UInt8>) -> [UInt8]? {
        let text = Array(escaped)
        let characters = JSONText.characters(text.indices, in: text.span)
        return String(validating: characters, as: UTF8.self) == nil ? nil : characters
    }
}
