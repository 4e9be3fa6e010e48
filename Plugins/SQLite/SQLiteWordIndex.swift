private import CSQLite
internal import HoldfastProviderKit
internal import HoldfastSupport

/// The words of the records of declared namespaces, in a table of FTS5.
///
/// Triggers keep it in step with `records`, whoever writes and for whatever reason, in the same transaction. A record's
/// entry is its words, cut as queries cut them, and one that stands for its key; the tokenizer of FTS5 finds nothing
/// else in that text than these. What the index finds are candidates: the host's own comparison decides.
enum SQLiteWordIndex {
    /// What stands for the words of all strings in a list of declared fields.
    static let declaration = "@words"
    /// How many words of a query are looked up; the others are left to the comparison.
    private static let wordCountMax = 32

    /// The rows that entries of the index have, made with the file.
    static let tables = [
        """
        CREATE TABLE word_rows (
          row INTEGER PRIMARY KEY, ns TEXT NOT NULL, key TEXT NOT NULL, id BLOB NOT NULL, UNIQUE (ns, key, id)
        )
        """
    ]

    private static let index = """
        CREATE VIRTUAL TABLE IF NOT EXISTS word_index
        USING fts5 (words, tokenize = "ascii tokenchars '='", detail = none, columnsize = 0)
        """

    /// Candidates of a query: entries, each with its row.
    static let candidates =
        "word_index CROSS JOIN word_rows AS p ON p.row = word_index.rowid"

    /// Whether SQLite was built with what the index needs; without it, queries for words read the namespace.
    static func isAvailable(on connection: SQLiteConnection) throws(SQLiteError) -> Bool {
        try connection.integer("SELECT sqlite_compileoption_used('ENABLE_FTS5')") == 1
    }

    // MARK: - Declaring

    /// Makes the index of a namespace, and fills it with what is there; under the write lock.
    static func make(for namespace: String, on connection: SQLiteConnection) throws(SQLiteError) {
        try connection.execute(index)
        for trigger in triggers(of: namespace) { try connection.execute(trigger.definition) }
        for statement in [
            "INSERT INTO word_rows (ns, key, id) SELECT ns, key, id FROM records WHERE ns = ?1",
            """
            INSERT INTO word_index (rowid, words)
            SELECT p.row, holdfast_words(r.key, r.flags, r.value) FROM word_rows AS p
            JOIN records AS r ON r.ns = p.ns AND r.key = p.key AND r.id = p.id WHERE p.ns = ?1
            """,
        ] { try run(statement, namespace, on: connection) }
    }

    /// Removes the index of a namespace; under the write lock.
    static func remove(for namespace: String, on connection: SQLiteConnection) throws(SQLiteError) {
        for trigger in triggers(of: namespace) {
            try connection.execute("DROP TRIGGER IF EXISTS \(SQLiteFieldIndex.quotedName(trigger.name))")
        }
        try run(
            "DELETE FROM word_index WHERE rowid IN (SELECT row FROM word_rows WHERE ns = ?1)", namespace,
            on: connection)
        try run("DELETE FROM word_rows WHERE ns = ?1", namespace, on: connection)
    }

    private static func run(
        _ sql: String, _ namespace: String, on connection: SQLiteConnection
    ) throws(SQLiteError) {
        let statement = try connection.prepare(sql)
        statement.bind(1, text: namespace)
        try statement.run()
    }

    private static func triggers(of namespace: String) -> [(name: String, definition: String)] {
        let literal = SQLiteFieldIndex.quoted(namespace)
        func row(_ record: String) -> String {
            "(SELECT row FROM word_rows WHERE ns = \(record).ns AND key = \(record).key AND id = \(record).id)"
        }
        let words = "holdfast_words(NEW.key, NEW.flags, NEW.value)"
        return [
            (
                "INSERT ON", "NEW",
                """
                INSERT INTO word_rows (ns, key, id) VALUES (NEW.ns, NEW.key, NEW.id);
                INSERT INTO word_index (rowid, words) VALUES (\(row("NEW")), \(words));
                """
            ),
            (
                "UPDATE OF version, flags, value ON", "NEW",
                "UPDATE word_index SET words = \(words) WHERE rowid = \(row("NEW"));"
            ),
            (
                "DELETE ON", "OLD",
                """
                DELETE FROM word_index WHERE rowid = \(row("OLD"));
                DELETE FROM word_rows WHERE ns = OLD.ns AND key = OLD.key AND id = OLD.id;
                """
            ),
        ].map { event, record, body in
            let name = "words \(literal) \(event.prefix(6).lowercased())"
            let definition =
                "CREATE TRIGGER \(SQLiteFieldIndex.quotedName(name)) AFTER \(event) records "
                + "WHEN \(record).ns = \(literal) BEGIN \(body) END"
            return (name, definition)
        }
    }

    /// What a check of the index finds first, or nothing when it is sound.
    static func finding(on connection: SQLiteConnection) throws(SQLiteError) -> String? {
        let made = "SELECT count(*) FROM sqlite_schema WHERE name = 'word_index'"
        guard try connection.integer(made) == 1 else { return nil }
        do throws(SQLiteError) {
            try connection.execute("INSERT INTO word_index (word_index) VALUES ('integrity-check')")
        } catch {
            guard error.primaryCode == SQLITE_CORRUPT else { throw error }
            return "the index of words is damaged"
        }
        let missing = try connection.integer(
            """
            SELECT count(*) FROM fields AS f CROSS JOIN records AS r ON r.ns = f.ns
            LEFT JOIN word_rows AS p ON p.ns = r.ns AND p.key = r.key AND p.id = r.id
            WHERE f.field = '\(declaration)' AND p.row IS NULL
            """)
        return missing == 0 ? nil : "the index of words lacks \(missing ?? 0) records"
    }

    // MARK: - Entries

    /// Makes the function `holdfast_words(key, flags, value)` known, of which entries are made.
    static func register(on connection: SQLiteConnection) throws(SQLiteError) {
        let status = unsafe sqlite3_create_function_v2(
            connection.handle, "holdfast_words", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil,
            { @Sendable context, count, arguments in
                guard count == 3, let arguments = unsafe arguments else { return }
                let key = unsafe SQLiteSelectFunction.bytes(arguments[0])
                let flags = unsafe RecordFlags(
                    rawValue: UInt32(truncatingIfNeeded: sqlite3_value_int64(arguments[1])))
                let value = unsafe SQLiteSelectFunction.bytes(arguments[2])
                    .assumingMemoryBound(to: UInt8.self)
                let entry = unsafe SQLiteWordIndex.entry([UInt8](key), flags, value.span)
                unsafe entry.withUnsafeBytes { bytes in
                    let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                    unsafe sqlite3_result_text64(
                        context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt64(bytes.count),
                        copies, UInt8(SQLITE_UTF8))
                }
            }, nil, nil, nil)
        guard status == SQLITE_OK else { throw SQLiteError(status, nil, while: "define holdfast_words") }
    }

    private static func entry(_ key: [UInt8], _ flags: RecordFlags, _ value: Span<UInt8>) -> [UInt8] {
        var entry = keyWord(key)
        guard flags.isDisjoint(with: [.bytes, .removed]) else { return entry }
        for word in IndexedWords.words(of: value) {
            entry.append(UInt8(ascii: " "))
            entry += word
        }
        return entry
    }

    /// The word that stands for a key, which no text has: so a search in one list reads only what is about it.
    static func keyWord(_ key: [UInt8]) -> [UInt8] {
        let digests = [CRC32C.checksum(key), CRC32C.checksum(key + [0xFF])]
        let bytes = digests.flatMap { digest in (0..<4).map { UInt8(truncatingIfNeeded: digest >> (8 * $0)) }
        }
        return [UInt8(ascii: "=")] + SelectText.hexadecimal(bytes)
    }

    /// What to look up for a query, in the language of FTS5; nothing where an index of words says nothing.
    static func question(_ select: Select) -> [UInt8]? {
        let words = select.neededWords.prefix(wordCountMax)
        guard !words.isEmpty else { return nil }
        var parts = words.map { [UInt8(ascii: "\"")] + $0.bytes + Array(($0.isPrefix ? "\"*" : "\"").utf8) }
        if let key = select.key { parts.append(Array("\"".utf8) + keyWord(key) + Array("\"".utf8)) }
        return Array(parts.joined(separator: Array(" AND ".utf8)))
    }
}
