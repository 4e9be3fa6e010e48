/// The names of the tables of one backend, as SQL.
struct PostgresTables: Hashable, Sendable {
    private let qualifier: String
    private let prefix: String

    /// Names the tables that the options ask for.
    init(_ options: PostgresOptions) {
        qualifier = options.schema.map { PostgresText.name($0) + "." } ?? ""
        prefix = options.tablePrefix
    }

    /// `name`, `value`: the layout, the identity of the content.
    var meta: String { table("meta") }
    /// Documents and items.
    var records: String { table("records") }
    /// Of each key its floor, the last id of its list, and how often it was written.
    var heads: String { table("heads") }
    /// The entries of a log.
    var entries: String { table("log_entries") }
    /// The one row of a log: who holds it, where it begins and ends.
    var log: String { table("log") }

    /// A table or a view.
    func table(_ name: String) -> String { qualifier + PostgresText.name(prefix + name) }
    /// An index, which lies in the schema of its table.
    func index(_ name: String) -> String { PostgresText.name(prefix + name) }
}
