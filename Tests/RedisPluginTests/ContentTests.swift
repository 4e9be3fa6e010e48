import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("What Redis holds", .enabled(if: RedisServer.isThere, "Redis is not installed"))
struct ContentTests {
    private static let hostileTexts: [Bytes] = [
        "#", "/", "..", "%", "_", "*", "\\0", "{", "}", "{}", "}{", "}:h", "}:l", "1:", "\"", "\\", "\r\n",
        "$1",
        "\u{1F600}\u{200D}", " ", "\u{7f}", "~", "(", "[", "+", "-", "é",
    ]
    private static let hostileValues: [Bytes] = [
        "", "{\"role\":\"\\u0000\"}", "{\"role\":\"\\ud800\"}", "{\"role\":1,\"role\":\"user\"}",
        "{\"role\":9223372036854775808}", "\r\n$-1\r\n", Bytes([0, 1, 2, 0xFF, 0xFE, 0x5C, 0x27]),
        Bytes([UInt8](repeating: 0xFF, count: 300)),
    ]

    @Test("hostile names and values come back as they went in")
    func hostile() async throws {
        let store = try await RedisSubject.provider().connect(.unbounded)
        let clock = TestClock()
        var records: [Record] = []
        for space in Self.hostileTexts {
            for (number, value) in Self.hostileValues.enumerated() {
                let key = Self.hostileTexts[(number * 5 + space.count) % Self.hostileTexts.count]
                let id = clock.next()
                records.append(
                    Record(
                        namespace: space, key: key, id: id, version: clock.next(), value: value, flags: .bytes
                    ))
                records.append(
                    Record(
                        namespace: space, key: Bytes("\(key)\(number)"), version: clock.next(), value: value,
                        expiresAt: 4_000_000_000_000))
            }
        }
        let outcomes = try await store.apply(records.map { Change(.put, $0) }, atomic: true, .unbounded)
        #expect(outcomes.allSatisfy { $0 == .applied })
        var found: [Record] = []
        for space in Self.hostileTexts {
            let own = try await store.query(Query(namespace: space), .unbounded)
            #expect(own.allSatisfy { $0.namespace == space })
            found += own
            for document in own where document.id.isZero {
                let read = try await store.read([ReadRequest(document.address)], .unbounded)
                #expect(read == [[document]])
            }
        }
        #expect(Set(found) == Set(records))
        await store.close()
    }

    @Test("a batch is one script: its writes are one transaction, the mark among them")
    func oneTransaction() async throws {
        let server = try RedisServer(.everySecond)
        let store = try await RedisSubject.provider(
            prefix: "b:", server: server, host: RedisSubject.frozenHost
        ).connect(.unbounded)
        let clock = TestClock()
        func batch() -> [Change] {
            let mark = Record(namespace: "~holdfast", key: "mark", version: clock.next(), value: "{}")
            return (0..<50).map { _ in FailureTests.item(clock.next()) } + [Change(.put, mark)]
        }
        _ = try await store.apply(batch(), atomic: true, .unbounded)
        try server.run("CONFIG", "RESETSTAT")
        for _ in 0..<3 { _ = try await store.apply(batch(), atomic: true, .unbounded) }
        let statistics = try server.run("INFO", "commandstats")
        #expect(statistics.contains("cmdstat_evalsha:calls=3,"))
        // Fifty items are one command, whatever their number.
        #expect(statistics.contains("cmdstat_zadd:calls=3,"))
        await store.close()
    }

    @Test("the last items of a long list are read without the list, and an append does not read it either")
    func ranges() async throws {
        let server = try RedisServer(.none)
        let store = try await RedisSubject.provider(
            prefix: "r:", server: server, host: RedisSubject.frozenHost
        ).connect(.unbounded)
        let clock = TestClock()
        let value = Bytes(String(repeating: "x", count: 1000))
        var ids: [Version] = []
        for _ in 0..<10 {
            let changes = (0..<500).map { _ in FailureTests.item(clock.next(), value) }
            ids += changes.map(\.record.id)
            _ = try await store.apply(changes, atomic: true, .unbounded)
        }
        try server.run("CONFIG", "RESETSTAT")
        let address = Address(namespace: "ns", key: "list")
        let range = ReadRequest.Range(limit: 50, reversed: true)
        let last = try await store.read([ReadRequest(address, range: range)], .unbounded)[0]
        #expect(last.map(\.id) == ids.suffix(50).reversed())
        _ = try await store.apply([FailureTests.item(clock.next(), value)], atomic: true, .unbounded)
        let statistics = try server.run("INFO", "stats")
        let line = try #require(
            statistics.split(separator: "\r\n").first { $0.hasPrefix("total_net_output_bytes") })
        let byteCount = try #require(Int(line.split(separator: ":")[1]))
        #expect(byteCount < 100_000, "\(line)")
        let commands = try server.run("INFO", "commandstats")
        #expect(commands.contains("cmdstat_zrevrangebylex:calls=1,"))
        #expect(!commands.contains("cmdstat_zrangebylex"))
        await store.close()
    }

    @Test("a batch of any size is one script, and so is an edit of everything in it")
    func largeBatch() async throws {
        let server = try RedisServer(.none)
        let store = try await RedisSubject.provider(prefix: "l:", server: server).connect(.unbounded)
        let clock = TestClock()
        let ids = (0..<5000).map { _ in clock.next() }
        func changes(_ value: Bytes) -> [Change] {
            let items = ids.map { id in
                Change(
                    .put,
                    Record(
                        namespace: "ns", key: "list", id: id, version: clock.next(), value: value,
                        expiresAt: 4_000_000_000_000))
            }
            let documents = (0..<3000).map { number in
                Change(
                    .put,
                    Record(namespace: "ns", key: Bytes("k\(number)"), version: clock.next(), value: value))
            }
            return items + documents
        }
        for value: Bytes in ["1", "2"] {
            let outcomes = try await store.apply(changes(value), atomic: true, .unbounded)
            #expect(outcomes.count == 8000 && outcomes.allSatisfy { $0 == .applied })
        }
        let found = try await store.query(Query(namespace: "ns"), .unbounded)
        #expect(found.count == 8000 && found.allSatisfy { $0.value == "2" })
        #expect(found.filter { !$0.id.isZero }.map(\.id) == ids)
        #expect(try server.run("ZCARD", "l:expiring") == "5000\n")
        await store.close()
    }

    @Test("a list of large items comes in pages that fit, from either end and in a scan")
    func largeItems() async throws {
        let server = try RedisServer(.none)
        let store = try await RedisSubject.provider(prefix: "l:", server: server).connect(.unbounded)
        let clock = TestClock()
        var ids: [Version] = []
        for number in 0..<12 {
            let value = Bytes([UInt8](repeating: UInt8(number), count: 100_000))
            let changes = (0..<10).map { _ in FailureTests.item(clock.next(), value) }
            ids += changes.map(\.record.id)
            _ = try await store.apply(changes, atomic: true, .unbounded)
        }
        let address = Address(namespace: "ns", key: "list")
        for isReversed in [false, true] {
            let range = ReadRequest.Range(reversed: isReversed)
            let held = try await store.read([ReadRequest(address, range: range)], .unbounded)[0]
            #expect(held.map(\.id) == (isReversed ? ids.reversed() : ids))
            #expect(held.allSatisfy { $0.value.count == 100_000 })
            let scope: Query.Scope = isReversed ? [.items, .reversed] : .items
            let scanned = try await store.query(Query(namespace: "ns", scope: scope), .unbounded)
            #expect(scanned == held)
        }
        await store.close()
    }

    @Test("a foreign key in the way of this backend is corrupt, and no silence")
    func foreignKey() async throws {
        let server = try RedisServer(.none)
        let store = try await RedisSubject.provider(prefix: "w:", server: server).connect(.unbounded)
        try server.run("SET", "w:{2:nskey}:h", "foreign")
        let address = Address(namespace: "ns", key: "key")
        let read = await #expect(throws: HoldfastError.self) {
            try await store.read([ReadRequest(address)], .unbounded)
        }
        #expect(read?.code == .corrupt)
        let document = Record(namespace: "ns", key: "key", version: TestClock().next(), value: "{}")
        let write = await #expect(throws: HoldfastError.self) {
            try await store.apply([Change(.put, document)], atomic: true, .unbounded)
        }
        #expect(write?.code == .corrupt)
        try server.run("DEL", "w:{2:nskey}:h")
        try server.run("HSET", "w:{2:nskey}:h", "v", "short", "d", "{}")
        let damaged = await #expect(throws: HoldfastError.self) {
            try await store.read([ReadRequest(address)], .unbounded)
        }
        #expect(damaged?.code == .corrupt)
        await store.close()
    }
}
