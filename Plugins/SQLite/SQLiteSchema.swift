private import CSQLite
internal import HoldfastProviderKit

/// The tables of one kind of file, and how an older file becomes one of this version.
///
/// `PRAGMA application_id` says whose file it is, `PRAGMA user_version` how far its tables have come. An
/// empty file takes every step from the first, an older one those that it lacks, all in one transaction; a
/// newer one is refused, because what a later version meant by its tables is not known here.
struct SQLiteSchema: Sendable {
    /// Four letters that tell this kind of file from every other database.
    let applicationID: Int64
    /// What the file is, for messages: `store` or `log`.
    let noun: String
    /// The statements of each version, from 1.
    let steps: [[String]]

    /// The version that this plugin reads and writes.
    var version: Int64 { Int64(steps.count) }

    /// Says why a file cannot be used, or nothing.
    ///
    /// It writes nothing, so that a file of somebody else stays as it is.
    func refusal(of connection: SQLiteConnection) throws(SQLiteError) -> ProviderError? {
        let path = connection.path
        // In one transaction, or a file that another process makes meanwhile shows its tables without its name.
        try connection.execute("BEGIN")
        defer { connection.abandonTransaction() }
        let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        let found = try connection.integer("PRAGMA application_id") ?? 0
        let held = try connection.integer("PRAGMA user_version") ?? 0
        if found == 0, tables == 0, held == 0 { return nil }
        guard found == applicationID else {
            let owner = Self.owner(of: found)
            return ProviderError(
                .invalid,
                "\(path) is \(owner) with \(tables) tables and indexes, "
                    + "expected a Holdfast \(noun) or no file"
            )
        }
        guard held > version else { return nil }
        return ProviderError(
            .unsupported,
            "\(path) has schema version \(held), this plugin knows 1 to \(version); use a newer plugin"
        )
    }

    private static func owner(of applicationID: Int64) -> String {
        switch applicationID {
        case SQLiteStoreSchema.applicationID: "a Holdfast store"
        case SQLiteLogSchema.applicationID: "a Holdfast log"
        default: "a database of another application (application_id \(applicationID))"
        }
    }

    /// Brings a file that was not refused to this version.
    ///
    /// - Parameters:
    ///   - connection: to the file, in no transaction.
    ///   - pageByteCount: the page size of a new file.
    ///   - now: Unix milliseconds, noted in a new file.
    /// - Returns: the identity of the file: a UUID that is made with it.
    /// - Throws: what SQLite reported; the file is as it was before.
    func prepare(
        _ connection: SQLiteConnection, pageByteCount: Int64, now: Int64
    ) throws(SQLiteError) -> String {
        // The page size counts only before the first page is written, the journal only outside of a
        // transaction.
        try connection.execute("PRAGMA page_size = \(pageByteCount)")
        let journal = try connection.waitingForLocks { () throws(SQLiteError) in
            try connection.text("PRAGMA journal_mode = WAL")
        }
        guard journal == "wal" else {
            throw SQLiteError(
                SQLITE_CANTOPEN, "its file system has no shared memory, which the WAL journal needs",
                while: "open \(connection.path)")
        }
        if try connection.integer("PRAGMA user_version") != version {
            connection.insist("its tables are brought to this version")
            try connection.withTransaction { () throws(SQLiteError) in try migrate(connection, now: now) }
        }
        guard let identity = try connection.text("SELECT value FROM meta WHERE name = 'incarnation'") else {
            throw SQLiteError(
                SQLITE_CORRUPT, "the table meta has no incarnation", while: "read \(connection.path)")
        }
        return identity
    }

    /// Takes the steps that a file lacks; what another process did meanwhile is seen under the write lock.
    private func migrate(_ connection: SQLiteConnection, now: Int64) throws(SQLiteError) {
        let held = try connection.integer("PRAGMA user_version") ?? 0
        guard held < version else { return }
        for step in steps[Int(held)...] {
            for statement in step { try connection.execute(statement) }
        }
        if held == 0 {
            let row = try connection.prepare("INSERT INTO meta (name, value) VALUES (?1, ?2)")
            for (name, value) in [("incarnation", Self.randomUUID()), ("created_ms", String(now))] {
                row.bind(1, text: name)
                row.bind(2, text: value)
                try row.run()
            }
            try connection.execute("PRAGMA application_id = \(applicationID)")
        }
        try connection.execute("PRAGMA user_version = \(version)")
    }

    /// A UUID of version 4, in its usual text.
    private static func randomUUID() -> String {
        let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
        let low = UInt64.random(in: .min ... .max) & ~(0b11 << 62) | 0b10 << 62
        let digits = Version(high: high, low: low).description
        var text = ""
        for (position, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(position) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}
