import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite(
    "PostgreSQL answers queries", .serialized,
    .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed")
)
struct SelectTests {
    private static let declared: Bytes = #"{"calls": ["state", "startedAt"]}"#
    private static let failed: Bytes = #"""
        {"select":1,"namespace":"calls","where":{"eq":["/state","FAILED"]},
         "order":[{"by":"/startedAt","descending":true}],"limit":2}
        """#

    private static func calls(_ count: Int, _ clock: TestClock) -> [Change] {
        (0..<count).map { index in
            let state = index % 3 == 0 ? "FAILED" : "DONE"
            return Change(
                .put,
                Record(
                    namespace: "calls", key: Bytes("call \(index + 1000)"), version: clock.next(),
                    value: Bytes(#"{"state":"\#(state)","startedAt":\#(index)}"#)))
        }
    }

    @Test("what was written before a field was declared is filed when the store is opened")
    func filing() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let clock = TestClock()
        let plain = try await PostgresSubject.provider(prefix: prefix).connect(.unbounded)
        _ = try await plain.apply(Self.calls(200, clock), atomic: false, .unbounded)
        #expect(try await plain.select(Self.failed, .unbounded) == nil)
        let store = try await PostgresSubject.provider(prefix: prefix, indexes: Self.declared).connect(
            .unbounded)
        let found = try await store.select(Self.failed, .unbounded)
        #expect(found?.map(\.key) == ["call 1198", "call 1195"])

        // A host that declares nothing writes past the index: the host scans until that is filed, too.
        let late = Record(
            namespace: "calls", key: "late", version: clock.next(),
            value: #"{"state":"FAILED","startedAt":1e6}"#)
        _ = try await plain.apply([Change(.put, late)], atomic: false, .unbounded)
        #expect(try await store.select(Self.failed, .unbounded) == nil)
        let query = Query(namespace: "calls", matches: [Query.Match(field: "startedAt", json: "1000000")])
        #expect(try await store.query(query, .unbounded) == [late])
        await store.close()
        let again = try await PostgresSubject.provider(prefix: prefix, indexes: Self.declared).connect(
            .unbounded)
        #expect(try await again.select(Self.failed, .unbounded)?.map(\.key) == ["late", "call 1198"])
        await again.close()
        await plain.close()
    }

    @Test("a page in the order of a declared field is read from its index")
    func plan() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let store = try await PostgresSubject.provider(prefix: prefix, indexes: Self.declared).connect(
            .unbounded)
        _ = try await store.apply(Self.calls(3000, TestClock()), atomic: false, .unbounded)
        let server = try PostgresServer.shared.get()
        _ = try server.run("ANALYZE \"\(prefix)records\"")
        let index = try server.run(
            "SELECT indexdef FROM pg_indexes WHERE indexname LIKE '\(prefix)sort_%' ORDER BY indexname LIMIT 1"
        )
        let expression = try #require(index.firstMatch(of: /\(ns, (.+), key, id\)/)).output.1
        let plan = try server.run(
            "EXPLAIN SELECT value FROM \"\(prefix)records\" WHERE ns = 'calls' AND facets IS NOT NULL "
                + "ORDER BY \(expression) DESC, key DESC, id DESC LIMIT 2")
        #expect(plan.contains("sort_"))
        await store.close()
    }

    @Test("tables are partitioned when they are made, and never later")
    func partitions() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let store = try await PostgresSubject.provider(prefix: prefix, more: ", \"partitions\": 4")
            .connect(.unbounded)
        _ = try await store.apply(Self.calls(60, TestClock()), atomic: false, .unbounded)
        let server = try PostgresServer.shared.get()
        let spread = "SELECT count(DISTINCT tableoid), count(*) FROM"
        #expect(try server.run("\(spread) \"\(prefix)records\"") == "4|60\n")
        #expect(try server.run("\(spread) \"\(prefix)heads\"") == "4|60\n")
        await store.close()
        // Whoever does not ask takes what is there.
        let other = try await PostgresSubject.provider(prefix: prefix).connect(.unbounded)
        await other.close()
        await #expect {
            _ = try await PostgresSubject.provider(prefix: prefix, more: ", \"partitions\": 8").connect(
                .unbounded)
        } throws: {
            ($0 as? HoldfastError)?.code == .invalid && "\($0)".contains("has 4 partitions")
        }
        let plain = PostgresSubject.freshPrefix()
        await (try PostgresSubject.provider(prefix: plain).connect(.unbounded)).close()
        await #expect {
            _ = try await PostgresSubject.provider(prefix: plain, more: ", \"partitions\": 8").connect(
                .unbounded)
        } throws: {
            ($0 as? HoldfastError)?.code == .invalid && "\($0)".contains("partitioned only when it is made")
        }
    }
}
