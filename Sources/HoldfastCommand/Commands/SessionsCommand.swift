import ArgumentParser
import Holdfast
import HoldfastConfiguration

/// Lists conversations: `holdfast sessions`.
struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List conversations with the number of their messages and their times.")

    @OptionGroup var options: StoreOptions

    @Option(name: .long, help: "Only conversations whose name begins so.")
    var prefix = ""

    @Option(name: .shortAndLong, help: "At most so many conversations, up to 10000.")
    var limit = 100

    @Option(
        name: .long,
        help: ArgumentHelp("Go on after a page that ended with this cursor.", valueName: "cursor"))
    var after: String?

    init() {}

    func run() async throws {
        let page = try await options.withConversations { conversations in
            try await conversations.sessions(prefix: prefix, limit: limit, after: after.map { Cursor($0) })
        }
        try Note.print(page.degradations)
        var answer = options.output.answer
        if answer.isJSON {
            for session in page { try answer.line(Self.object(session)) }
            if let next = page.next { try answer.line(["next": .string(next.description)]) }
        } else {
            var table = TextTable("session", " messages", "first", "last")
            for session in page {
                table.append(
                    session.id, Quantity.count(session.messageCount),
                    session.firstMessageAt?.description ?? "",
                    session.lastMessageAt?.description ?? "")
            }
            try answer.write(page.isEmpty ? "no conversations\n" : table.text)
            if let next = page.next { try answer.line("more: --after \(next)") }
        }
        try answer.flush()
    }

    private static func object(_ session: Session) -> JSONValue {
        [
            "session": .string(session.id), "messages": .integer(session.messageCount),
            "first": .text(session.firstMessageAt), "last": .text(session.lastMessageAt),
        ]
    }
}
