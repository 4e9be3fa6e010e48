import Holdfast
import HoldfastTestSupport
import Testing

@Suite("The API on real plugins") struct PluginTests {
    private func open(_ storage: String, in directory: TemporaryDirectory) async throws -> HistoryStore {
        let text = "plugins: { path: [\"\(ProcessFacts.executableDirectory)\"] }\nstorage: \(storage)\n"
            .replacing("DIR", with: directory.path)
        return try await HistoryStore.open(
            configuration: try directory.write(Array(text.utf8), to: "storage.yaml"))
    }

    @Test(
        "lists, documents, batches, scans and sessions do the same on every backend",
        arguments: [
            "{ type: memory, space: \"DIR\" }", "{ type: sqlite, path: DIR/a.db }",
            "{ type: chain, primary: { type: sqlite, path: DIR/a.db }, backups: [{ type: memory, space: \"DIR\" }], "
                + "log: { type: file-log, path: DIR/log, segment_size: 1MiB } }",
        ])
    func same(storage: String) async throws {
        let directory = try TemporaryDirectory()
        let store = try await open(storage, in: directory)
        try await lists(store)
        try await documents(store)
        await store.close()
        let again = try await open(storage, in: directory)
        if !storage.hasPrefix("{ type: memory") {
            #expect(try await again.lists("n").page(of: "k").map(\.bytes) == ["8", "9"])
        }
        await again.close()
    }

    private func lists(_ store: HistoryStore) async throws {
        let lists = store.lists("n")
        try await store.documents("n").put(.json("7"), at: "k")
        let options = WriteOptions(idempotencyKey: "once")
        let ids = try await lists.append((0..<5).map { .json(Bytes("\($0)")) }, to: "k", options).versions
        #expect(
            try await lists.append((0..<5).map { .json(Bytes("\($0)")) }, to: "k", options).versions == ids)
        try await lists.edit(ids[1], in: "k", to: .json("11"))
        try await lists.remove(ids[2], from: "k")
        #expect(try await lists.page(of: "k").map(\.bytes) == ["0", "11", "3", "4"])
        try await lists.trim("k", to: .count(2))
        #expect(try await lists.page(of: "k", .latest(9)).map(\.bytes) == ["3", "4"])
        let gone = await #expect(throws: HoldfastError.self) {
            try await lists.edit(ids[0], in: "k", to: .json("1"))
        }
        #expect(gone?.code == .notFound)
        try await lists.clear("k")
        #expect(try await lists.page(of: "k").isEmpty)
        try await lists.replace("k", with: [.json("8"), .json("9")])
        #expect(try await lists.page(of: "k").map(\.bytes) == ["8", "9"])
        #expect(try await store.documents("n").get("k").bytes == "7")
        try await lists.append(.json("1"), to: "j")
        #expect(try await lists.summaries().map(\.itemCount) == [1, 2])
        #expect(try await lists.summary(of: "k").itemCount == 2)
    }

    private func documents(_ store: HistoryStore) async throws {
        let documents = store.documents("users")
        for key in ["a/1", "a/2", "b/%"] { try await documents.put(.json(#"{"role":"user"}"#), at: key) }
        let version = try await documents.get("a/2").version
        var batch = Batch()
        batch.put(.json(#"{"role":"admin"}"#), at: "a/2", in: "users", if: .version(version))
        batch.append(.json("1"), to: "changes", in: "audit")
        try await store.write(batch)
        let late = await #expect(throws: HoldfastError.self) { try await store.write(batch) }
        #expect(late?.code == .conflict)
        #expect(try await store.lists("audit").page(of: "changes").count == 1)
        #expect(
            try await documents.scan(Scan(where: [Filter("role", equals: "admin")])).map(\.key) == ["a/2"])
        let first = try await documents.scan(Scan(prefix: "a/", order: .descending), limit: 1)
        #expect(first.map(\.key) == ["a/2"])
        let rest = try await documents.scan(Scan(prefix: "a/", order: .descending), after: first.next)
        #expect(rest.map(\.key) == ["a/1"])
        try await documents.delete("a/1")
        #expect(try await documents.scan().map(\.key) == ["a/2", "b/%"])
    }
}
