import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("What PostgreSQL holds", .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed"))
struct ContentTests {
    private static let hostileTexts: [Bytes] = [
        "#", "/", "..", "%", "_", "*", "\\0", "'; DROP TABLE x; --", "\"", "\\", "$1", "{a,b}",
        "\u{1F600}\u{200D}",
        "NULL", " ", "\u{7f}",
    ]
    private static let hostileValues: [Bytes] = [
        "", "{\"role\":\"\\u0000\"}", "{\"role\":\"\\ud800\"}", "{\"role\":1,\"role\":\"user\"}",
        "{\"role\":9223372036854775808}", "{\"role\":1.0}", "[[[[]]]]", "\"\\udc00\"",
        Bytes([0, 1, 2, 0xFF, 0xFE, 0x5C, 0x27]),
    ]

    @Test("hostile names and values come back as they went in, with declared fields and without")
    func hostile() async throws {
        for indexes: Bytes in ["{}", #"{"chat": ["role", "a=b;c'"]}"#] {
            let store = try await PostgresSubject.provider(indexes: indexes).connect(.unbounded)
            let clock = TestClock()
            var records: [Record] = []
            for key in Self.hostileTexts {
                for value in Self.hostileValues {
                    let id = clock.next()
                    records.append(
                        Record(namespace: "chat", key: key, id: id, version: id, value: value, flags: .bytes))
                    records.append(
                        Record(namespace: "chat", key: Bytes("\(key)2"), id: id, version: id, value: value))
                }
            }
            let outcomes = try await store.apply(records.map { Change(.put, $0) }, atomic: true, .unbounded)
            #expect(outcomes.allSatisfy { $0 == .applied })
            let found = try await store.query(Query(namespace: "chat"), .unbounded)
            #expect(Set(found) == Set(records))
            await store.close()
        }
    }

    @Test("an index of a declared field gives what a scan gives, also for what was stored before it")
    func declaredFields() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let clock = TestClock()
        let values =
            Self.hostileValues.dropLast() + ["{\"role\":\"user\"}", "{\"role\":null}", "{\"role\":1}"]
        func fill(_ store: any Store, _ key: Bytes) async throws {
            let changes = values.map { value in
                let id = clock.next()
                return Change(.put, Record(namespace: "chat", key: key, id: id, version: id, value: value))
            }
            _ = try await store.apply(changes, atomic: true, .unbounded)
        }
        let plain = try await PostgresSubject.provider(prefix: prefix).connect(.unbounded)
        try await fill(plain, "before")
        let indexed = try await PostgresSubject.provider(prefix: prefix, indexes: #"{"chat": ["role"]}"#)
            .connect(.unbounded)
        try await fill(indexed, "after")
        for json: Bytes in ["\"user\"", "1", "1.0", "null", "9223372036854775808", "\"\\u0000\"", "\"x\""] {
            let query = Query(namespace: "chat", matches: [Query.Match(field: "role", json: json)])
            let found = try await indexed.query(query, .unbounded)
            #expect(try await plain.query(query, .unbounded) == found, "role is \(json)")
        }
        await plain.close()
        await indexed.close()
    }

    @Test("the views for people show what a reader would see")
    func views() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let store = try await PostgresSubject.provider(prefix: prefix).connect(.unbounded)
        let clock = TestClock()
        let id = clock.next()
        let message = Record(
            namespace: "chat", key: "s1", id: id, version: id, value: #"{"role":"user","content":"hi"}"#)
        let odd = clock.next()
        let hidden = Record(namespace: "chat", key: "s1", id: odd, version: odd, flags: .removed)
        let document = Record(namespace: "~holdfast", key: "mark", version: clock.next(), value: "{}")
        _ = try await store.apply(
            [message, hidden, document].map { Change(.put, $0) }, atomic: true, .unbounded)
        let server = try PostgresServer.shared.get()
        #expect(
            try server.run("SELECT session, role, extract(year FROM time) FROM \"\(prefix)messages\"")
                == "s1|user|2030\n")
        #expect(try server.run("SELECT key, value FROM \"\(prefix)documents\"") == "mark|{}\n")
        await store.close()
    }

    @Test("a batch on keys that are known is one round trip and one transaction")
    func oneTransaction() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let store = try await PostgresSubject.provider(prefix: prefix).connect(.unbounded)
        let clock = TestClock()
        func batch() -> [Change] {
            let mark = Record(namespace: "~holdfast", key: "mark", version: clock.next(), value: "{}")
            let items = (0..<50).map { _ in
                let id = clock.next()
                return Change(
                    .put, Record(namespace: "chat", key: "s", id: id, version: id, value: "{}"), if: .newest)
            }
            return items + [Change(.put, mark)]
        }
        for _ in 0..<3 { _ = try await store.apply(batch(), atomic: true, .unbounded) }
        let server = try PostgresServer.shared.get()
        // Every row of the last batch has the one transaction that wrote it.
        #expect(
            try server.run(
                "SELECT count(DISTINCT xmin::text::bigint), count(*) FROM \"\(prefix)records\"") == "3|151\n")
        await store.close()
    }
}
