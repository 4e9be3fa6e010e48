import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("Redis pools", .enabled(if: RedisServer.isThere, "Redis is not installed"))
struct PoolTests {
    private let server: RedisServer

    init() throws { server = try RedisServer() }

    private func provider(max: Int, idle: Duration = .seconds(600)) throws -> PluginProvider {
        try RedisSubject.provider(
            options: #"{"url": "\#(server.url)"}"#,
            pool: PluginSettings.Pool(
                connectionCountMax: max, idleTimeout: idle, connectTimeout: .seconds(120),
                abandonGrace: .seconds(60)))
    }

    /// The numbers of the connections, the oldest first, without the one that asks.
    private func sessions() throws -> [Int] {
        try server.run("CLIENT", "LIST").split(separator: "\n").filter { !$0.contains("cmd=client|list") }
            .compactMap { $0.split(separator: " ").first.flatMap { Int($0.dropFirst("id=".count)) } }.sorted()
    }

    /// Many reads at once, and more while they are under way.
    private func readMany(_ store: any Store) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<16 {
                group.addTask {
                    let address = Address(namespace: "n", key: Bytes("k\(number)"))
                    for _ in 0..<16 {
                        let lists = try await store.read([ReadRequest(address, range: .init())], .unbounded)
                        #expect(lists == [[]])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("no more connections than max are open, whatever is asked at once")
    func max() async throws {
        let provider = try provider(max: 3)
        let store = try await provider.connect(.unbounded)
        for _ in 0..<4 {
            try await readMany(store)
            #expect(try sessions().count <= 3)
        }
        await store.close()
        #expect(provider.statistics.laneCount == 0)
    }

    @Test("connections that nobody uses are closed, but for the one that writes")
    func idle() async throws {
        let store = try await provider(max: 4, idle: .zero).connect(.unbounded)
        let first = try sessions()
        try await readMany(store)
        while try sessions() != first { await Task.yield() }
        try await readMany(store)
        await store.close()
    }

    @Test("connections for reading that the server has ended are replaced, and nobody hears of it")
    func broken() async throws {
        let store = try await provider(max: 6).connect(.unbounded)
        let writer = try sessions()
        while try sessions().count < 3 { try await readMany(store) }
        let readers = try sessions().filter { !writer.contains($0) }
        for session in readers { try server.run("CLIENT", "KILL", "ID", "\(session)") }
        while try !Set(sessions()).isDisjoint(with: readers) { await Task.yield() }
        try await readMany(store)
        let record = Record(namespace: "n", key: "k0", version: TestClock().next(), value: "1")
        #expect(
            try await store.apply([Change(.put, record, if: .newest)], atomic: true, .unbounded) == [.applied]
        )
        #expect(try sessions().contains(writer[0]))
        await store.close()
    }
}
