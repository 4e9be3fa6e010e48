import ArgumentParser
import Holdfast
import HoldfastConfiguration

/// Appends one message: `holdfast append SESSION MESSAGE`.
struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append a message to a conversation.",
        discussion: """
            The message is one JSON value, kept byte for byte. With --role it is plain text, from which \
            {"role": …, "content": …} is made. Without a message, standard input is read to its end.
            """)

    @OptionGroup var options: StoreOptions

    @Argument(help: "The conversation.")
    var session: String

    @Argument(help: "The message.")
    var message: String?

    @Option(name: .long, help: "Who says it; the message is plain text then.")
    var role: String?

    @Option(
        name: .long,
        help: "A text of your own; appending again with it changes nothing and gets the first answer.")
    var idempotencyKey: String?

    init() {}

    func run() async throws {
        let bytes = try Self.message(message, role: role)
        let receipt = try await options.withConversations { conversations in
            try await conversations.append(bytes, to: session, WriteOptions(idempotencyKey: idempotencyKey))
        }
        try Note.print(receipt.degradations)
        var answer = options.output.answer
        try answer.finish(
            [
                "session": .string(session), "id": .string(receipt.id.description),
                "appended_at": .string(receipt.time.description), "replay": .bool(receipt.isReplay),
                "level": .string(receipt.level.rawValue), "degradations": .texts(receipt.degradations),
            ], or: "\(receipt.id)\n")
    }

    /// The bytes to store.
    ///
    /// - Parameters:
    ///   - argument: what stands on the command line; nothing means standard input.
    ///   - role: who says it, where the message is plain text.
    /// - Returns: JSON as it came, or made of the text.
    /// - Throws: what reading says against it.
    static func message(_ argument: String?, role: String?) throws(HoldfastError) -> Bytes {
        var text = argument.map { Array($0.utf8) } ?? []
        if argument == nil {
            while true {
                let chunk = try FileDescriptor.standardInput.read(upTo: 1 << 16)
                guard !chunk.isEmpty else { break }
                text += chunk
                // A line end may follow the largest message.
                guard text.count <= Limits.valueByteCountMax + 1 else {
                    throw HoldfastError(
                        .invalid,
                        "standard input has more than \(Limits.valueByteCountMax) bytes, expected a message")
                }
            }
            if text.last == UInt8(ascii: "\n") { text.removeLast() }
        }
        guard let role else { return Bytes(text) }
        guard let content = String(validating: text, as: UTF8.self) else {
            throw HoldfastError(.invalid, "the message is not UTF-8, expected text")
        }
        let object: JSONValue = ["role": .string(role), "content": .string(content)]
        return Bytes(object.text)
    }
}
