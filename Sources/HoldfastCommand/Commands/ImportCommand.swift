import ArgumentParser
import Holdfast
import HoldfastConfiguration

/// Brings conversations in: `holdfast import FILE`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring conversations in from a file of JSON lines.",
        discussion: """
            A line is {"session": …, "index": …, "message": …}; indexes of a session rise by one from 0. What is \
            stored already is compared and skipped, so an import that was cut off is simply run again, and running it \
            twice changes nothing. With --json a line is printed for each step that is safe.
            """)

    @OptionGroup var options: StoreOptions

    @Argument(help: "The file; - is standard input.", completion: .file(extensions: ["jsonl", "ndjson"]))
    var file: String

    @Option(name: .long, help: "How many messages are brought in at once, 1 to 1000.")
    var batch = 256

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    init() {}

    func validate() throws {
        guard (1...1000).contains(batch) else {
            throw ValidationError("--batch is \(batch), expected 1 to 1000")
        }
    }

    func run() async throws {
        let input = file == "-" ? FileDescriptor.standardInput : try FileDescriptor.open(file)
        defer { if file != "-" { input.close() } }
        let start = ContinuousClock.now
        let tally = try await options.withConversations { conversations in
            try await bring(input, into: conversations)
        }
        var answer = options.output.answer
        let elapsed = ContinuousClock.now - start
        try answer.finish(
            [
                "event": "finished", "appended": .integer(tally.appended), "skipped": .integer(tally.skipped),
                "sessions": .integer(tally.sessions), "elapsed_ms": .integer(Int(elapsed / .milliseconds(1))),
            ], or: Self.summary(tally, elapsed))
    }

    private func bring(
        _ input: FileDescriptor, into conversations: Conversations
    ) async throws -> ConversationImport.Tally {
        var reader = LineReader(input)
        var progress = ProgressBar(isQuiet: quiet || options.output.json)
        var plan = ImportPlan()
        var work = ConversationImport(into: conversations)
        var isAtEnd = false
        while !isAtEnd {
            if let line = try reader.next() {
                try add(line, number: reader.lineNumber, to: &plan)
            } else {
                isAtEnd = true
            }
            guard isAtEnd || plan.pendingMessageCount >= batch || plan.pendingByteCount >= 1 << 20 else {
                continue
            }
            try report(try await work.bring(plan.take()))
            try progress.show(
                ProgressBar.Position(
                    done: reader.byteCount, total: input.byteCount,
                    messageCount: work.tally.appended + work.tally.skipped))
        }
        try progress.clear()
        return work.tally
    }

    /// Adds a line to the plan; one that is wrong is named by file and number.
    private func add(_ line: [UInt8], number: Int, to plan: inout ImportPlan) throws {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { return }
        do throws(HoldfastError) {
            let line = try ConversationLine(decoding: line)
            let byteCount = line.message.bytes.count
            guard byteCount <= Limits.valueByteCountMax else {
                throw HoldfastError(
                    .invalid,
                    "the message has \(byteCount) bytes, expected at most \(Limits.valueByteCountMax)")
            }
            try plan.add(line)
        } catch {
            throw Failure(HoldfastError(.invalid, "\(file):\(number): \(error.message)"), status: .data)
        }
    }

    private func report(_ acknowledgements: [ConversationImport.Acknowledgement]) throws(HoldfastError) {
        guard options.output.json else { return }
        var answer = options.output.answer
        for acknowledgement in acknowledgements {
            try answer.line(
                [
                    "event": "acknowledged", "session": .string(acknowledgement.session),
                    "messages": .integer(acknowledgement.messageCount),
                    "appended": .integer(acknowledgement.appended),
                ])
        }
        try answer.flush()
    }

    private static func summary(_ tally: ConversationImport.Tally, _ elapsed: Duration) -> String {
        let sessions = Quantity.count(tally.sessions, of: "conversation")
        let there = tally.skipped > 0 ? ", \(Quantity.count(tally.skipped)) were there already" : ""
        let rate = Int(Double(tally.appended) / max(elapsed / .seconds(1), 0.001))
        return "appended \(Quantity.count(tally.appended, of: "message")) to \(sessions)\(there) "
            + "(\(Quantity.duration(elapsed)), \(Quantity.count(rate))/s)\n"
    }
}
