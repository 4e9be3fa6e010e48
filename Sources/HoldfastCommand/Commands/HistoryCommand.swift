import ArgumentParser
import Holdfast
import HoldfastConfiguration

/// Prints the latest messages of a conversation: `holdfast history SESSION`.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Print the latest messages of a conversation, oldest of them first.",
        discussion:
            "One message a line, byte for byte. With --json each stands in an object with its id and time.")

    @OptionGroup var options: StoreOptions

    @Argument(help: "The conversation.")
    var session: String

    @Option(name: .shortAndLong, help: "At most so many messages, up to 10000.")
    var limit = 100

    @Option(name: .long, help: "Only messages before the one with this id.")
    var before: String?

    @Option(name: .long, help: "Only messages after the one with this id, from there on.")
    var after: String?

    init() {}

    func run() async throws {
        let range = ListRange(
            after == nil ? .latest : .ascending, after: try identifier(after, of: "--after"),
            before: try identifier(before, of: "--before"), limit: limit)
        let page = try await options.withConversations { conversations in
            try await conversations.lists.page(of: session, range)
        }
        try Note.print(page.degradations)
        var answer = options.output.answer
        for item in page { try answer.write(answer.isJSON ? Self.line(item) : item.bytes.array + [0x0A]) }
        try answer.flush()
    }

    private func identifier(_ text: String?, of option: String) throws(HoldfastError) -> Version? {
        guard let text else { return nil }
        guard let version = Version(text) else {
            throw HoldfastError(.invalid, "\(option) is \"\(text)\", expected the id of a message")
        }
        return version
    }

    /// A line for programs; the message stands in it byte for byte.
    private static func line(_ item: Item) -> [UInt8] {
        let head: JSONValue = [
            "id": .string(item.id.description), "appended_at": .string(item.appendedAt.description),
            "edited_at": .text(item.editedAt),
        ]
        let content = MessageText(bytes: item.bytes, isJSON: item.format == .json)
        return Array(head.text.utf8).dropLast() + Array(",".utf8) + content.members + Array("}\n".utf8)
    }
}
