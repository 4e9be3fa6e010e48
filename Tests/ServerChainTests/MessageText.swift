import HoldfastModel

/// One message of a test: which writer wrote it, and as which of its messages.
struct MessageText: Hashable, Sendable, CustomStringConvertible {
    let writer: String
    let number: Int

    init(_ writer: String, _ number: Int) {
        self.writer = writer
        self.number = number
    }

    /// Reads what was stored; nothing if nobody here has written it.
    init?(_ stored: Bytes) {
        let text = stored.description
        guard text.first == "\"", text.last == "\"", text.utf8.count > 2 else { return nil }
        let parts = text.dropFirst().dropLast().split(separator: ":")
        guard parts.count >= 2, let last = parts.last, let number = Int(last) else { return nil }
        self.init(parts.dropLast().joined(separator: ":"), number)
    }

    /// What is stored, and, without the quotes, the idempotency key.
    var description: String { "\(writer):\(number)" }
    var json: Bytes { Bytes("\"\(self)\"") }
}
