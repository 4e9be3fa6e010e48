import ArgumentParser
import Holdfast
import HoldfastConfiguration

/// Takes conversations out: `holdfast export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write conversations as JSON lines, every message byte for byte.",
        discussion: """
            The lines are those that import takes, sorted by conversation. With --output the file is complete or not \
            there: it is written under another name and renamed at the end. With --format html, markdown or csv it \
            writes threads of channels instead: pages into the directory that --output names, \
            \(ThreadExport.standardDirectory) if it names none, and what they cost as a table.
            """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var threads: ThreadExportOptions

    @Option(name: .long, help: "Only this conversation; may be given more than once.")
    var session: [String] = []

    @Option(name: .long, help: "Only conversations whose name begins so.")
    var prefix = ""

    @Option(
        name: .shortAndLong, help: "Write to a file instead of standard output, which is -.",
        completion: .file())
    var output: String?

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    init() {}

    func validate() throws {
        try threads.check(isAboutConversations: !session.isEmpty || !prefix.isEmpty)
    }

    func run() async throws {
        guard threads.format == .jsonl else { return try await exportThreads() }
        let output = output == "-" ? nil : output
        let file = try output.map { path throws(HoldfastError) in try ReplacementFile(at: path) }
        let target = file?.descriptor ?? .standardOutput
        let tally: ConversationExport.Tally
        do {
            tally = try await options.withConversations { conversations in
                try await write(conversations, to: target)
            }
            try file?.commit()
        } catch {
            file?.discard()
            throw error
        }
        guard let output else { return }
        var answer = options.output.answer
        let sessions = Quantity.count(tally.sessions, of: "conversation")
        try answer.finish(
            [
                "file": .string(output), "messages": .integer(tally.messages),
                "sessions": .integer(tally.sessions),
            ],
            or:
                "wrote \(Quantity.count(tally.messages, of: "message")) of \(sessions) to \(TextTable.printable(output))\n"
        )
    }

    private func exportThreads() async throws {
        let tally = try await options.configuration.opening.withStore { store in
            let export = try await ThreadExport(threads, in: store)
            return threads.format == .csv
                ? try await export.writeTable(to: output)
                : try await export.writePages(threads.format, to: output)
        }
        guard let place = tally.place else { return }
        var answer = options.output.answer
        try answer.finish(
            ["file": .string(place), "threads": .integer(tally.threads)],
            or: "wrote \(Quantity.count(tally.threads, of: "thread")) to \(TextTable.printable(place))\n")
    }

    private func write(
        _ conversations: Conversations, to target: FileDescriptor
    ) async throws -> ConversationExport.Tally {
        var export = ConversationExport(of: conversations)
        // A bar would draw over the lines that go to the same terminal.
        var progress = ProgressBar(isQuiet: quiet || options.output.json || target.isTerminal)
        let found = session.isEmpty ? try await export.sessions(prefix: prefix) : []
        let total = session.isEmpty ? found.reduce(0) { $0 + $1.messageCount } : nil
        var done = 0
        for name in session.isEmpty ? found.map(\.id) : session {
            try await export.write(name) { lines, count throws(HoldfastError) in
                try target.write(lines)
                done += count
                try progress.show(ProgressBar.Position(done: done, total: total, messageCount: done))
            }
        }
        try progress.clear()
        return export.tally
    }
}
