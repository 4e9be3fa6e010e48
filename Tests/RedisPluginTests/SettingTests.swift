import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Redis that is set up", .enabled(if: RedisServer.isThere, "Redis is not installed"))
struct SettingTests {
    private static func failure(_ options: String) async throws -> HoldfastError? {
        await #expect(throws: HoldfastError.self) {
            let provider = try RedisSubject.provider(options: options)
            try await provider.validateOptions()
            _ = try await provider.connect(.unbounded)
        }
    }

    @Test(
        "a URL that cannot be right is refused without being shown",
        arguments: [
            "rediss://u:geheim@host", "redis://u:geheim@", "redis://u:ge/heim@host", "redis://u:ge%heim@host",
            "redis://u:geheim@host:port", "redis://u:geheim@host:0", "redis://u:geheim@host/x", "geheim",
            "redis://u:geheim@host/-1", "redis://u:geheim@host/0?x=geheim", "redis:geheim", "unix:geheim",
            "sentinel://u:geheim@host", "sentinel://u:geheim@host,/name", "sentinel://u:geheim@,/name",
            "postgresql://u:geheim@host/x", "",
        ])
    func malformed(url: String) async throws {
        let error = try await Self.failure(#"{"url": "\#(url)"}"#)
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("geheim") == false)
        #expect(error?.message.contains("url") == true)
    }

    @Test(
        "an option that cannot be right is refused",
        arguments: [
            #""key_prefix": "a{b""#, #""key_prefix": """#, #""database": 70000"#, #""user": "only""#,
            #""sentinel_user": "only""#, #""connect_timeout": 1"#, #""unknown": 1"#, #""max_size": 1"#,
        ])
    func wrongOption(option: String) async throws {
        let server = try RedisServer.shared.get()
        let error = try await Self.failure("{\"url\": \"\(server.url)\", \(option)}")
        #expect(error?.code == .invalid)
    }

    @Test(
        "a password opens the server from the URL and from the option, and a wrong one stands in no message")
    func password() async throws {
        let server = try RedisServer(
            .none, listens: true, settings: ["--requirepass", "horse:battery@staple"])
        let tcp = "127.0.0.1:\(server.port)"
        let right = [
            #"{"url": "redis://:horse%3Abattery%40staple@\#(tcp)/0"}"#,
            #"{"url": "redis://default:horse:battery%40staple@\#(tcp)"}"#,
            #"{"url": "redis://:geheim-1@\#(tcp)", "password": "horse:battery@staple"}"#,
            #"{"url": "\#(server.url)", "password": "horse:battery@staple", "database": 3}"#,
        ]
        for options in right {
            let store = try await RedisSubject.provider(options: options).connect(.unbounded)
            try await store.ping(integrity: true, .unbounded)
            await store.close()
        }
        let wrong = [
            #"{"url": "redis://:geheim-1@\#(tcp)"}"#, #"{"url": "redis://\#(tcp)"}"#,
            #"{"url": "\#(server.url)", "user": "geheim", "password": "geheim-1"}"#,
        ]
        for options in wrong {
            let error = try await Self.failure(options)
            #expect(error?.code == .permission)
            #expect(error?.message.contains("geheim-1") == false)
        }
    }

    @Test("the defaults of the schema, which a host passes on, suit either role")
    func defaults() async throws {
        let server = try RedisServer(.always)
        let options = """
            {"url": "\(server.url)", "key_prefix": "holdfast:", "connect_timeout": 5000,
             "tombstone_retention": 604800000, "require_durable": true, "max_size": 0}
            """
        let store = try await RedisSubject.provider(options: options).connect(.unbounded)
        await store.close()
        let log = try await RedisSubject.logProvider(options: options).open(.unbounded)
        await log.close()
        for foreign in ["max_size\": 1", "require_durable\": false"] {
            let error = try await Self.failure("{\"url\": \"\(server.url)\", \"\(foreign)}")
            #expect(error?.code == .invalid)
        }
    }

    @Test("a user of the server's ACL who may do what this plugin does is enough")
    func accessList() async throws {
        let server = try RedisServer(.none)
        // No CONFIG and no CLIENT: what they would say is done without.
        try server.run(
            "ACL", "SETUSER", "app", "on", ">pass%word", "~app:*", "+@read", "+@write", "+@scripting",
            "+@transaction", "+@connection", "+info", "-client", "-config")
        let options =
            #"{"url": "\#(server.url)", "user": "app", "password": "pass%word", "key_prefix": "app:"}"#
        let store = try await RedisSubject.provider(options: options).connect(.unbounded)
        let id = TestClock().next()
        #expect(try await store.apply([FailureTests.item(id)], atomic: true, .unbounded) == [.applied])
        #expect(try await FailureTests.ids(store) == [id])
        await store.close()
        let elsewhere =
            #"{"url": "\#(server.url)", "user": "app", "password": "pass%word", "key_prefix": "other:"}"#
        let refused = try await Self.failure(elsewhere)
        #expect(refused?.code == .permission, "\(String(describing: refused))")
    }

    @Test("a server that would drop records on its own is refused, and noticed when it is told to later")
    func eviction() async throws {
        let server = try RedisServer(.none, settings: ["--maxmemory-policy", "allkeys-lru"])
        let error = try await Self.failure(#"{"url": "\#(server.url)"}"#)
        #expect(error?.code == .permission)
        #expect(error?.message.contains("maxmemory-policy allkeys-lru") == true)
        try server.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
        let store = try await RedisSubject.provider(server: server).connect(.unbounded)
        try await store.ping(integrity: false, .unbounded)
        try server.run("CONFIG", "SET", "maxmemory-policy", "volatile-ttl")
        let later = await #expect(throws: HoldfastError.self) {
            try await store.ping(integrity: false, .unbounded)
        }
        #expect(later?.code == .permission)
        await store.close()
    }

    @Test("what a restart of the server would cost is said when a store is opened")
    func persistence() async throws {
        let cases: [(RedisServer.Persistence, [String], String?)] = [
            (.none, [], "keeps nothing when it ends"), (.everySecond, [], "may lose the last seconds"),
            (.always, [], nil),
            (.always, ["--no-appendfsync-on-rewrite", "yes"], "no-appendfsync-on-rewrite yes"),
        ]
        for (persistence, settings, warning) in cases {
            let server = try RedisServer(persistence, settings: settings)
            let lines = Guarded<[String]>([])
            let host = HostServices(version: "1.0.0-test") { _, _, message in
                lines.withLock { $0.append("\(message)") }
            }
            let name = "trial-\(RedisSubject.freshPrefix())"
            let provider = try RedisSubject.provider(
                options: #"{"url": "\#(server.url)"}"#, host: host, name: name)
            let store = try await provider.connect(.unbounded)
            #expect(store.info.capabilities.contains(.durable) == (warning == nil))
            await store.close()
            let said = lines.withLock { $0 }
            if let warning {
                #expect(said.filter { $0.contains(warning) && $0.contains("log") }.count == 1, "\(said)")
            } else {
                #expect(said.isEmpty, "\(said)")
            }
        }
    }

    @Test("a member of a cluster is refused with a sentence that says so")
    func cluster() async throws {
        let server = try RedisServer(.none, settings: ["--cluster-enabled", "yes"])
        let error = try await Self.failure(#"{"url": "\#(server.url)"}"#)
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("Cluster") == true)
    }
}
