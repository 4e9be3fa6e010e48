/// The statements of a store's hot paths, prepared once; parameters 1 to 3 are always namespace, key and id.
struct SQLiteStoreStatements {
    let begin: SQLiteStatement
    let beginReading: SQLiteStatement
    let commit: SQLiteStatement
    let rollback: SQLiteStatement
    /// Moves when another connection has committed.
    let dataVersion: SQLiteStatement
    /// The floor of a key.
    let floor: SQLiteStatement
    /// The last id of a list: one probe at the place where an append will land.
    let lastID: SQLiteStatement
    /// What decides a put of a record that may be there: version, flags, expiry.
    let stored: SQLiteStatement
    let insert: SQLiteStatement
    let update: SQLiteStatement
    /// Removes the document and the items up to a version.
    let remove: SQLiteStatement
    let raiseFloor: SQLiteStatement
    /// version, flags, expiry, value of a document.
    let document: SQLiteStatement
    /// id, version, flags, expiry, value of the items between two ids.
    let items: SQLiteStatement
    /// As ``items``, from the newest.
    let itemsReversed: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        begin = try connection.prepare("BEGIN IMMEDIATE")
        beginReading = try connection.prepare("BEGIN")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        dataVersion = try connection.prepare("PRAGMA data_version")
        floor = try connection.prepare("SELECT version FROM floors WHERE ns = ?1 AND key = ?2")
        lastID = try connection.prepare(
            "SELECT id FROM records WHERE ns = ?1 AND key = ?2 AND id > x'' ORDER BY id DESC LIMIT 1")
        stored = try connection.prepare(
            "SELECT version, flags, expires FROM records WHERE ns = ?1 AND key = ?2 AND id = ?3")
        insert = try connection.prepare(
            """
            INSERT INTO records (ns, key, id, version, flags, expires, value)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """
        )
        update = try connection.prepare(
            """
            UPDATE records SET version = ?4, flags = ?5, expires = ?6, value = ?7
            WHERE ns = ?1 AND key = ?2 AND id = ?3
            """)
        remove = try connection.prepare(
            """
            DELETE FROM records WHERE ns = ?1 AND key = ?2 AND id <= ?3 AND (id > x'' OR version <= ?3)
            """)
        raiseFloor = try connection.prepare(
            """
            INSERT INTO floors (ns, key, version, noted) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET version = excluded.version, noted = excluded.noted
            """)
        document = try connection.prepare(
            "SELECT version, flags, expires, value FROM records WHERE ns = ?1 AND key = ?2 AND id = x''")
        let columns = "SELECT id, version, flags, expires, value FROM records"
        let range = "WHERE ns = ?1 AND key = ?2 AND id > ?3 AND id < ?4"
        items = try connection.prepare("\(columns) \(range) ORDER BY id")
        itemsReversed = try connection.prepare("\(columns) \(range) ORDER BY id DESC")
    }
}
