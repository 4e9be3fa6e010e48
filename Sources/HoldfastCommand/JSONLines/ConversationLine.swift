import HoldfastConfiguration
import HoldfastModel
import HoldfastSupport

/// One line of an export: which conversation, which place in it, and the message.
///
/// ```
/// {"session": "airline/0#0", "index": 0, "message": {"role": "user", "content": "hello"}}
/// ```
///
/// See ``MessageText`` for a message that no line can hold as it is.
struct ConversationLine: Hashable, Sendable {
    /// The conversation: 1 to 1024 bytes of UTF-8 without NUL.
    var session: String
    /// The place in it, from 0.
    var index: Int
    /// The message, byte for byte.
    var message: MessageText

    /// Makes a line.
    init(session: String, index: Int, message: Bytes, isJSON: Bool = true) {
        self.session = session
        self.index = index
        self.message = MessageText(bytes: message, isJSON: isJSON)
    }

    /// The bytes of the line, with the line feed at its end.
    var encoded: [UInt8] {
        let name = JSONValue.string(session).text
        let line =
            Array(#"{"session": \#(name), "index": \#(index), "#.utf8) + message.members + Array("}\n".utf8)
        return line
    }

    /// Takes a line apart.
    ///
    /// - Throws: `invalid` with what is wrong, but without a place in a file: the caller knows it.
    init(decoding line: [UInt8]) throws(HoldfastError) {
        let line = try JSONNode(line: line)
        guard let session = line["session"]?.string else {
            throw HoldfastError(.invalid, #"expected "session" to be a string"#)
        }
        try Limits.validate(Bytes(session), as: "the session", byteCountMax: Limits.keyByteCountMax)
        guard let index = line["index"]?.integer, index >= 0 else {
            throw HoldfastError(.invalid, #"expected "index" to be a whole number from 0"#)
        }
        self.session = session
        self.index = Int(index)
        message = try MessageText(in: line)
    }
}
