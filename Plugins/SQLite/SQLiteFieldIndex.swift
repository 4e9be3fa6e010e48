internal import HoldfastProviderKit

/// The index of one declared field of one namespace.
///
/// It files each record under what `json_extract` makes of the member, in the order of (key, id); values that
/// SQLite reads differently from the host are filed under an empty BLOB, which no JSON is. So the records
/// under the scalar that is looked for, and those under the empty BLOB, are all that can match; the host's
/// own comparison then decides.
struct SQLiteFieldIndex: Hashable, Sendable {
    /// The bit of `flags` that marks a value as filed apart.
    static let irregularFlag: Int64 = 1 << 8

    /// The declared namespace.
    let namespace: String
    /// The declared member.
    let field: String
    /// The name of the index in the file.
    let name: String

    /// What the index files a record under.
    var expression: String {
        "CASE WHEN flags & \(Self.irregularFlag) <> 0 THEN x'' WHEN json_valid(value) THEN "
            + "json_extract(value, \(Self.quoted("$.\"\(field)\""))) END"
    }

    /// The condition under which SQLite may use the index: a literal, since it is decided when a statement is
    /// prepared.
    var condition: String { "ns = \(Self.quoted(namespace))" }

    /// Makes the index.
    var definition: String {
        "CREATE INDEX \(Self.quotedName(name)) ON records (\(expression), key, id) WHERE \(condition)"
    }

    /// The name of the index of a field, which no other has: the quotes tell where the namespace ends.
    static func name(of field: String, in namespace: String) -> String {
        "field \(quoted(namespace)) \(quoted(field))"
    }

    /// Whether a path of SQLite can name a field at all; queries for others read the whole namespace.
    static func canIndex(_ field: String) -> Bool {
        !field.isEmpty
            && field.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    /// A string literal of SQL.
    static func quoted(_ text: String) -> String { "'\(doubling("'", in: text))'" }

    /// A name of SQL.
    static func quotedName(_ name: String) -> String { "\"\(doubling("\"", in: name))\"" }

    private static func doubling(_ quote: Character, in text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            result.unicodeScalars.append(character)
            if Character(character) == quote { result.append(quote) }
        }
        return result
    }
}

/// The declared fields of a store.
struct SQLiteFieldIndexes: Sendable {
    /// The indexes by namespace.
    private(set) var byNamespace: [OwnedBytes: [SQLiteFieldIndex]] = [:]
    /// The namespaces with an index of words.
    private(set) var withWords: Set<OwnedBytes> = []

    /// Whether no field is declared, as for most stores.
    var isEmpty: Bool { byNamespace.isEmpty }

    /// Reads what the file has.
    init(on connection: SQLiteConnection) throws(SQLiteError) {
        let rows = try connection.prepare("SELECT ns, field, name FROM fields ORDER BY ns, field")
        while try rows.step() {
            let index = SQLiteFieldIndex(namespace: rows.text(0), field: rows.text(1), name: rows.text(2))
            if index.field == SQLiteWordIndex.declaration {
                withWords.insert(OwnedBytes(index.namespace))
            } else {
                byNamespace[OwnedBytes(index.namespace), default: []].append(index)
            }
        }
    }

    /// Makes the file's indexes those that are declared.
    ///
    /// A namespace that is declared gets exactly its fields. One that is not keeps what it has: a tool that
    /// opens the file without the host's declarations must not undo them.
    static func declare(
        _ declared: [String: [String]], on connection: SQLiteConnection
    ) throws(SQLiteError) -> SQLiteFieldIndexes {
        let held = try SQLiteFieldIndexes(on: connection)
        let canSearch = try SQLiteWordIndex.isAvailable(on: connection)
        let wanted = declared.mapValues { fields in
            Set(
                fields.filter {
                    $0 == SQLiteWordIndex.declaration ? canSearch : SQLiteFieldIndex.canIndex($0)
                })
        }
        let differs = wanted.contains { namespace, fields in fields != held.fields(of: namespace) }
        guard differs else { return held }
        connection.insist("what is stored is filed under the declared fields")
        try connection.withTransaction { () throws(SQLiteError) in
            for (namespace, fields) in wanted.sorted(by: { $0.key < $1.key }) {
                try declare(fields, in: namespace, on: connection)
            }
        }
        return try SQLiteFieldIndexes(on: connection)
    }

    /// Everything that is declared in a namespace.
    private func fields(of namespace: String) -> Set<String> {
        let fields = Set((byNamespace[OwnedBytes(namespace)] ?? []).map(\.field))
        return withWords.contains(OwnedBytes(namespace))
            ? fields.union([SQLiteWordIndex.declaration]) : fields
    }

    private static func declare(
        _ declared: Set<String>, in namespace: String, on connection: SQLiteConnection
    ) throws(SQLiteError) {
        // Read again: another process may have been first to the write lock.
        let all = try SQLiteFieldIndexes(on: connection)
        let held = all.byNamespace[OwnedBytes(namespace)] ?? []
        let hasWords = declared.contains(SQLiteWordIndex.declaration)
        if hasWords != all.withWords.contains(OwnedBytes(namespace)) {
            try declareWords(hasWords, in: namespace, on: connection)
        }
        let fields = declared.subtracting([SQLiteWordIndex.declaration])
        let deletion = try connection.prepare("DELETE FROM fields WHERE ns = ?1 AND field = ?2")
        for index in held where !fields.contains(index.field) {
            try connection.execute("DROP INDEX \(SQLiteFieldIndex.quotedName(index.name))")
            deletion.bind(1, text: namespace)
            deletion.bind(2, text: index.field)
            try deletion.run()
        }
        let missing = fields.subtracting(held.map(\.field)).sorted()
        if missing.isEmpty { return }
        try mark(namespace, fields: fields.sorted(), on: connection)
        let insertion = try connection.prepare("INSERT INTO fields (ns, field, name) VALUES (?1, ?2, ?3)")
        for field in missing {
            let index = SQLiteFieldIndex(
                namespace: namespace, field: field, name: SQLiteFieldIndex.name(of: field, in: namespace))
            try connection.execute(index.definition)
            insertion.bind(1, text: namespace)
            insertion.bind(2, text: field)
            insertion.bind(3, text: index.name)
            try insertion.run()
        }
    }

    private static func declareWords(
        _ isDeclared: Bool, in namespace: String, on connection: SQLiteConnection
    ) throws(SQLiteError) {
        let sql =
            isDeclared
            ? "INSERT INTO fields (ns, field, name) VALUES (?1, ?2, 'word_index')"
            : "DELETE FROM fields WHERE ns = ?1 AND field = ?2"
        let statement = try connection.prepare(sql)
        statement.bind(1, text: namespace)
        statement.bind(2, text: SQLiteWordIndex.declaration)
        try statement.run()
        if isDeclared {
            try SQLiteWordIndex.make(for: namespace, on: connection)
        } else {
            try SQLiteWordIndex.remove(for: namespace, on: connection)
        }
    }

    /// Marks the values of a namespace that were written before its fields were declared.
    private static func mark(
        _ namespace: String, fields: [String], on connection: SQLiteConnection
    ) throws(SQLiteError) {
        var scan = SQLiteFieldScan(fields: fields)
        let rows = try connection.prepare(
            "SELECT key, id, value, flags & \(SQLiteFieldIndex.irregularFlag) FROM records WHERE ns = ?1")
        rows.bind(1, text: namespace)
        var found: [(key: OwnedBytes, id: OwnedBytes)] = []
        while try rows.step() {
            guard rows.integer(3) == 0, unsafe scan.isIrregular(rows.bytes(2)) else { continue }
            unsafe found.append(
                (
                    OwnedBytes(copying: BorrowedBytes(rows.bytes(0))),
                    OwnedBytes(copying: BorrowedBytes(rows.bytes(1)))
                ))
        }
        let marking = try connection.prepare(
            """
            UPDATE records SET flags = flags | \(SQLiteFieldIndex.irregularFlag)
            WHERE ns = ?1 AND key = ?2 AND id = ?3
            """)
        for (key, id) in found {
            marking.bind(1, text: namespace)
            marking.bind(2, text: key.borrowed)
            marking.bind(3, blob: id.borrowed)
            try withExtendedLifetime((key, id)) { () throws(SQLiteError) in try marking.run() }
        }
    }
}

extension SQLiteFieldIndexes: Equatable {}
