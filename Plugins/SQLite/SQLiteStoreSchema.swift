/// The tables of the store role.
///
/// | table | columns | holds |
/// |---|---|---|
/// | `meta` | `name`, `value` | `incarnation`: the UUID of the file; `created_ms` |
/// | `records` | `ns`, `key`, `id`, `version`, `flags`, `expires`, `value` | documents and items |
/// | `floors` | `ns`, `key`, `version`, `noted` | the floor of a key, and when it was written in Unix ms |
/// | `fields` | `ns`, `field`, `name` | the declared fields and the names of their indexes |
/// | `word_rows` | `row`, `ns`, `key`, `id` | which record a row of `word_index` is about |
/// | `word_index` | `words` | see ``SQLiteWordIndex``; made when one is declared |
///
/// `records` is clustered by (`ns`, `key`, `id`): a list lies in one piece in the order of its ids, its
/// document right before it, so the latest items are one contiguous read and an append lands where the end
/// was just read. An id that is empty sorts before every other. `flags` are those of `HF_RECORD_…` in the
/// lower eight bits; bit 9 says that it has expired and lost its value, bit 8 that the JSON of the value is
/// written in a way that SQLite's functions read differently, see ``SQLiteFieldIndex``. `value` is TEXT where
/// it can be, so that people can read it, and BLOB for bytes and for what contains NUL; SQLite returns both
/// byte for byte.
enum SQLiteStoreSchema {
    /// `HFST`.
    static let applicationID: Int64 = 0x4846_5354

    /// See ``SQLiteSchema``.
    static let schema = SQLiteSchema(
        applicationID: applicationID, noun: "store", steps: [version1, version2, SQLiteWordIndex.tables])

    /// Tables only: what every later version builds on.
    static let version1 = [
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE records (
          ns TEXT NOT NULL, key TEXT NOT NULL, id BLOB NOT NULL, version BLOB NOT NULL,
          flags INTEGER NOT NULL, expires INTEGER NOT NULL, value NOT NULL,
          PRIMARY KEY (ns, key, id)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE floors (
          ns TEXT NOT NULL, key TEXT NOT NULL, version BLOB NOT NULL, noted INTEGER NOT NULL,
          PRIMARY KEY (ns, key)
        ) WITHOUT ROWID
        """,
    ]

    /// What finds records past their time without a scan, declared fields, and the views for people.
    static let version2 =
        [
            "CREATE INDEX records_expiring ON records (expires) WHERE expires > 0 AND flags & 512 = 0",
            "CREATE INDEX records_removed ON records (version) WHERE flags & 514 <> 0",
            "CREATE INDEX floors_noted ON floors (noted)",
            """
            CREATE TABLE fields (
              ns TEXT NOT NULL, field TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (ns, field)
            ) WITHOUT ROWID
            """,
        ] + SQLiteStoreViews.definitions
}
