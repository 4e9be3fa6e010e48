import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastModel

/// Finds documents or items by what they hold: `holdfast query NAMESPACE`.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Find documents, or items of lists, by what they hold.",
        discussion: """
            A field is the name of a member, a JSON pointer such as /usage/input_tokens, or @key, @id, @version, \
            @time, @changed. A value that is not a JSON scalar is taken for a string. One record a line: its key, a \
            tab, its value byte for byte. With --json each stands in an object.
            """)

    @OptionGroup var configurationFile: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The namespace.")
    var namespace: String

    @Flag(name: .long, help: "Items of lists instead of documents.")
    var items = false

    @Option(name: .long, help: "Only this key.")
    var key: String?

    @Option(name: .long, help: "Only keys that begin so.")
    var prefix = ""

    @Option(
        name: .long,
        help: ArgumentHelp(
            "FIELD=VALUE; also != < <= > >= ^= (begins with) *= (has). May be given again: all must hold.",
            valueName: "condition"))
    var `where`: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("A filter as JSON, see docs/reference/queries.md.", valueName: "json")
    )
    var filter: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Order by a field, --order=-FIELD from the highest; may be given again.", valueName: "field"))
    var order: [String] = []

    @Option(name: .shortAndLong, help: "At most so many records or groups, up to 10000.")
    var limit = 100

    @Option(name: .long, help: "Leave out so many first.")
    var offset = 0

    @Option(
        name: .long,
        help: ArgumentHelp("Go on after a page that ended with this cursor.", valueName: "cursor"))
    var after: String?

    @Flag(name: .long, help: "Only how many there are.")
    var count = false

    @Option(name: .long, help: ArgumentHelp("Count by a field; may be given again.", valueName: "field"))
    var groupBy: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("With --group-by, add a field up; may be given again.", valueName: "field"))
    var sum: [String] = []

    init() {}

    func run() async throws {
        let selection = try selection
        let (items, namespace) = (items, namespace)
        try await configurationFile.opening.withStore { store in
            if items {
                try await answer(store.lists(namespace), selection)
            } else {
                try await answer(store.documents(namespace), selection)
            }
        }
    }

    private var selection: Selection {
        get throws {
            var predicates = try self.where.map { try QueryClause($0).predicate }
            if let filter { predicates.append(Predicate(json: Bytes(filter))) }
            let parts = order.map { field in
                field.hasPrefix("-")
                    ? Selection.Order.descending(QueryClause.operand(String(field.dropFirst())))
                    : .ascending(QueryClause.operand(field))
            }
            return Selection(
                key: key, prefix: prefix, where: predicates.isEmpty ? nil : .all(predicates), order: parts)
        }
    }

    private func answer(_ documents: Documents, _ selection: Selection) async throws {
        if count { return try write(await documents.count(selection)) }
        if !groupBy.isEmpty || !sum.isEmpty {
            return try write(
                await documents.groups(
                    selection, by: groupBy.map(QueryClause.operand),
                    sum.map { .sum(of: QueryClause.operand($0)) },
                    limit: limit))
        }
        let page = try await documents.select(
            selection, offset: offset, limit: limit, after: after.map { Cursor($0) })
        try write(page) { document in
            (
                document.key,
                [
                    "key": .string(document.key), "version": .string(document.version.description),
                    "written_at": .string(document.writtenAt.description),
                ], MessageText(bytes: document.bytes, isJSON: document.format == .json)
            )
        }
    }

    private func answer(_ lists: Lists, _ selection: Selection) async throws {
        if count { return try write(await lists.count(selection)) }
        if !groupBy.isEmpty || !sum.isEmpty {
            return try write(
                await lists.groups(
                    selection, by: groupBy.map(QueryClause.operand),
                    sum.map { .sum(of: QueryClause.operand($0)) },
                    limit: limit))
        }
        let page = try await lists.select(
            selection, offset: offset, limit: limit, after: after.map { Cursor($0) })
        try write(page) { item in
            (
                item.key,
                [
                    "key": .string(item.key), "id": .string(item.id.description),
                    "appended_at": .string(item.appendedAt.description), "edited_at": .text(item.editedAt),
                ], MessageText(bytes: item.bytes, isJSON: item.format == .json)
            )
        }
    }

    private func write<Element: Sendable>(
        _ page: Page<Element, Cursor>,
        _ parts: (Element) -> (key: String, head: JSONValue, content: MessageText)
    ) throws {
        try Note.print(page.degradations)
        var answer = output.answer
        for element in page {
            let (key, head, content) = parts(element)
            let members = Array(head.text.utf8).dropLast() + Array(",".utf8) + content.members
            let line = Array("\(TextTable.printable(key))\t".utf8) + content.bytes.array
            try answer.write(answer.isJSON ? members + Array("}\n".utf8) : line + [0x0A])
        }
        if let next = page.next {
            if answer.isJSON {
                try answer.line(["next": .string(next.description)])
            } else {
                try answer.line("more: --after \(next)")
            }
        }
        try answer.flush()
    }

    private func write(_ count: Holdfast.Answer<Int>) throws {
        try Note.print(count.degradations)
        var answer = output.answer
        try answer.finish(["count": .integer(count.content)], or: "\(count.content)\n")
    }

    private func write(_ groups: Holdfast.Answer<[RecordGroup]>) throws {
        try Note.print(groups.degradations)
        var answer = output.answer
        for group in groups.content {
            if answer.isJSON {
                try answer.line([
                    "by": .array(group.by.map(Self.value)), "count": .integer(group.count),
                    "sums": .array(group.figures.map(Self.value)),
                ])
                continue
            }
            let by = group.by.map { $0?.json.description ?? "-" }
            let figures = group.figures.map { $0?.json.description ?? "-" }
            let text = (by + [String(group.count)] + figures).map(TextTable.printable).joined(separator: "\t")
            try answer.line(text)
        }
        try answer.flush()
    }

    /// A scalar as it is written; what is missing is null.
    private static func value(_ scalar: Filter.Scalar?) -> JSONValue {
        guard let json = scalar?.json else { return .null }
        return .number(json.description)
    }
}
