import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Redis lets go", .enabled(if: RedisServer.isThere, "Redis is not installed"))
struct PurgeTests {
    private static func put(
        _ key: Bytes, _ version: Version, _ expiresAt: Int64 = 0, _ flags: Record.Flags = [],
        id: Version = .zero
    ) -> Change {
        Change(
            .put,
            Record(
                namespace: "ns", key: key, id: id, version: version, value: flags.isEmpty ? "{}" : "",
                expiresAt: expiresAt, flags: flags))
    }

    /// Every floor looks as if it were from long ago, except that of one key.
    private static func age(_ server: RedisServer, _ prefix: String, except kept: String) throws {
        let script = """
            for _, mark in ipairs(redis.call('ZRANGE', ARGV[1] .. 'traces', 0, -1)) do
              local head = ARGV[1] .. '{2:ns' .. mark:sub(21) .. '}:h'
              if mark:sub(1, 1) == 'F' and mark:sub(21) ~= ARGV[2] then redis.call('HSET', head, 'n', 1) end
              redis.call('ZADD', ARGV[1] .. 'traces', 1, mark)
            end
            """
        try server.run("EVAL", script, "0", prefix, kept)
    }

    @Test("what is past its time goes, and what is not stays")
    func purge() async throws {
        let server = try RedisServer(.none)
        let store = try await RedisSubject.provider(prefix: "p:", server: server).connect(.unbounded)
        let now = SystemClock().unixMilliseconds
        let old = TestClock(1_000)
        let new = TestClock(UInt64(now))
        let last = new.next()
        let gone = old.next()
        let changes = [
            Self.put("old tombstone", old.next(), 0, .removed),
            Self.put("new tombstone", new.next(), 0, .removed),
            Self.put("expired", new.next(), now - 120_000),
            Self.put("expires later", new.next(), now + 3_600_000), Self.put("kept", new.next()),
            Self.put("list", gone, 0, .removed, id: gone),
            Self.put("list", last, now - 120_000, id: last),
            Self.put("old list", gone, 0, .removed, id: gone),
            Change(.drop, Record(namespace: "ns", key: "old floor", version: old.next())),
            Change(.drop, Record(namespace: "ns", key: "kept", version: old.next())),
            Change(.drop, Record(namespace: "ns", key: "new floor", version: new.next())),
        ]
        #expect(try await store.apply(changes, atomic: true, .unbounded).allSatisfy { $0 == .applied })
        try Self.age(server, "p:", except: "new floor")
        try await store.ping(integrity: true, .unbounded)
        let query = Query(namespace: "ns", scope: [.documents, .items, .raw])
        let held = try await store.query(query, .unbounded)
        #expect(
            held.map { "\($0.key) \($0.flags.rawValue) \($0.value.count)" } == [
                "expired 2 0", "expires later 0 2", "kept 0 2", "list 2 0", "new floor 4 0",
                "new tombstone 2 0",
            ])
        // A key of which nothing is left leaves nothing behind.
        let names = try server.run("KEYS", "*old*")
        #expect(!names.contains("old"), "\(names)")
        // What was noted too early is noted again, and what is gone is not looked for again.
        #expect(try server.run("ZCARD", "p:traces") == "4\n")
        #expect(try server.run("ZCARD", "p:expiring") == "1\n")
        let again = Self.put("old floor", new.next())
        #expect(
            try await store.apply([again, Self.put("kept", new.next())], atomic: true, .unbounded)
                == [.applied, .applied])
        await store.close()
    }

    @Test("an expired record that was purged still beats an older one")
    func expired() async throws {
        let server = try RedisServer(.none)
        let store = try await RedisSubject.provider(prefix: "p:", server: server).connect(.unbounded)
        let now = SystemClock().unixMilliseconds
        let clock = TestClock(UInt64(now))
        let versions = (0..<3).map { _ in clock.next() }
        let item = Self.put("list", versions[1], now - 120_000, id: versions[0])
        let document = Self.put("key", versions[1], now - 120_000)
        _ = try await store.apply([item, document], atomic: true, .unbounded)
        try await store.ping(integrity: true, .unbounded)
        let older = [Self.put("list", versions[0], id: versions[0]), Self.put("key", versions[0])]
        #expect(try await store.apply(older, atomic: false, .unbounded) == [.unchanged, .unchanged])
        let newer = [Self.put("list", versions[2], id: versions[0]), Self.put("key", versions[2])]
        #expect(try await store.apply(newer, atomic: false, .unbounded) == [.applied, .applied])
        #expect(try await store.query(Query(namespace: "ns"), .unbounded).count == 2)
        await store.close()
    }

    @Test("a namespace whose last key has gone is forgotten")
    func namespace() async throws {
        let server = try RedisServer(.none)
        let store = try await RedisSubject.provider(prefix: "p:", server: server).connect(.unbounded)
        _ = try await store.apply(
            [Self.put("key", TestClock(1_000).next(), 0, .removed)], atomic: true, .unbounded)
        #expect(try server.run("ZCARD", "p:names") == "1\n")
        try Self.age(server, "p:", except: "")
        try await store.ping(integrity: true, .unbounded)
        #expect(try server.run("KEYS", "*") == "p:meta\n")
        await store.close()
    }
}
