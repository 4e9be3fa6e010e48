/// The tables of the log role.
///
/// | table | columns | holds |
/// |---|---|---|
/// | `…log` | `name`, `first`, `last`, `size`, `owner`, `holder`, `backend`, `started` | one row: the log |
/// | `…log_entries` | `lsn`, `crc`, `entry` | the entries; `crc` is CRC32C over LSN and entry |
///
/// `first` is the lowest LSN that is held, `last` the highest that was given out, `size` the bytes of the entries.
/// `owner` is the token of the open log, which every append asks for; `holder` says whose it is; `backend` and
/// `started` are the session that lives as long as the holder does.
enum PostgresLogSchema {
    /// The steps from an empty schema to the present one.
    static func steps(_ tables: PostgresTables) -> [[String]] {
        [
            [
                """
                CREATE TABLE \(tables.log) (
                  name text PRIMARY KEY, first bigint NOT NULL, last bigint NOT NULL, size bigint NOT NULL,
                  owner text NOT NULL, holder text NOT NULL, backend bigint NOT NULL, started text NOT NULL)
                """,
                """
                CREATE TABLE \(tables.entries) (
                  lsn bigint PRIMARY KEY, crc bigint NOT NULL, entry bytea NOT NULL)
                """,
                "INSERT INTO \(tables.log) VALUES ('log', 1, 0, 0, '', '', 0, '')",
            ]
        ]
    }

    /// The statements that a log keeps prepared.
    static func statements(_ tables: PostgresTables) -> [(name: String, sql: String)] {
        [
            // Nothing is inserted unless the log is still ours and ends where it was known to end.
            (
                "append",
                """
                WITH grown AS (
                  UPDATE \(tables.log) SET last = last + $3::bigint, size = size + $4::bigint
                  WHERE name = 'log' AND owner = convert_from($1::bytea, 'UTF8') AND last = $2::bigint
                  RETURNING last)
                INSERT INTO \(tables.entries) (lsn, crc, entry)
                SELECT u.l, u.c, u.e FROM grown, unnest($5::bigint[], $6::bigint[], $7::bytea[]) AS u(l, c, e)
                """
            ),
            (
                "read",
                "SELECT lsn, crc, entry FROM \(tables.entries) WHERE lsn >= $1::bigint ORDER BY lsn LIMIT $2::bigint"
            ),
            (
                "sizes",
                """
                SELECT lsn, octet_length(entry)::bigint FROM \(tables.entries)
                WHERE lsn >= $1::bigint ORDER BY lsn LIMIT 1024
                """
            ),
            (
                "trim",
                """
                WITH gone AS (
                  DELETE FROM \(tables.entries) WHERE lsn < $2::bigint RETURNING octet_length(entry) AS size)
                UPDATE \(tables.log) SET first = greatest(first, $2::bigint),
                  size = size - coalesce((SELECT sum(size) FROM gone), 0)::bigint
                WHERE name = 'log' AND owner = convert_from($1::bytea, 'UTF8')
                """
            ),
            (
                "bounds",
                "SELECT first, last, size, owner, holder FROM \(tables.log) WHERE name = 'log'"
            ),
        ]
    }
}
