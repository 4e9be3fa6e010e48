internal import HoldfastProviderKit

/// The tables of the store role.
///
/// | table | columns | holds |
/// |---|---|---|
/// | `…meta` | `name`, `value` | `store layout`: how many steps were taken; `identity`: a UUID |
/// | `…records` | `ns`, `key`, `id`, `version`, `flags`, `expires`, `value`, `facets`, `words` | documents and items |
/// | `…heads` | `ns`, `key`, `last`, `floor`, `noted`, `seq` | what decides the next change of a key |
///
/// Texts and values are `bytea`: returned byte for byte, and ordered as `memcmp` does whatever the collation.
/// The id of a document is empty, which sorts before every item. `last` is the highest id of the list, `floor`
/// the floor, both empty for none, `noted` when the floor was written in Unix milliseconds. `seq` rises with
/// every batch that touches the key: who finds it as it was knows that nothing else has changed either.
/// `flags` are those of `HF_RECORD_…`. `facets` has of each declared field the sort key
/// of its value, `words` the words of the value where an index of them is declared, see ``PostgresWords``.
enum PostgresStoreSchema {
    /// The steps from an empty schema to the present one.
    static func steps(_ tables: PostgresTables, partitionCount: Int64) -> [[String]] {
        // A key lies in one partition with all its items, so a page of a list is still one range of one index.
        let partitioning = partitionCount > 0 ? " PARTITION BY HASH (ns, key)" : ""
        return [
            [
                """
                CREATE TABLE \(tables.records) (
                  ns bytea NOT NULL, key bytea NOT NULL, id bytea NOT NULL, version bytea NOT NULL,
                  flags bigint NOT NULL, expires bigint NOT NULL, value bytea NOT NULL, facets text,
                  PRIMARY KEY (ns, key, id))\(partitioning)
                """,
                """
                CREATE TABLE \(tables.heads) (
                  ns bytea NOT NULL, key bytea NOT NULL, last bytea NOT NULL, floor bytea NOT NULL,
                  noted bigint NOT NULL, seq bigint NOT NULL,
                  PRIMARY KEY (ns, key))\(partitioning)
                """,
            ] + partitions(of: "records", tables, partitionCount)
                + partitions(of: "heads", tables, partitionCount) + [
                    // A scan of documents does not walk through lists; a purge finds what is past its time.
                    """
                    CREATE INDEX \(tables.index("documents_at")) ON \(tables.records) (ns, key) WHERE id = ''
                    """,
                    """
                    CREATE INDEX \(tables.index("expiring")) ON \(tables.records) (expires)
                    WHERE expires > 0 AND flags & 2 = 0
                    """,
                    """
                    CREATE INDEX \(tables.index("removed")) ON \(tables.records) (version) WHERE flags & 2 <> 0
                    """,
                    """
                    CREATE INDEX \(tables.index("floors")) ON \(tables.heads) (noted) WHERE noted > 0
                    """,
                    """
                    CREATE INDEX \(tables.index("floors_at")) ON \(tables.heads) (ns, key) WHERE floor <> ''
                    """,
                ],
            // Fields are filed under sort keys instead of digests: who opens the store files what it has declared.
            ["UPDATE \(tables.records) SET facets = NULL WHERE facets IS NOT NULL"],
            ["ALTER TABLE \(tables.records) ADD COLUMN IF NOT EXISTS words tsvector"],
        ]
    }

    private static func partitions(of name: String, _ tables: PostgresTables, _ count: Int64) -> [String] {
        (0..<count).map { index in
            "CREATE TABLE \(tables.table("\(name)_\(index)")) PARTITION OF \(tables.table(name)) "
                + "FOR VALUES WITH (MODULUS \(count), REMAINDER \(index))"
        }
    }

    /// Fails where the tables have not as many partitions as the options ask for.
    static func checkPartitions(
        _ connection: PostgresConnection, _ tables: PostgresTables, _ options: PostgresOptions,
        _ call: CallContext
    ) throws(ProviderError) {
        guard options.partitionCount > 0 else { return }
        var count: Int64 = 0
        let question =
            "SELECT count(*) FROM pg_inherits WHERE inhparent = '\(PostgresText.quoted(tables.records))'::regclass"
        try connection.run([PostgresRequest(sql: question)], call: call) { _, result throws(ProviderError) in
            if result.rowCount > 0 { count = result.integer(0, 0) }
        }
        guard count != options.partitionCount else { return }
        let state = count == 0 ? "is there and not partitioned" : "has \(count) partitions"
        throw ProviderError(
            .invalid,
            "the table \(tables.records) \(state), option \"partitions\" is \(options.partitionCount): a table is "
                + "partitioned only when it is made; leave the option out, or move the data to tables with another "
                + "table_prefix")
    }

    /// Views for people; a server that cannot have one does without.
    static func views(_ tables: PostgresTables) -> [String] {
        let records = tables.records
        return [
            """
            CREATE OR REPLACE VIEW \(tables.table("messages")) AS
            SELECT convert_from(ns, 'UTF8') AS namespace, convert_from(key, 'UTF8') AS session,
              \(uuid("id")) AS id, \(time("id")) AS time,
              \(member("role")) AS role, \(text) AS value, \(uuid("version")) AS version, \(expiry) AS expires
            FROM \(records)
            WHERE id > '' AND \(visible) AND substring(ns FROM 1 FOR 1) <> '~'
            """,
            """
            CREATE OR REPLACE VIEW \(tables.table("documents")) AS
            SELECT convert_from(ns, 'UTF8') AS namespace, convert_from(key, 'UTF8') AS key,
              \(time("version")) AS time, \(text) AS value, \(uuid("version")) AS version, \(expiry) AS expires
            FROM \(records)
            WHERE id = '' AND \(visible)
            """,
        ]
    }

    private static let visible = """
        flags & 2 = 0 AND (expires = 0 OR expires > extract(epoch FROM now()) * 1000)
        """

    private static let expiry = "CASE WHEN expires > 0 THEN to_timestamp(expires / 1000.0) END"

    /// JSON as text, what is not as base64; a NUL in JSON would be none.
    private static let text = """
        CASE WHEN flags & 1 = 0 AND position('\\x00'::bytea IN value) = 0 THEN convert_from(value, 'UTF8')
          ELSE encode(value, 'base64') END
        """

    /// A member that is a short string; found as text, since a cast to JSON fails on what PostgreSQL refuses.
    private static func member(_ name: String) -> String {
        "substring(\(text) FROM '\"\(name)\"\\s*:\\s*\"([^\"\\\\]*)\"')"
    }

    private static func uuid(_ column: String) -> String { "encode(\(column), 'hex')::uuid" }

    /// The time that a UUIDv7 carries in its first 48 bits.
    private static func time(_ column: String) -> String {
        "to_timestamp(('x' || left(encode(\(column), 'hex'), 12))::bit(48)::bigint / 1000.0)"
    }
}
