import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite(
    "PostgreSQL pools",
    .enabled(if: PostgresServer.absence == nil, "\(PostgresServer.absence ?? "")")
)
struct PoolTests {
    /// What the sessions of this test are called on the server.
    private let application = PostgresSubject.freshPrefix()
    private let server: PostgresServer

    init() throws { server = try PostgresServer.shared.get() }

    private func provider(_ pool: PluginSettings.Pool) throws -> PluginProvider {
        try PostgresSubject.provider(
            more: ", \"application_name\": \"\(application)\"", pool: pool)
    }

    /// The processes of the sessions, the oldest first.
    private func sessions() throws -> [String] {
        try server.run(
            "SELECT pid FROM pg_stat_activity WHERE application_name = '\(application)' ORDER BY backend_start"
        ).split(separator: "\n").map(String.init)
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
        let provider = try provider(.patient(max: 3, idle: .seconds(600)))
        let store = try await provider.connect(.unbounded)
        for _ in 0..<4 {
            try await readMany(store)
            #expect(try sessions().count <= 3)
        }
        await store.close()
        #expect(provider.statistics.laneCount == 0)
    }

    @Test("connections that nobody uses are closed on the server, but for the one that writes")
    func idle() async throws {
        let provider = try provider(.patient(max: 4, idle: .zero))
        let store = try await provider.connect(.unbounded)
        let first = try sessions()
        try await readMany(store)
        while try sessions() != first { await Task.yield() }
        try await readMany(store)
        await store.close()
    }

    @Test(
        "connections for reading that the server has ended, all of them, are replaced, and nobody hears of it"
    )
    func broken() async throws {
        let provider = try provider(.patient(max: 6, idle: .seconds(600)))
        let store = try await provider.connect(.unbounded)
        let writer = try sessions()
        while try sessions().count < 3 { try await readMany(store) }
        let readers = try sessions().filter { !writer.contains($0) }
        for process in readers { try server.run("SELECT pg_terminate_backend(\(process))") }
        while try !Set(sessions()).isDisjoint(with: readers) { await Task.yield() }
        try await readMany(store)
        let clock = TestClock()
        let version = clock.next()
        let record = Record(namespace: "n", key: "k0", version: version, value: "1")
        #expect(
            try await store.apply([Change(.put, record, if: .newest)], atomic: true, .unbounded) == [.applied]
        )
        #expect(try sessions().contains(writer[0]))
        await store.close()
    }

    @Test("a server that does not answer costs opening the connect_timeout and no more")
    func connectTimeout() async throws {
        let server = try PostgresServer()
        defer {
            server.resume()
            server.stop()
        }
        var pool = PluginSettings.Pool.patient(max: 2, idle: .seconds(600))
        pool.connectTimeout = .milliseconds(700)
        let provider = try PostgresSubject.provider(server: server, pool: pool)
        server.pause()
        let error = await #expect(throws: HoldfastError.self) { try await provider.connect(.unbounded) }
        #expect(error?.code == .timeout || error?.code == .unavailable)
        #expect(error?.flags.contains(.retryable) == true)
        server.resume()
        // Trying again helps, and on a machine under load more than once may be needed.
        while true {
            guard let store = try? await provider.connect(.unbounded) else { continue }
            await store.close()
            break
        }
    }
}

extension PluginSettings.Pool {
    /// A pool for a machine under load: opening may take its time.
    fileprivate static func patient(max: Int, idle: Duration) -> PluginSettings.Pool {
        PluginSettings.Pool(
            connectionCountMax: max, idleTimeout: idle, connectTimeout: .seconds(120),
            abandonGrace: .seconds(60))
    }
}
