import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("PostgreSQL lets go", .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed"))
struct PurgeTests {
    @Test("what is past its time goes, and what is not stays")
    func purge() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let provider = try PostgresSubject.provider(prefix: prefix)
        let store = try await provider.connect(.unbounded)
        // The server of these tests does not wait for the disk, so a flush is asked for, and it purges.
        #expect(!store.info.capabilities.contains(.durable))
        let now = SystemClock().unixMilliseconds
        let old = TestClock(1_000)
        let new = TestClock(UInt64(now))
        func put(_ key: Bytes, _ version: Version, _ expiresAt: Int64 = 0, _ flags: Record.Flags = [])
            -> Change
        {
            Change(
                .put,
                Record(
                    namespace: "ns", key: key, version: version, value: flags.isEmpty ? "{}" : "",
                    expiresAt: expiresAt, flags: flags))
        }
        let changes = [
            put("old tombstone", old.next(), 0, .removed), put("new tombstone", new.next(), 0, .removed),
            put("expired", new.next(), now - 120_000), put("expires later", new.next(), now + 3_600_000),
            put("kept", new.next()),
            Change(.drop, Record(namespace: "ns", key: "old floor", version: old.next())),
            Change(.drop, Record(namespace: "ns", key: "kept", version: old.next())),
            Change(.drop, Record(namespace: "ns", key: "new floor", version: new.next())),
        ]
        #expect(try await store.apply(changes, atomic: true, .unbounded).allSatisfy { $0 == .applied })
        let server = try PostgresServer.shared.get()
        try server.run(
            "UPDATE \"\(prefix)heads\" SET noted = 1 WHERE key IN ('old floor', 'kept') AND noted > 0")
        try await store.flush(.unbounded)
        #expect(
            try server.run("SELECT convert_from(key, 'UTF8'), flags FROM \"\(prefix)records\" ORDER BY key")
                == "expired|2\nexpires later|0\nkept|0\nnew tombstone|2\n")
        #expect(
            try server.run(
                "SELECT convert_from(key, 'UTF8'), floor <> '' FROM \"\(prefix)heads\" "
                    + "WHERE key LIKE '%floor' OR key = 'kept' ORDER BY key") == "kept|f\nnew floor|t\n")
        // What this connection remembers of a key whose row has gone does no harm.
        let again = put("old floor", new.next())
        #expect(
            try await store.apply([again, put("kept", new.next())], atomic: true, .unbounded)
                == [.applied, .applied])
        await store.close()
    }

    @Test("the last items of a long list, and a batch on it, are read along the primary key")
    func plans() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let store = try await PostgresSubject.provider(prefix: prefix).connect(.unbounded)
        await store.close()
        let server = try PostgresServer.shared.get()
        let plan = try server.run(
            """
            SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
            SET plan_cache_mode = force_generic_plan;
            PREPARE last (bytea, bytea) AS SELECT id, value FROM "\(prefix)records"
              WHERE ns = $1 AND key = $2 AND id > '' AND id < '\\xff' AND flags & 2 = 0 ORDER BY id DESC LIMIT 50;
            EXPLAIN (COSTS off) EXECUTE last ('a', 'b')
            """)
        #expect(plan.contains("Index Scan Backward using \(prefix)records_pkey") && !plan.contains("Sort"))
    }
}
