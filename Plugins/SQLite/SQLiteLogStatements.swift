/// The statements of a log, prepared once.
struct SQLiteLogStatements {
    let begin: SQLiteStatement
    let commit: SQLiteStatement
    let rollback: SQLiteStatement
    let insert: SQLiteStatement
    /// lsn, checksum, entry from an LSN on.
    let read: SQLiteStatement
    let trim: SQLiteStatement
    /// Sets a position of the table meta.
    let note: SQLiteStatement
    /// The bytes of the pages in use.
    let size: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        insert = try connection.prepare("INSERT INTO entries (lsn, crc, entry) VALUES (?1, ?2, ?3)")
        read = try connection.prepare("SELECT lsn, crc, entry FROM entries WHERE lsn >= ?1 ORDER BY lsn")
        trim = try connection.prepare("DELETE FROM entries WHERE lsn <= ?1")
        note = try connection.prepare("UPDATE meta SET value = ?2 WHERE name = ?1")
        size = try connection.prepare(
            """
            SELECT (page_count - freelist_count) * page_size
            FROM pragma_page_count, pragma_freelist_count, pragma_page_size
            """)
    }
}
