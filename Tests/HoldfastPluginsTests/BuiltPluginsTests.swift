import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

/// The plugins that the package builds, next to the tests, as the host sees them.
@Suite("The plugins of the package behind the host's lanes")
struct BuiltPluginsTests {
    private let fixture: PluginFixture
    private let search: PluginSearchPath

    init() throws {
        fixture = try PluginFixture()
        try PluginCompiler(into: fixture.directory).compile("six-primitives", as: "six-primitives-only")
        search = PluginSearchPath(
            configured: [ProcessFacts.executableDirectory, fixture.directory.path], environment: nil,
            executableDirectory: nil)
    }

    private func settings(_ type: String, isLog: Bool = false) throws -> PluginSettings {
        let options: Bytes =
            switch type {
            // The directory is this test's alone, and so is what is named after it.
            case "memory": Bytes("{\"space\":\"\(fixture.directory.path)\"}")
            case "file-log": Bytes("{\"path\":\"\(try fixture.directory.makeDirectory("log"))\"}")
            case "redis": Bytes(try redisOptions(isLog: isLog))
            default: Bytes("{\"path\":\"\(fixture.directory.file("\(type).db"))\"}")
            }
        return PluginSettings(name: "test", options: options)
    }

    /// Keys of its own on the server that all tests share, which keeps nothing when it ends.
    private func redisOptions(isLog: Bool) throws -> String {
        let server = try RedisServer.shared.get()
        let prefix = "\"key_prefix\": \"\(UInt64.random(in: .min ... .max)):\""
        return "{\"url\": \"\(server.url)\", \(prefix)\(isLog ? ", \"require_durable\": false" : "")}"
    }

    private static let servers = RedisServer.isThere ? ["redis"] : []
    private static let stores = ["memory", "sqlite", "six-primitives-only"] + servers
    private static let logs = ["memory", "sqlite", "file-log", "six-primitives-only"] + servers

    @Test("each is a store with the same answers", arguments: stores)
    func store(type: String) async throws {
        let library = try PluginLibrary(type: type, in: search, host: fixture.host)
        let provider = try PluginProvider(library, type: type, try settings(type))
        try await provider.validateOptions()
        let store = try await provider.connect(.unbounded)
        let first: [Change] = (1...50).map {
            .item($0, Bytes("{\"n\":\($0),\"odd\":\($0 % 2 == 1)}"), if: .newest)
        }
        #expect(try await store.apply(first, atomic: false, .unbounded).allSatisfy { $0 == .applied })
        #expect(try await store.apply(first, atomic: false, .unbounded).allSatisfy { $0 == .unchanged })
        let outcomes = try await store.apply(
            [
                .item(20, "other", key: "k2", if: .newest), .item(10, "late", key: "k2", if: .newest),
                .document(7, "\"doc\"", if: .version(.zero)),
                .document(8, "\"doc2\"", if: .version(.number(6))),
                .drop(10), .item(9, "gone"), .item(77, "edit", if: .exists),
            ], atomic: false, .unbounded)
        #expect(
            outcomes == [
                .applied, .stale(seen: .number(20)), .applied, .conflict(seen: .number(7)), .applied,
                .unchanged, .notFound,
            ])
        #expect(try await store.list().map(\.id) == (11...50).map { Version.number($0) })
        #expect(
            try await store.list(.init(limit: 2, reversed: true)).map(\.id) == [.number(50), .number(49)])
        let query = Query(
            namespace: "n", matches: [.init(field: "odd", json: "true")], scope: .items,
            after: .init(address: testAddress, id: .number(20)), limit: 3)
        #expect(
            try await store.query(query, .unbounded).map(\.id) == [.number(21), .number(23), .number(25)])
        #expect(try await store.document() == nil)
        try await store.flush(.unbounded)
        try await store.ping(integrity: true, .unbounded)
        await store.close()
    }

    @Test("each is a log with the same answers", arguments: logs)
    func log(type: String) async throws {
        let library = try PluginLibrary(type: type, in: search, host: fixture.host)
        let provider = try PluginLogProvider(library, type: type, try settings(type, isLog: true))
        let log = try await provider.open(.unbounded)
        #expect(try await log.bounds(.unbounded).last == 0)
        await withTaskGroup(of: UInt64?.self) { group in
            for caller in 0..<50 {
                group.addTask { try? await log.append([Bytes("\(caller)"), "second"], .unbounded) }
            }
            #expect(await group.reduce(into: Set()) { $0.insert($1) }.count == 50)
        }
        let records = try await log.read(from: 1, byteCountMax: .max, .unbounded)
        #expect(records.map(\.lsn) == Array(1...100))
        #expect(stride(from: 1, to: 100, by: 2).allSatisfy { records[$0].payload == "second" })
        try await log.trim(before: 51, .unbounded)
        #expect(try await log.read(from: 60, byteCountMax: .max, .unbounded).map(\.lsn) == Array(60...100))
        #expect(try await log.verify(.unbounded).allSatisfy { $0.kind == .segment })
        guard type != "memory" else { return await log.close() }
        let identity = log.info.incarnation
        await log.close()
        let again = try await provider.open(.unbounded)
        #expect(again.info.incarnation == identity)
        #expect(try await again.bounds(.unbounded).last == 100)
        #expect(try await again.append(["more"], .unbounded) == 101)
        await again.close()
    }

    @Test(
        "an atomic batch is all or none, for callers that come together",
        arguments: ["memory", "sqlite"] + servers)
    func atomic(type: String) async throws {
        let library = try PluginLibrary(type: type, in: search, host: fixture.host)
        let store = try await PluginProvider(library, type: type, try settings(type)).connect(.unbounded)
        _ = try await store.apply([.document(5, "1", key: "fence")], atomic: true, .unbounded)
        let applied = await withTaskGroup(of: Int.self) { group in
            for caller in 1...40 {
                group.addTask {
                    let fence = Change(
                        .check, Record(namespace: "n", key: "fence"),
                        if: .version(.number(caller % 2 == 0 ? 5 : 4)))
                    let changes = [fence, Change.item(UInt64(caller), "v", key: Bytes("k\(caller)"))]
                    let outcomes = try? await store.apply(changes, atomic: true, .unbounded)
                    return outcomes?.allSatisfy(\.stands) == true ? caller : 0
                }
            }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(applied == Set((0...20).map { $0 * 2 }))
        for caller in 1...40 {
            #expect(try await store.list(key: Bytes("k\(caller)")).count == (caller % 2 == 0 ? 1 : 0))
        }
        await store.close()
    }
}
