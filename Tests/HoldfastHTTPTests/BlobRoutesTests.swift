import Holdfast
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("Large contents over HTTP and over the socket") struct BlobRoutesTests {
    private static let picture = #"{"data":"\#(String(repeating: "iVBORw0KGgo", count: 30_000))"}"#

    @Test("large contents are counted and collected, by whom the whole store is open to")
    func collect() async throws {
        let drafts = [
            "all": try TokenFile.draft(name: "operator", scope: .admin, tenant: nil),
            "one": try TokenFile.draft(name: "tenant", scope: .admin, tenant: "acme"),
            "pen": try TokenFile.draft(name: "writer", scope: .write, tenant: nil),
        ]
        let tokens = try TokenFile(
            parsing: drafts.values.map(\.line).joined(separator: "\n"), path: "tokens")
        try await TestDaemon.with(tokens: tokens) { test in
            func send(_ method: String, _ target: String, _ token: String, body: String? = nil) async throws
                -> HTTPAnswer
            {
                let bearer = "Bearer \(drafts[token]?.token ?? "")"
                return try await test.send(method, target, [("Authorization", bearer)], body: body)
            }
            for token in ["all", "one"] {
                let put = try await send("PUT", "/v1/documents/state/k", token, body: Self.picture)
                #expect(put.status < 300, "\(put.text)")
            }
            let status = try JSONNode(try await send("GET", "/v1/admin/blobs", "all").body)
            #expect(status["blobs"]?.integer == 1 && status["bytes"]?.integer == 330_000)
            #expect(status["unused"]?.integer == 0)
            #expect(try await send("GET", "/v1/admin/blobs", "one").status == 501)
            #expect(try await send("POST", "/v1/admin/blobs", "one").status == 501)
            #expect(try await send("POST", "/v1/admin/blobs", "pen").status == 403)
            #expect(try await send("DELETE", "/v1/documents/state/k", "one").status < 300)
            let trial = try JSONNode(try await send("POST", "/v1/admin/blobs?dryRun", "all").body)
            #expect(trial["dryRun"]?.boolean == true && trial["unused"]?.integer == 0)
            #expect(try await send("DELETE", "/v1/documents/state/k", "all").status < 300)
            let report = try JSONNode(try await send("POST", "/v1/admin/blobs", "all").body)
            // Used a moment ago, so it stays for its grace.
            #expect(report["dryRun"]?.boolean == false && report["removed"]?.integer == 0)
            #expect(try await test.store.collectBlobs(grace: .zero).removedByteCount == 330_000)
        }
    }

    @Test("a command reads what looks like a mark as it was written")
    func remoteMarks() async throws {
        try await TestDaemon.with(isOnSocket: true) { test in
            let remote = try #require(try await RemoteBackend.connect(to: test.directory.file("s")))
            let store = HistoryStore(backend: remote)
            let texts = [#"["\u0000holdfast.blob/1:x"]"#, #"{"\u0000holdfast.blob/1:=":"y"}"#].map {
                Bytes($0)
            }
            try await test.store.documents("state").put(.json(texts[0]), at: "a")
            try await store.documents("state").put(.json(texts[1]), at: "b")
            for reader in [test.store, store] {
                #expect(try await reader.documents("state").scan().map(\.bytes) == texts)
            }
            await store.close()
        }
    }

    @Test("a command collects in the daemon that has the store open")
    func remote() async throws {
        try await TestDaemon.with(isOnSocket: true) { test in
            let remote = try #require(try await RemoteBackend.connect(to: test.directory.file("s")))
            let store = HistoryStore(backend: remote)
            for key in ["kept", "gone"] {
                try await store.documents("state").put(
                    .json(Bytes(#"["\#(key)",\#(Self.picture)]"#)), at: key)
                try await store.documents("state").put(
                    .json(Bytes("\"\(key)\(String(repeating: "x", count: 300_000))\"")), at: "own \(key)")
            }
            for key in ["gone", "own gone"] { try await store.documents("state").delete(key) }
            #expect(try await store.collectBlobs(grace: .zero, isDryRun: true).unusedCount == 1)
            let report = try await store.collectBlobs(grace: .zero)
            #expect(report.blobCount == 3 && report.removedCount == 1 && report.recordCount >= 2)
            #expect(try await store.blobs().blobCount == 2)
            #expect(try await store.documents("state").get("own kept").bytes.count == 300_006)
            await store.close()
        }
    }

    @Test("a search over the socket says how it was answered, as the daemon itself does")
    func searchedBy() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage:
              { type: sqlite, path: "\(directory.file("h.db"))", indexes: { conversations: ["@words"] } }
            """
        let indexed = try await HistoryStore.open(
            configuration: try directory.write(Array(text.utf8), to: "storage.yaml"))
        try await TestDaemon.with(isOnSocket: true, store: indexed) { test in
            let remote = try #require(try await RemoteBackend.connect(to: test.directory.file("s")))
            var store = HistoryStore(backend: remote)
            store.wordIndexes = remote.wordIndexes
            try await store.conversations().append(#"{"content":"deployed"}"#, to: "s")
            for (namespace, method) in [("conversations", SearchMethod.index), ("chats", .scan)] {
                let scope = SearchScope(namespaces: [namespace])
                #expect(try await store.search().messages("deployed", in: scope).searchedBy == method)
                #expect(try await test.store.search().messages("deployed", in: scope).searchedBy == method)
            }
            let tenant = try indexed.confined(to: "acme")
            let scope = SearchScope(namespaces: ["conversations"])
            #expect(try await tenant.search().messages("deployed", in: scope).searchedBy == .scan)
            await store.close()
        }
    }
}
