import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Redis with replicas", .enabled(if: RedisServer.isThere, "Redis is not installed"))
struct ReplicationTests {
    /// Asks until it is so, also when the connection that asks is one of those that a sentinel ends; whoever
    /// runs into the bound has found a defect, not a slow machine.
    private static func wait(_ isSo: () throws -> Bool) throws {
        let clock = SystemClock()
        let end = clock.monotonicNanoseconds + 120_000_000_000
        while (try? isSo()) != true {
            guard clock.monotonicNanoseconds < end else { throw TestSupportError("it does not become so") }
        }
    }

    @Test("a replica is refused, and a primary that becomes one ends its connections")
    func demoted() async throws {
        let primary = try RedisServer(.none, listens: true)
        let other = try RedisServer(.none, listens: true)
        let store = try await RedisSubject.provider(prefix: "r:", server: other).connect(.unbounded)
        let clock = TestClock()
        #expect(
            try await store.apply([FailureTests.item(clock.next())], atomic: true, .unbounded) == [.applied])
        try other.run("REPLICAOF", "127.0.0.1", String(primary.port))
        let error = await #expect(throws: HoldfastError.self) {
            try await store.apply([FailureTests.item(clock.next())], atomic: true, .unbounded)
        }
        #expect(error?.code == .unavailable)
        #expect(error?.flags.contains(.providerDead) == true)
        #expect(error?.flags.contains(.maybeApplied) == false)
        await store.close()
        let refused = await #expect(throws: HoldfastError.self) {
            try await RedisSubject.provider(prefix: "r:", server: other).connect(.unbounded)
        }
        #expect(refused?.code == .unavailable)
        #expect(refused?.flags.contains(.retryable) == true)
    }

    @Test("sentinels lead to the primary, and to the one that takes over when it dies")
    func failover() async throws {
        let primary = try RedisServer(.none, listens: true)
        let replica = try RedisServer(
            .none, listens: true, settings: ["--replicaof", "127.0.0.1 \(primary.port)"])
        try Self.wait { try primary.run("INFO", "replication").contains("state=online") }
        let sentinels = try (0..<3).map { _ in
            try RedisServer(sentinelOf: "the-one", primary: primary.port, quorum: 2)
        }
        let list = (["127.0.0.1:1"] + sentinels.map { "127.0.0.1:\($0.port)" }).joined(separator: ",")
        let provider = try RedisSubject.provider(
            options: #"{"url": "sentinel://\#(list)/the%2Done", "key_prefix": "s:"}"#)
        let clock = TestClock()
        let store = try await provider.connect(.unbounded)
        let first = clock.next()
        #expect(try await store.apply([FailureTests.item(first)], atomic: true, .unbounded) == [.applied])
        try primary.run("WAIT", "1", "30000")
        // Without having seen the replica and each other, sentinels have nobody to promote.
        for sentinel in sentinels {
            try Self.wait {
                let state = try sentinel.run("SENTINEL", "MASTER", "the-one")
                return state.contains("num-slaves\n1\n") && state.contains("num-other-sentinels\n2\n")
            }
        }
        primary.kill()
        for sentinel in sentinels {
            try sentinel.run("SENTINEL", "SET", "the-one", "down-after-milliseconds", "500")
        }
        let lost = await #expect(throws: HoldfastError.self) {
            try await store.apply([FailureTests.item(clock.next())], atomic: true, .unbounded)
        }
        #expect(lost?.flags.contains(.providerDead) == true)
        await store.close()
        try Self.wait { try replica.run("INFO", "replication").contains("role:master") }
        // The sentinels that did not lead the failover hear of it a moment later.
        try Self.wait {
            try sentinels.allSatisfy { sentinel in
                try sentinel.run("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "the-one")
                    .contains("\n\(replica.port)\n")
            }
        }
        let again = try await provider.connect(.unbounded)
        #expect(again.info.incarnation != store.info.incarnation)
        #expect(try await FailureTests.ids(again) == [first])
        #expect(
            try await again.apply([FailureTests.item(clock.next())], atomic: true, .unbounded) == [.applied])
        await again.close()
    }

    @Test("a sentinel that hangs does not cost the others the time to answer")
    func hangingSentinel() async throws {
        let primary = try RedisServer(.none, listens: true)
        let hanging = try RedisServer(sentinelOf: "name", primary: primary.port)
        let sentinel = try RedisServer(sentinelOf: "name", primary: primary.port)
        hanging.pause()
        let list = "127.0.0.1:\(hanging.port),127.0.0.1:\(sentinel.port)"
        // Six seconds for opening, of which the first sentinel may have its part and no more.
        let provider = try RedisSubject.provider(
            options: #"{"url": "sentinel://\#(list)/name", "connect_timeout": 600000}"#,
            pool: PluginSettings.Pool(connectTimeout: .seconds(6), abandonGrace: .seconds(60)))
        // A machine under load may need more than one attempt.
        var opened: (any Store)?
        for _ in 0..<20 where opened == nil { opened = try? await provider.connect(.unbounded) }
        let store = try #require(opened)
        try await store.ping(integrity: false, .unbounded)
        await store.close()
        hanging.resume()
    }

    @Test("sentinels that want a password are given theirs, and a wrong one is a matter of permission")
    func sentinelPassword() async throws {
        let primary = try RedisServer(.none, listens: true, settings: ["--requirepass", "of the primary"])
        let sentinel = try RedisServer(sentinelOf: "name", primary: primary.port)
        try sentinel.run("ACL", "SETUSER", "default", "resetpass", ">of-the-sentinel")
        func options(_ password: String) -> String {
            """
            {"url": "sentinel://:of%20the%20primary@127.0.0.1:\(sentinel.port)/name/2",
             "sentinel_password": "\(password)"}
            """
        }
        let right = try RedisSubject.provider(options: options("of-the-sentinel"))
        let store = try await right.connect(.unbounded)
        try await store.ping(integrity: true, .unbounded)
        await store.close()
        let error = await #expect(throws: HoldfastError.self) {
            try await RedisSubject.provider(options: options("geheim")).connect(.unbounded)
        }
        #expect(error?.code == .permission)
        #expect(error?.message.contains("geheim") == false)
    }

    @Test("sentinels that know no such name, or nobody that answers, are a matter of waiting")
    func unknownName() async throws {
        let primary = try RedisServer(.none, listens: true)
        let sentinel = try RedisServer(sentinelOf: "known", primary: primary.port)
        let provider = try RedisSubject.provider(
            options: #"{"url": "sentinel://127.0.0.1:\#(sentinel.port)/unknown"}"#)
        let error = await #expect(throws: HoldfastError.self) { try await provider.connect(.unbounded) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("unknown") == true)
    }
}
