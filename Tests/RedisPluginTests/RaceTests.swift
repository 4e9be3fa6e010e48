import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("Several hosts on one Redis", .enabled(if: RedisServer.isThere, "Redis is not installed"))
struct RaceTests {
    private static let countPerWriter = 60

    @Test("appends of three hosts to one list keep every item once, each after all that were there before it")
    func appends() async throws {
        let prefix = RedisSubject.freshPrefix()
        // Clocks a second apart: the order is that of the server, not that of the clocks.
        let accepted = try await withThrowingTaskGroup(of: [Version].self) { group in
            for host in 0..<3 {
                let store = try await RedisSubject.provider(prefix: prefix).connect(.unbounded)
                group.addTask {
                    let accepted = try await Self.append(to: store, clock: UInt64(host) * 1000)
                    await store.close()
                    return accepted
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let store = try await RedisSubject.provider(prefix: prefix).connect(.unbounded)
        let address = Address(namespace: "race", key: "list")
        let held = try await store.read([ReadRequest(address, range: ReadRequest.Range())], .unbounded)[0]
        #expect(held.map(\.id) == accepted.flatMap { $0 }.sorted())
        #expect(held.count == 3 * Self.countPerWriter)
        for own in accepted { #expect(own == own.sorted()) }
        await store.close()
    }

    /// Appends with `newest`, assigning a new version whenever another host was faster.
    private static func append(to store: any Store, clock milliseconds: UInt64) async throws -> [Version] {
        let clock = TestClock(1_900_000_000_000 + milliseconds)
        var accepted: [Version] = []
        while accepted.count < countPerWriter {
            let version = clock.next()
            let item = Record(namespace: "race", key: "list", id: version, version: version, value: "{}")
            switch try await store.apply([Change(.put, item, if: .newest)], atomic: true, .unbounded)[0] {
            case .applied: accepted.append(version)
            case .stale(let seen): _ = clock.next(above: seen)
            case let outcome: throw TestSupportError("an append was answered \(outcome)")
            }
        }
        return accepted
    }

    @Test("of hosts that compare and set one document, one wins each round, and no step is lost")
    func compareAndSet() async throws {
        let prefix = RedisSubject.freshPrefix()
        let wins = try await withThrowingTaskGroup(of: Int.self) { group in
            for host in 0..<3 {
                let store = try await RedisSubject.provider(prefix: prefix).connect(.unbounded)
                group.addTask {
                    let wins = try await Self.count(on: store, clock: UInt64(host) * 1000)
                    await store.close()
                    return wins
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wins == 3 * 30)
        let store = try await RedisSubject.provider(prefix: prefix).connect(.unbounded)
        let record = try await store.read(
            [ReadRequest(Address(namespace: "race", key: "counter"))], .unbounded)
        #expect(record[0].first?.value == Bytes(String(wins)))
        await store.close()
    }

    private static func count(on store: any Store, clock milliseconds: UInt64) async throws -> Int {
        let clock = TestClock(1_900_000_000_000 + milliseconds)
        let address = Address(namespace: "race", key: "counter")
        var wins = 0
        while wins < 30 {
            let held = try await store.read([ReadRequest(address)], .unbounded)[0].first
            let number = held.flatMap { Int($0.value.description) } ?? 0
            let seen = held?.version ?? .zero
            let next = Record(
                namespace: "race", key: "counter", version: clock.next(above: seen),
                value: Bytes(String(number + 1)))
            let outcome = try await store.apply(
                [Change(.put, next, if: .version(seen))], atomic: true, .unbounded)
            if outcome[0] == .applied { wins += 1 }
        }
        return wins
    }

    @Test("hosts that start at once on an empty server agree on what it is")
    func start() async throws {
        let prefix = RedisSubject.freshPrefix()
        let incarnations = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<6 {
                let provider = try RedisSubject.provider(prefix: prefix)
                group.addTask {
                    let store = try await provider.connect(.unbounded)
                    await store.close()
                    return store.info.incarnation
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(incarnations.count == 1)
    }
}
