import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("PostgreSQL that fails", .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed"))
struct FailureTests {
    private static func item(_ id: Version, _ value: Bytes = "{}") -> Change {
        Change(.put, Record(namespace: "ns", key: "list", id: id, version: id, value: value), if: .newest)
    }

    @Test("a killed server leaves a dead store, and what was acknowledged is there when it runs again")
    func killed() async throws {
        let server = try PostgresServer()
        let provider = try PostgresSubject.provider(prefix: "k_", server: server)
        let clock = TestClock()
        let store = try await provider.connect(.unbounded)
        #expect(store.info.capabilities.contains(.durable))
        let first = clock.next()
        #expect(try await store.apply([Self.item(first)], atomic: true, .unbounded) == [.applied])
        server.kill()
        let lost = await #expect(throws: HoldfastError.self) {
            try await store.apply([Self.item(clock.next())], atomic: true, .unbounded)
        }
        #expect(lost?.flags.contains(.providerDead) == true)
        await store.close()
        let refused = await #expect(throws: HoldfastError.self) { try await provider.connect(.unbounded) }
        #expect(refused?.code == .unavailable)
        try server.start()
        let again = try await provider.connect(.unbounded)
        #expect(again.info.incarnation == store.info.incarnation)
        let address = Address(namespace: "ns", key: "list")
        let held = try await again.read([ReadRequest(address, range: ReadRequest.Range())], .unbounded)[0]
        #expect(held.map(\.id) == [first])
        #expect(try await again.apply([Self.item(clock.next())], atomic: true, .unbounded) == [.applied])
        await again.close()
    }

    @Test("a server that hangs costs a call its deadline and no more")
    func hanging() async throws {
        let server = try PostgresServer()
        let provider = try PostgresSubject.provider(prefix: "h_", server: server)
        let store = try await provider.connect(.unbounded)
        server.pause()
        let context = CallContext(deadline: SystemClock().monotonicNanoseconds + 300_000_000)
        let error = await #expect(throws: HoldfastError.self) {
            try await store.apply([Self.item(TestClock().next())], atomic: true, context)
        }
        #expect(error?.code == .timeout)
        server.resume()
        await store.close()
    }

    @Test("a lock that another session holds ends a write at its deadline, and writing goes on")
    func locked() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let provider = try PostgresSubject.provider(prefix: prefix)
        var store = try await provider.connect(.unbounded)
        let clock = TestClock()
        _ = try await store.apply([Self.item(clock.next())], atomic: true, .unbounded)
        let server = try PostgresServer.shared.get()
        let holder = try server.hold("SELECT 1 FROM \"\(prefix)heads\" FOR UPDATE")
        let context = CallContext(deadline: SystemClock().monotonicNanoseconds + 300_000_000)
        let error = await #expect(throws: HoldfastError.self) {
            try await store.apply([Self.item(clock.next())], atomic: true, context)
        }
        #expect(error?.code == .timeout)
        try holder.end()
        if error?.flags.contains(.providerDead) == true {
            // On a machine under load the cancellation may come too late, which costs the connection.
            await store.close()
            store = try await provider.connect(.unbounded)
        }
        let last = clock.next()
        #expect(try await store.apply([Self.item(last)], atomic: true, .unbounded) == [.applied])
        await store.close()
    }

    @Test("a wrong password is a matter of permission, and stands in no message")
    func password() async throws {
        let server = try PostgresServer.shared.get()
        for password in ["geheim-17", "p%40ss-geheim-17"] {
            let options =
                #"{"url": "postgresql://holdfast:\#(password)@127.0.0.1:\#(server.port)/postgres"}"#
            let provider = try PostgresSubject.provider(options: options)
            let error = await #expect(throws: HoldfastError.self) { try await provider.connect(.unbounded) }
            #expect(error?.code == .permission)
            #expect(error?.message.contains("geheim") == false)
        }
    }

    @Test(
        "a connection string that cannot be right is refused without being shown",
        arguments: [
            "postgresql://holdfast:geheim@x@127.0.0.1/postgres", "host=127.0.0.1 password=geheim oops",
            "postgresql://holdfast:geheim@127.0.0.1:port/postgres", "geheim",
        ])
    func malformed(url: String) async throws {
        let error = await #expect(throws: HoldfastError.self) {
            let provider = try PostgresSubject.provider(options: #"{"url": "\#(url)"}"#)
            try await provider.validateOptions()
            _ = try await provider.connect(.unbounded)
        }
        #expect(error?.code == .invalid || error?.code == .unavailable)
        #expect(error?.message.contains("geheim") == false)
    }

    @Test("the right password and several hosts, the first of which does not answer, lead to the server")
    func severalHosts() async throws {
        let server = try PostgresServer.shared.get()
        let options = """
            {"hosts": ["127.0.0.1:1", "127.0.0.1:\(server.port)"], "user": "holdfast", "database": "postgres",
             "password": "\(PostgresServer.password)", "sslmode": "disable",
             "table_prefix": "\(PostgresSubject.freshPrefix())"}
            """
        let store = try await PostgresSubject.provider(options: options).connect(.unbounded)
        try await store.ping(integrity: true, .unbounded)
        await store.close()
    }
}
