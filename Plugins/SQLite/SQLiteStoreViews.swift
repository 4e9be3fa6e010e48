/// The views for people with the `sqlite3` shell: what a reader of the store would see, as text.
///
/// `SELECT * FROM messages WHERE session = '…'` shows one list, in order. Removed and expired records are
/// left out, and so are the host's own namespaces, which begin with `~`, from `messages`.
enum SQLiteStoreViews {
    /// Makes the views.
    static let definitions = [
        """
        CREATE VIEW messages AS
        SELECT ns AS namespace, key AS session, \(uuid("id")) AS id, \(time("id")) AS time,
          \(member("role")) AS role, \(member("content")) AS content,
          \(uuid("version")) AS version, \(expiry) AS expires, CAST(value AS TEXT) AS value
        FROM records
        WHERE id > x'' AND \(visible) AND substr(ns, 1, 1) <> '~'
        """,
        """
        CREATE VIEW documents AS
        SELECT ns AS namespace, key, \(uuid("version")) AS version, \(time("version")) AS time,
          \(expiry) AS expires, CAST(value AS TEXT) AS value
        FROM records
        WHERE id = x'' AND \(visible)
        """,
    ]

    private static let visible = """
        flags & 2 = 0 AND (expires = 0 OR expires > (julianday('now') - 2440587.5) * 86400000)
        """

    private static let expiry = """
        CASE WHEN expires > 0 THEN strftime('%Y-%m-%dT%H:%M:%fZ', expires / 1000.0, 'unixepoch') END
        """

    /// A top-level member where the value is JSON.
    private static func member(_ name: String) -> String {
        "CASE WHEN json_valid(value) THEN json_extract(value, '$.\(name)') END"
    }

    /// The usual text of a UUID.
    private static func uuid(_ column: String) -> String {
        let parts = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)]
            .map { start, count in "substr(lower(hex(\(column))), \(start), \(count))" }
        return parts.joined(separator: " || '-' || ")
    }

    /// The time that a UUIDv7 carries in its first 48 bits; SQLite 3.40 has no function that reads
    /// hexadecimal.
    private static func time(_ column: String) -> String {
        let digits = (1...12).map { position in
            let weight = 1 << (4 * (12 - position))
            return "(instr('123456789ABCDEF', substr(hex(\(column)), \(position), 1)) * \(weight))"
        }
        let milliseconds = "(\(digits.joined(separator: " + ")))"
        return "strftime('%Y-%m-%dT%H:%M:%fZ', \(milliseconds) / 1000.0, 'unixepoch')"
    }
}
