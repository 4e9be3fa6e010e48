/// The tables of the log role.
///
/// | table | columns | holds |
/// |---|---|---|
/// | `meta` | `name`, `value` | `incarnation`, `created_ms`, `trimmed`, `salvaged` |
/// | `entries` | `lsn`, `crc`, `entry` | each entry with its CRC32C, seeded with the low half of its LSN |
///
/// `incarnation` is the identity of the log, `trimmed` the highest LSN that was let go; up to `salvaged`
/// entries may be missing, because a salvage has lost them and said so.
enum SQLiteLogSchema {
    /// `HFLG`.
    static let applicationID: Int64 = 0x4846_4C47

    /// See ``SQLiteSchema``.
    static let schema = SQLiteSchema(applicationID: applicationID, noun: "log", steps: [version1])

    /// The first version.
    static let version1 = [
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE entries (lsn INTEGER PRIMARY KEY, crc INTEGER NOT NULL, entry BLOB NOT NULL)",
        "INSERT INTO meta (name, value) VALUES ('trimmed', '0'), ('salvaged', '0')",
    ]
}
