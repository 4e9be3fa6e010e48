internal import HoldfastModel
internal import HoldfastSupport

/// The JSON of a session, taken apart into its messages and the rest, so that no history is ever written twice.
///
/// The rest is the same JSON with nothing between the brackets of `history`. Each message keeps the blanks around it, so
/// putting the parts together again gives the same bytes.
struct SessionText: Sendable {
    /// The member `id`.
    let id: String
    /// The JSON without its messages.
    let frame: Bytes
    /// Each element of `history` with the blanks around it.
    let messages: [Bytes]

    /// Takes a session apart.
    ///
    /// - Throws: `invalid` where there is no string `id`, or `history` is no array.
    init(_ json: Bytes) throws(HoldfastError) {
        let members = try JSONMembers(json, as: "the session")
        id = try members.text("id")
        guard let history = members["history"] else {
            frame = json
            messages = []
            return
        }
        guard history.kind == .array else {
            throw HoldfastError(
                .invalid, "the session: \"history\" is JSON of the kind \(history.kind), expected an array")
        }
        let text = json.array
        let close = history.offset + history.bytes.count - 1
        var messages: [Bytes] = []
        var start = history.offset + 1
        for element in history.elements {
            let end = JSONText.skipBlanks(text.span, from: element.offset + element.bytes.count)
            messages.append(Bytes(Array(text[start..<end])))
            start = end + 1
        }
        self.messages = messages
        // Blanks in an array without elements belong to the frame.
        frame = messages.isEmpty ? json : Bytes(Array(text[...history.offset] + text[close...]))
    }

    /// A session that nobody has saved, without messages.
    static func frame(of id: String) -> Bytes {
        var writer = JSONWriter()
        writer.object { object in
            object.member("id", id)
            object.member("history") { $0.array { _ in } }
        }
        return Bytes(writer.bytes)
    }

    /// Puts a session together again.
    static func joined(_ frame: Bytes, _ messages: [Bytes]) throws(HoldfastError) -> Bytes {
        guard !messages.isEmpty else { return frame }
        let text = frame.array
        let inside = Array(messages.map(\.array).joined(separator: [UInt8(ascii: ",")]))
        do {
            let node = try JSONNode(text)
            if let history = node["history"], history.kind == .array {
                let close = history.offset + history.bytes.count - 1
                return Bytes(text[..<close] + inside + text[close...])
            }
            // A frame without a history: of members with one name, the last counts.
            let close = node.offset + node.bytes.count - 1
            let comma = node.members.isEmpty ? "" : ","
            return Bytes(
                text[..<close] + Array("\(comma)\"history\":[".utf8) + inside + [UInt8(ascii: "]")]
                    + text[close...])
        } catch {
            throw HoldfastError(.corrupt, "the stored session is not JSON: \(error)")
        }
    }

    /// Whether two messages are the same, blanks around them aside.
    static func isSame(_ left: Bytes, _ right: Bytes) -> Bool { trimmed(left) == trimmed(right) }

    private static func trimmed(_ message: Bytes) -> ArraySlice<UInt8> {
        let text = message.array
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        let front = text.drop(while: isBlank)
        return front.dropLast(front.reversed().prefix(while: isBlank).count)
    }
}
