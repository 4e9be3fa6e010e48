import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite("Hostile names and values", .serialized) struct HostileRoundTripTests {
    private let directory: TemporaryDirectory
    private let plugins: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        plugins = try TemporaryDirectory()
        try PluginCompiler(into: plugins).compile("six-primitives", as: "six-primitives-only")
    }

    /// Every plugin in every role that it has.
    private static let chains: [Combination] = {
        let embedded = [
            Combination(primary: "memory", backup: "sqlite", log: "sqlite"),
            Combination(primary: "sqlite", backup: "six-primitives-only", log: "file-log"),
            Combination(primary: "six-primitives-only", backup: "memory", log: "six-primitives-only"),
        ]
        let servers = [
            Combination(primary: "redis", backup: "postgresql", log: "postgresql"),
            Combination(primary: "postgresql", backup: "redis", log: "redis"),
        ]
        return embedded + servers.filter { $0.isPossible }
    }()

    private static let namespaces = ["plain", "x/..#%_*", "x\\0{}😀'\""]
    private static let patience = CallOptions(timeout: .seconds(120))

    private func open(_ yaml: String, _ name: String) async throws -> HistoryStore {
        try await HistoryStore.open(configuration: try directory.write(Array(yaml.utf8), to: name))
    }

    @Test(
        "names and values of every kind come back byte for byte from every backend, and each on its own place",
        arguments: chains)
    func roundTrip(_ chain: Combination) async throws {
        let yaml = try chain.yaml(in: directory, plugins: plugins.path)
        let first = try await open(yaml, "storage.yaml")
        try await write(to: first)
        try await check(first)
        try await first.flush(Self.patience)
        await first.close()
        // What comes next comes from the backup and the log alone.
        try chain.losePrimary(in: directory)
        let again = try await open(yaml, "storage.yaml")
        try await check(again)
        await again.close()
        // What is in the process's memory has gone with its store.
        guard let backup = try chain.alone("backup", in: directory, plugins: plugins.path) else { return }
        let alone = try await open(backup, "backup.yaml")
        try await check(alone)
        await alone.close()
    }

    @Test("what is no name, no JSON or too large is refused by every backend alike", arguments: chains)
    func refused(_ chain: Combination) async throws {
        let store = try await open(
            try chain.yaml(in: directory, plugins: plugins.path), "storage.yaml")
        let documents = store.documents("plain")
        for key in ["", "a\0b", "\0", String(repeating: "k", count: 1025)] {
            let error = await #expect(throws: HoldfastError.self) {
                try await documents.put(.json("1"), at: key)
            }
            #expect(error?.code == .invalid)
        }
        for name in ["", "a\0b", "~holdfast", String(repeating: "n", count: 256)] {
            let error = await #expect(throws: HoldfastError.self) {
                try await store.lists(name).append(.json("1"), to: "k")
            }
            #expect(error?.code == .invalid)
        }
        let tooLarge = Bytes(count: (16 << 20) + 1) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
        for value in [Value.bytes(tooLarge), .json("{not json"), .json(Bytes([0x22, 0, 0x22])), .json("")] {
            let error = await #expect(throws: HoldfastError.self) { try await documents.put(value, at: "k") }
            #expect(error?.code == .invalid)
        }
        #expect(try await documents.scan(Scan()).elements.isEmpty)
        await store.close()
    }

    // MARK: -

    private static let values =
        HostileData.json.map { Value.json($0) } + HostileData.bytes.map { Value.bytes($0) }

    /// What is at the name of a number, in a namespace of a number: different for each.
    private static func value(_ name: Int, _ namespace: Int) -> Value {
        values[(name + 7 * namespace) % values.count]
    }

    private func write(to store: HistoryStore) async throws {
        let options = WriteOptions(timeout: .seconds(120))
        for (number, namespace) in Self.namespaces.enumerated() {
            var batch = Batch()
            for (index, name) in HostileData.names.enumerated() {
                batch.put(Self.value(index, number), at: name, in: namespace)
                batch.append(
                    [Self.value(index + 1, number), Self.value(index + 2, number)], to: name, in: namespace)
            }
            _ = try await store.write(batch, options)
        }
        _ = try await store.lists("all").append(Self.values, to: "all", options)
        _ = try await store.documents("large").put(.bytes(HostileData.largestBytes), at: "bytes", options)
        _ = try await store.conversations("talk").append(HostileData.largestJSON, to: "😀 #/..", options)
        _ = try await store.conversations("talk").append("\"after\"", to: "😀 #/..", options)
    }

    private func check(_ store: HistoryStore) async throws {
        let all = ListRange(.ascending, limit: 100)
        for (number, namespace) in Self.namespaces.enumerated() {
            let documents = store.documents(namespace)
            let found = try await documents.scan(Scan(), limit: 1000, Self.patience).elements
            #expect(
                found.map { Array($0.key.utf8) }
                    == HostileData.names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
            let read = try await documents.get(HostileData.names, Self.patience).content
            for (index, document) in read.enumerated() {
                let value = Self.value(index, number)
                #expect(document?.bytes == value.bytes, "\(namespace), \(HostileData.names[index])")
                #expect(document?.format == value.format)
            }
            // Many at once, as the names are independent of each other.
            try await withThrowingTaskGroup { group in
                for (index, name) in HostileData.names.enumerated() {
                    group.addTask {
                        let items = try await store.lists(namespace).page(of: name, all, Self.patience)
                        #expect(items.map(\.bytes) == (1...2).map { Self.value(index + $0, number).bytes })
                    }
                }
                try await group.waitForAll()
            }
        }
        let listed = try await store.lists("all").page(of: "all", all, Self.patience).elements
        #expect(listed.map(\.bytes) == Self.values.map(\.bytes))
        #expect(listed.map(\.format) == Self.values.map(\.format))
        let largest = try await store.documents("large").get("bytes", Self.patience).content.bytes
        // A failure would print both.
        #expect((largest == HostileData.largestBytes) as Bool, "\(largest.count) bytes")
        let talk = try await store.lists("talk").page(of: "😀 #/..", all, Self.patience).elements
        #expect(talk.map(\.bytes.count) == [16 << 20, 7])
        #expect((talk.first?.bytes == HostileData.largestJSON) as Bool)
    }
}
