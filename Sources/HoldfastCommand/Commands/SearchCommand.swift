import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastModel

/// Finds messages by the words in them: `holdfast search WORDS`.
struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find messages by the words in them, newest first.",
        discussion: """
            All words must be there, in upper or lower case; "several words" in quotes must follow each other; -word \
            must not be there; begin* is the beginning of a word. One message a line: its time, its key, and where \
            the words stand. With --json each stands in an object, with its value byte for byte.
            """)

    @OptionGroup var configurationFile: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "What to look for; in quotes where it has a - or a *.")
    var words: [String]

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only in this namespace of lists; may be given again. Without it, in all that hold messages.",
            valueName: "namespace"))
    var `in`: [String] = []

    @Option(name: .long, help: "Only this conversation.")
    var session: String?

    @Option(name: .long, help: "Only keys that begin so.")
    var prefix = ""

    @Option(name: .long, help: "Only messages with this role.")
    var role: String?

    @Option(name: .long, help: ArgumentHelp("Only from this time on, such as 2026-05-15.", valueName: "time"))
    var since: String?

    @Option(name: .long, help: ArgumentHelp("Only before this time.", valueName: "time"))
    var until: String?

    @Option(name: .shortAndLong, help: "At most so many messages, up to 10000.")
    var limit = 20

    @Option(
        name: .long,
        help: ArgumentHelp("Go on after a page that ended with this cursor.", valueName: "cursor"))
    var after: String?

    init() {}

    func run() async throws {
        let scope = try scope
        let text = words.joined(separator: " ")
        let page = try await configurationFile.opening.withStore { store in
            try await store.search().messages(
                text, in: scope, limit: limit, after: after.map { Cursor($0) })
        }
        try Note.print(page.hits.degradations)
        var answer = output.answer
        for hit in page.hits { try write(hit, to: &answer) }
        if answer.isJSON {
            try answer.line([
                "next": page.hits.next.map { .string($0.description) } ?? .null,
                "searched_by": page.searchedBy.map { .string($0.rawValue) } ?? .null,
            ])
        } else if let next = page.hits.next {
            try answer.line("more: --after \(next)")
        } else if page.hits.isEmpty {
            try answer.line("nothing found")
        }
        try answer.flush()
    }

    private var scope: SearchScope {
        get throws {
            var scope = SearchScope(prefix: prefix, role: role)
            if !self.in.isEmpty { scope.namespaces = self.in }
            if let session {
                if self.in.isEmpty { scope.namespaces = [Conversations.standardNamespace] }
                scope.key = session
            }
            scope.since = try since.map { try Self.time($0, "--since") }
            scope.until = try until.map { try Self.time($0, "--until") }
            return scope
        }
    }

    private static func time(_ text: String, _ option: String) throws(HoldfastError) -> Timestamp {
        guard let time = Timestamp(text) else {
            throw HoldfastError(
                .invalid, "\(option) is \"\(text)\", expected a time such as 2026-05-15T15:00:00Z")
        }
        return time
    }

    private func write(_ hit: SearchHit, to answer: inout Answer) throws {
        let item = hit.item
        guard answer.isJSON else {
            let text = hit.snippets.map { $0.marked("[", "]") }.joined(separator: " | ")
            let line = [item.appendedAt.description, item.key, text].map(TextTable.printable)
            return try answer.line(line.joined(separator: "\t"))
        }
        let snippets = hit.snippets.map { snippet -> JSONValue in
            let marks = snippet.marks.map {
                JSONValue.array([.integer($0.lowerBound), .integer($0.upperBound)])
            }
            return [
                "pointer": .string(snippet.pointer), "text": .string(snippet.text), "marks": .array(marks),
            ]
        }
        let head: JSONValue = [
            "namespace": .string(hit.namespace), "key": .string(item.key),
            "id": .string(item.id.description), "appended_at": .string(item.appendedAt.description),
            "edited_at": .text(item.editedAt), "snippets": .array(snippets),
        ]
        let content = MessageText(bytes: item.bytes, isJSON: item.format == .json)
        let members = Array(head.text.utf8).dropLast() + Array(",".utf8) + content.members
        try answer.write(members + Array("}\n".utf8))
    }
}
