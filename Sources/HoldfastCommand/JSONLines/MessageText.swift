import HoldfastModel
import HoldfastSupport

/// A message as members of a JSON object that stands on one line.
///
/// The bytes of `message` are those that were stored, never encoded anew. A message that no line can hold as it is,
/// because it is not JSON or has a line feed between its values, stands in base 64, with what it is:
/// `"base64": "AAEC", "format": "bytes"`.
struct MessageText: Hashable, Sendable {
    /// The message.
    var bytes: Bytes
    /// Whether it is JSON; else it is bytes.
    var isJSON: Bool

    /// Makes a text of a message.
    init(bytes: Bytes, isJSON: Bool) {
        self.bytes = bytes
        self.isJSON = isJSON
    }

    /// The members, without what stands around them.
    var members: [UInt8] {
        let value = bytes.array
        if isJSON, Self.fitsOnLine(value) { return Array(#""message": "#.utf8) + value }
        let format = isJSON ? "json" : "bytes"
        return Array(#""base64": ""#.utf8) + Base64.encode(value) + Array(#"", "format": "\#(format)""#.utf8)
    }

    /// Whether bytes are one JSON value on one line with nothing around it, and not too deep to be read from one.
    private static func fitsOnLine(_ value: [UInt8]) -> Bool {
        guard !value.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return false }
        // With nothing around it: neither blanks before nor behind.
        guard let first = value.first, let last = value.last, first > 0x20, last > 0x20 else { return false }
        return (try? JSONSyntax.check(value.span, inside: 1)) != nil
    }

    /// Finds the message in a line.
    ///
    /// - Throws: `invalid` where there is none, or its base 64 is none.
    init(in line: JSONNode) throws(HoldfastError) {
        if let value = line["message"] {
            self.init(bytes: Bytes(Array(value.bytes)), isJSON: true)
            return
        }
        guard let text = line["base64"]?.characters else {
            throw HoldfastError(.invalid, #"expected "message", or "base64" with "format""#)
        }
        guard let value = Base64.decode(text) else {
            throw HoldfastError(.invalid, #""base64" is not base 64"#)
        }
        let format = line["format"]?.string
        guard format == "json" || format == "bytes" else {
            throw HoldfastError(.invalid, #"expected "format" to be "json" or "bytes""#)
        }
        self.init(bytes: Bytes(value), isJSON: format == "json")
    }
}
