import ArgumentParser
import Holdfast
import HoldfastConfiguration

/// Clears a conversation: `holdfast clear SESSION`.
struct ClearCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Remove every message of a conversation.",
        discussion: "Nothing that was cleared comes back, and nothing that arrives later is lost.")

    @OptionGroup var options: StoreOptions

    @Argument(help: "The conversation.")
    var session: String

    init() {}

    func run() async throws {
        let receipt = try await options.withConversations { try await $0.clear(session) }
        try Note.print(receipt.degradations)
        var answer = options.output.answer
        try answer.finish(
            [
                "session": .string(session), "cleared_at": .string(receipt.time.description),
                "level": .string(receipt.level.rawValue), "degradations": .texts(receipt.degradations),
            ], or: "cleared \(TextTable.printable(session))\n")
    }
}
