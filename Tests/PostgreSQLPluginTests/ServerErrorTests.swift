import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Errors of PostgreSQL", .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed"))
struct ServerErrorTests {
    /// What a server says, and what the host is told.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let state: String
        let code: HoldfastError.Code
        let flags: HoldfastError.Flags

        init(_ state: String, _ code: HoldfastError.Code, _ flags: HoldfastError.Flags = []) {
            (self.state, self.code, self.flags) = (state, code, flags)
        }

        var testDescription: String { state }

        static let gone: HoldfastError.Flags = [.retryable, .providerDead]
        static let all: [Refusal] = [
            Refusal("40001", .unavailable, .retryable), Refusal("40P01", .unavailable, .retryable),
            Refusal("55P03", .unavailable, .retryable), Refusal("57014", .timeout, .retryable),
            Refusal("57P01", .unavailable, gone), Refusal("57P02", .unavailable, gone),
            Refusal("57P03", .unavailable, gone), Refusal("57P04", .unavailable, gone),
            Refusal("25006", .unavailable, gone), Refusal("08000", .unavailable, gone),
            Refusal("08001", .unavailable, gone), Refusal("08003", .unavailable, gone),
            Refusal("08006", .unavailable, gone), Refusal("08P01", .unavailable, gone),
            Refusal("53100", .exhausted, .retryable), Refusal("53200", .exhausted, .retryable),
            Refusal("53300", .exhausted, .retryable), Refusal("28000", .permission),
            Refusal("42501", .permission), Refusal("42P01", .permission), Refusal("22001", .invalid),
            Refusal("23514", .invalid), Refusal("XX001", .corrupt), Refusal("0A000", .unsupported),
            Refusal("P0001", .internal),
        ]
    }

    private static func change(_ clock: TestClock) -> Change {
        let id = clock.next()
        return Change(
            .put, Record(namespace: "ns", key: "list", id: id, version: id, value: "{}"), if: .newest)
    }

    /// Has every write of a backend run a statement on the server first.
    private static func provoke(_ statement: String, _ prefix: String) throws {
        try PostgresServer.shared.get().run(
            """
            CREATE FUNCTION "\(prefix)provoke"() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN \(statement) RETURN NEW; END $$;
            CREATE TRIGGER provoke BEFORE INSERT OR UPDATE ON "\(prefix)heads"
            FOR EACH ROW EXECUTE FUNCTION "\(prefix)provoke"();
            """)
    }

    @Test(
        "what a server refuses a write with is told as what it is, and nothing is applied",
        arguments: Refusal.all)
    func refused(refusal: Refusal) async throws {
        let prefix = PostgresSubject.freshPrefix()
        let provider = try PostgresSubject.provider(prefix: prefix)
        let store = try await provider.connect(.unbounded)
        let clock = TestClock()
        #expect(try await store.apply([Self.change(clock)], atomic: true, .unbounded) == [.applied])
        try Self.provoke(
            "RAISE EXCEPTION 'no' USING ERRCODE = '\(refusal.state)', DETAIL = 'secret-17';", prefix)
        let error = await #expect(throws: HoldfastError.self) {
            try await store.apply([Self.change(clock)], atomic: true, .unbounded)
        }
        #expect(error?.code == refusal.code)
        for flag: HoldfastError.Flags in [.retryable, .providerDead] {
            #expect(error?.flags.contains(flag) == refusal.flags.contains(flag), "\(flag)")
        }
        #expect(error?.flags.contains(.maybeApplied) == false)
        #expect(error?.message.contains("secret") == false)
        await store.close()
        let again = try await provider.connect(.unbounded)
        let list = try await again.read(
            [ReadRequest(Address(namespace: "ns", key: "list"), range: .init())], .unbounded)
        #expect(list[0].count == 1)
        await again.close()
    }

    @Test(
        "a transaction that lost against another is run again, and nobody hears of it",
        arguments: ["40001", "40P01"])
    func runAgain(state: String) async throws {
        let prefix = PostgresSubject.freshPrefix()
        let store = try await PostgresSubject.provider(prefix: prefix).connect(.unbounded)
        let clock = TestClock()
        // A sequence keeps counting when its transaction is undone.
        try PostgresServer.shared.get().run("CREATE SEQUENCE \"\(prefix)attempts\"")
        try Self.provoke(
            """
            IF nextval('"\(prefix)attempts"') < 5 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '\(state)'; END IF;
            """, prefix)
        let changes = [Self.change(clock), Self.change(clock)]
        #expect(try await store.apply(changes, atomic: true, .unbounded) == [.applied, .applied])
        #expect(try await store.apply([Self.change(clock)], atomic: true, .unbounded) == [.applied])
        let list = try await store.read(
            [ReadRequest(Address(namespace: "ns", key: "list"), range: .init())], .unbounded)
        #expect(list[0].count == 3)
        await store.close()
    }

    @Test("a query past its deadline is cancelled on the server")
    func cancelled() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let options = ", \"application_name\": \"\(prefix)\""
        let store = try await PostgresSubject.provider(prefix: prefix, more: options).connect(.unbounded)
        let clock = TestClock()
        _ = try await store.apply([Self.change(clock)], atomic: true, .unbounded)
        let list = [ReadRequest(Address(namespace: "ns", key: "list"), range: .init())]
        // Opening a connection looks at the tables too, so the one that reads is there before they are locked.
        #expect(try await store.read(list, .unbounded)[0].count == 1)
        let server = try PostgresServer.shared.get()
        let holder = try server.hold("LOCK TABLE \"\(prefix)records\" IN ACCESS EXCLUSIVE MODE")
        let context = CallContext(deadline: SystemClock().monotonicNanoseconds + 300_000_000)
        let error = await #expect(throws: HoldfastError.self) { try await store.read(list, context) }
        #expect(error?.code == .timeout)
        // The lock is still held, and nobody waits for it any more.
        let question = """
            SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(prefix)' AND wait_event_type = 'Lock'
            """
        while try server.run(question) != "0\n" { await Task.yield() }
        try holder.end()
        await store.close()
    }

    @Test("a schema that is not there is made, and two schemas of one database do not see each other")
    func schemas() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let names = ["\(prefix)one", "\(prefix)Two \\\"x"]
        let clock = TestClock()
        var records: [Record] = []
        for (number, name) in names.enumerated() {
            let store = try await PostgresSubject.provider(more: ", \"schema\": \"\(name)\"").connect(
                .unbounded)
            let record = Record(
                namespace: "ns", key: "k", version: clock.next(), value: Bytes("\(number)"))
            #expect(try await store.apply([Change(.put, record)], atomic: true, .unbounded) == [.applied])
            records.append(record)
            #expect(try await store.read([ReadRequest(record.address)], .unbounded) == [[record]])
            await store.close()
        }
        let count = try PostgresServer.shared.get().run(
            "SELECT count(DISTINCT schemaname) FROM pg_tables WHERE schemaname LIKE '\(prefix)%'")
        #expect(count == "2\n")
    }
}
