import ArgumentParser
import Holdfast

/// What an export writes.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Conversations as JSON lines, every message byte for byte.
    case jsonl
    /// Threads of channels, one page of HTML each.
    case html
    /// Threads of channels, one file of Markdown each.
    case markdown
    /// What threads of channels cost, one row for each exchange.
    case csv
}

/// Which threads of channels an export is about.
struct ThreadExportOptions: ParsableArguments {
    /// The form of the answer.
    @Option(
        name: .long,
        help: "jsonl: conversations; html, markdown: threads of an agent, a file each; csv: what they cost.")
    var format = ExportFormat.jsonl

    /// Whose threads.
    @Option(name: .long, help: "The agent whose threads are exported; not for jsonl.")
    var agent: String?

    /// Whose messages.
    @Option(name: .long, help: "Only threads with a message of this person; not for jsonl.")
    var handle: String?

    /// See `--help`.
    @Option(
        name: .long, help: "Only threads with a message of this time or later; a date is its midnight in UTC."
    )
    var dateFrom: MomentArgument?

    /// See `--help`.
    @Option(
        name: .long, help: "Only threads with a message of this time or earlier.")
    var dateTo: MomentArgument?

    /// Refuses what does not go together.
    ///
    /// - Parameter isAboutConversations: whether conversations were named.
    /// - Throws: a sentence that says what would be right.
    func check(isAboutConversations: Bool) throws {
        if format == .jsonl {
            guard agent == nil, handle == nil, dateFrom == nil, dateTo == nil else {
                throw ValidationError(
                    "--agent, --handle, --date-from and --date-to are for threads: add --format html, markdown or csv"
                )
            }
        } else {
            guard !isAboutConversations else {
                throw ValidationError("--session and --prefix are for --format jsonl")
            }
            guard agent != nil else {
                throw ValidationError("--format \(format.rawValue) needs --agent: whose threads are exported")
            }
        }
    }
}

/// A point in time on the command line.
struct MomentArgument: ExpressibleByArgument, Codable, Hashable, Sendable {
    private let unixMilliseconds: Int64

    /// The point in time.
    var time: Timestamp { Timestamp(unixMilliseconds: unixMilliseconds) }

    /// Reads a time as RFC 3339 has it, or a date.
    init?(argument: String) {
        guard let time = Timestamp(argument) else { return nil }
        unixMilliseconds = time.unixMilliseconds
    }
}
