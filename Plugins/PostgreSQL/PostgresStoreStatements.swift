/// The statements that a store keeps prepared.
enum PostgresStoreStatements {
    /// Name and SQL of each.
    static func all(_ tables: PostgresTables) -> [(name: String, sql: String)] {
        locking(tables) + writing(tables) + reading(tables)
    }

    private static func locking(_ tables: PostgresTables) -> [(name: String, sql: String)] {
        [
            // Makes and locks the rows of some keys, in one order, so that no two batches wait for each other.
            (
                "lock",
                """
                INSERT INTO \(tables.heads) AS h (ns, key, last, floor, noted, seq)
                SELECT u.n, u.k, '', '', 0, $3::bigint
                FROM unnest($1::bytea[], $2::bytea[]) AS u(n, k) ORDER BY u.n, u.k
                ON CONFLICT (ns, key) DO UPDATE SET seq = h.seq
                RETURNING ns, key, last, floor, noted, seq
                """
            ),
            (
                "stored",
                """
                SELECT r.ns, r.key, r.id, r.version, r.flags, r.expires
                FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) AS u(n, k, i)
                JOIN \(tables.records) r ON r.ns = u.n AND r.key = u.k AND r.id = u.i
                """
            ),
            // Moves the rows of some keys on. A row that is not as it was known divides by zero, which ends the
            // transaction before anything else is written.
            (
                "move",
                """
                WITH moved AS (
                  INSERT INTO \(tables.heads) AS h (ns, key, last, floor, noted, seq)
                  SELECT u.n, u.k, u.l, u.f, u.t, u.s
                  FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[])
                    AS u(n, k, l, f, t, s) ORDER BY u.n, u.k
                  ON CONFLICT (ns, key) DO UPDATE
                    SET last = excluded.last, floor = excluded.floor, noted = excluded.noted, seq = excluded.seq
                    WHERE h.seq = excluded.seq - 1
                  RETURNING 1)
                SELECT 1 / (CASE WHEN count(*) = $7::bigint THEN 1 ELSE 0 END) FROM moved
                """
            ),
        ]
    }

    private static func writing(_ tables: PostgresTables) -> [(name: String, sql: String)] {
        [
            (
                "drop",
                """
                DELETE FROM \(tables.records) AS r
                USING unnest($1::bytea[], $2::bytea[], $3::bytea[]) AS u(n, k, v)
                WHERE r.ns = u.n AND r.key = u.k AND r.id <= u.v AND (r.id <> '' OR r.version <= u.v)
                """
            ),
            (
                "put",
                """
                INSERT INTO \(tables.records) AS r (ns, key, id, version, flags, expires, value, facets, words)
                SELECT u.n, u.k, u.i, u.v, u.f, u.e, u.d, nullif(convert_from(u.x, 'UTF8'), ''),
                  \(PostgresWords.vector("u.w"))
                FROM unnest(
                  $1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bytea[],
                  $8::bytea[], $9::bytea[]) AS u(n, k, i, v, f, e, d, x, w)
                ON CONFLICT (ns, key, id) DO UPDATE
                  SET version = excluded.version, flags = excluded.flags, expires = excluded.expires,
                    value = excluded.value, facets = excluded.facets, words = excluded.words
                """
            ),
        ]
    }

    private static func reading(_ tables: PostgresTables) -> [(name: String, sql: String)] {
        let items = """
            SELECT id, version, flags, expires, value FROM \(tables.records)
            WHERE ns = $1::bytea AND key = $2::bytea AND id > $3::bytea AND id < $4::bytea
              AND flags & 2 = 0 AND (expires = 0 OR expires > $5::bigint)
            """
        return [
            (
                "document",
                """
                SELECT version, flags, expires, value FROM \(tables.records)
                WHERE ns = $1::bytea AND key = $2::bytea AND id = ''
                  AND flags & 2 = 0 AND (expires = 0 OR expires > $3::bigint)
                """
            ),
            ("items", "\(items) ORDER BY id LIMIT $6::bigint"),
            ("items_reversed", "\(items) ORDER BY id DESC LIMIT $6::bigint"),
        ]
    }

    /// How many records cannot be what this plugin wrote.
    static func integrity(_ tables: PostgresTables) -> String {
        """
        SELECT count(*) FROM \(tables.records)
        WHERE length(version) <> 16 OR length(id) NOT IN (0, 16) OR length(value) < 0
        """
    }
}
