import Holdfast
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Cipher: every method of its histories, its storage and its sessions") struct CipherMethodTests {
    static let history = [
        "IConversationHistoryProvider.getHistory", "IConversationHistoryProvider.saveMessage",
        "IConversationHistoryProvider.clearHistory", "DatabaseHistoryProvider.constructor",
        "DatabaseHistoryProvider.getHistory", "DatabaseHistoryProvider.saveMessage",
        "DatabaseHistoryProvider.clearHistory", "createDatabaseHistoryProvider",
    ]
    static let chain = [
        "createMultiBackendHistoryProvider", "MultiBackendHistoryProvider.constructor",
        "MultiBackendHistoryProvider.getHistory", "MultiBackendHistoryProvider.saveMessage",
        "MultiBackendHistoryProvider.clearHistory", "MultiBackendHistoryProvider.flush worker",
        "MultiBackendHistoryProvider.disconnect", "WALHistoryProvider.getHistory",
        "WALHistoryProvider.saveMessage", "WALHistoryProvider.clearHistory",
        "WALHistoryProvider.getPendingEntries", "WALHistoryProvider.markFlushed",
        "WALHistoryProvider.disconnect",
    ]
    static let storage = [
        "DatabaseBackend.get", "DatabaseBackend.set", "DatabaseBackend.delete", "DatabaseBackend.list",
        "DatabaseBackend.append", "DatabaseBackend.getRange", "DatabaseBackend.connect",
        "DatabaseBackend.disconnect", "DatabaseBackend.isConnected", "DatabaseBackend.getBackendType",
        "CacheBackend.get", "CacheBackend.set", "CacheBackend.delete", "redis.mget", "redis.mset",
        "redis.exists", "redis.expire", "redis.increment", "redis.decrement", "redis.flushdb", "redis.info",
        "InMemoryBackend.getSize", "StorageManager.connect", "StorageManager.healthCheck",
        "StorageManager.getInfo",
    ]
    static let sessions = [
        "SessionManager.createSession", "SessionManager.saveSession", "SessionManager.loadSession",
        "SessionManager.listSessions", "SessionManager.removeSession", "ConversationSession.serialize",
        "ConversationSession.deserialize",
    ]

    static let call: Bytes = #"{"role":"assistant","content":null,"toolCalls":[{"id":"c","arguments":"{}"}]}"#

    static func rows(on backend: DomainBackend) -> [SeedTable.Row] {
        let history = history.map { SeedTable.Row($0, keepsHistory) }
        let chain = chain.map { name in
            SeedTable.Row(name) { _ in try await Self.chain(name, on: backend) }
        }
        return history + chain + storageRows(on: backend) + sessionRows
    }

    @Test("every method does what its documentation says", arguments: DomainBackend.there)
    func methods(backend: DomainBackend) async throws {
        let names = Self.history + Self.chain + Self.storage + Self.sessions
        try await SeedTable(system: "Cipher", names: names, rows: Self.rows(on: backend))
            .show(on: backend, "methods")
    }

    /// Oldest to newest, a limit keeps the latest, nothing is an empty list, a clear takes all of one session.
    private static func keepsHistory(_ store: HistoryStore) async throws {
        let conversations = store.conversations()
        #expect(try await conversations.history(of: "s").isEmpty)
        let messages: [Bytes] = [
            #"{"role":"user","content":"hi"}"#, call, #"{"role":"tool","toolCallId":"c"}"#,
        ]
        for message in messages { try await conversations.append(message, to: "s") }
        try await conversations.append("1", to: "s2")
        #expect(try await conversations.history(of: "s").map(\.json) == messages)
        #expect(try await conversations.history(of: "s", limit: 2).map(\.json) == Array(messages[1...]))
        try await conversations.clear("s")
        #expect(try await conversations.history(of: "s").isEmpty)
        #expect(try await conversations.history(of: "s2").map(\.json) == ["1"])
    }

    private static func chain(_ name: String, on backend: DomainBackend) async throws {
        let chain = try await DomainChain(primary: backend)
        defer { chain.end() }
        let store = try await chain.open()
        let conversations = store.conversations()
        try await conversations.append(["1", "2"], to: "s")
        #expect(try await conversations.history(of: "s").map(\.json) == ["1", "2"])
        #expect(await store.status().members.map(\.role) == ["primary", "backup", "log"])
        var expected: [Bytes] = ["1", "2"]
        if name.hasSuffix("clearHistory") {
            try await conversations.clear("s")
            expected = []
        }
        // What a write-ahead log has to hold is not asked for entry by entry: the lag of each backend says it.
        let log = try #require(await store.status().members.last)
        #expect(log.mark >= 1)
        if name.hasSuffix("markFlushed") || name.hasSuffix("flush worker") {
            try await DomainChain.settle(store)
            #expect(await store.status().members.allSatisfy { $0.role == "log" || $0.lag == 0 })
        }
        await store.close()
        // Disconnected without a flush, and nothing is missing.
        let again = try await chain.open()
        #expect(try await again.conversations().history(of: "s").map(\.json) == expected)
        try await DomainChain.settle(again)
        await again.close()
        #expect(try await chain.words("backup", "s") == expected)
    }
}

extension CipherMethodTests {
    private static func storageRows(on backend: DomainBackend) -> [SeedTable.Row] {
        storage.map { name in
            SeedTable.Row(name) { store in
                switch name {
                case "DatabaseBackend.append", "DatabaseBackend.getRange": try await lists(store)
                case "redis.increment", "redis.decrement": try await counts(store)
                case "redis.expire", "CacheBackend.set": try await expires(store)
                case "DatabaseBackend.connect", "DatabaseBackend.disconnect", "DatabaseBackend.isConnected",
                    "DatabaseBackend.getBackendType", "redis.info", "StorageManager.connect",
                    "StorageManager.healthCheck", "StorageManager.getInfo":
                    try await tellsState(store, backend)
                default: try await keepsValues(store)
                }
            }
        }
    }

    private static func keepsValues(_ store: HistoryStore) async throws {
        let documents = store.documents("store")
        #expect(try await documents.get(["a"]).content == [nil])
        var batch = Batch()
        for key in ["p%", "p_x", "px"] { batch.put(.json(Bytes("\"\(key)\"")), at: key, in: "store") }
        try await store.write(batch)
        let found = try await documents.get(["px", "none", "p%"]).content
        #expect(found.map { $0?.bytes } == ["\"px\"", nil, "\"p%\""])
        // A prefix is text, never a pattern.
        #expect(try await documents.scan(Scan(prefix: "p_")).map(\.key) == ["p_x"])
        try await documents.put(.json("2"), at: "px")
        #expect(try await documents.get("px").bytes == "2")
        try await documents.delete("px")
        try await documents.delete("px")
        #expect(try await documents.get(["px"]).content == [nil])
        #expect(try await documents.count().content == 2)
        _ = try await store.erase(prefix: "", in: "store", .standard)
        #expect(try await documents.count().content == 0)
    }

    private static func lists(_ store: HistoryStore) async throws {
        let lists = store.lists("store")
        for number in 0..<5 { try await lists.append(.json(Bytes("\(number)")), to: "l") }
        let first = try await lists.page(of: "l", ListRange(.ascending, limit: 2))
        #expect(first.map(\.bytes) == ["0", "1"])
        #expect(try await lists.page(of: "l", try #require(first.next)).map(\.bytes) == ["2", "3"])
        #expect(try await lists.page(of: "l", .latest(2)).map(\.bytes) == ["3", "4"])
    }

    private static func counts(_ store: HistoryStore) async throws {
        let documents = store.documents("store")
        for expected in 1...3 {
            let stored = try await documents.get(["n"]).content[0]
            let number = stored.flatMap { Int($0.bytes.description) } ?? 0
            try await documents.put(
                .json(Bytes("\(number + 1)")), at: "n", if: stored.map { .version($0.version) } ?? .absent)
            #expect(try await documents.get("n").bytes == Bytes("\(expected)"))
        }
        let error = await #expect(throws: HoldfastError.self) {
            try await documents.put(.json("9"), at: "n", if: .absent)
        }
        #expect(error?.code == .conflict)
    }

    private static func expires(_ store: HistoryStore) async throws {
        let documents = store.documents("store")
        try await documents.put(.json("1", expiry: .after(.seconds(3600))), at: "later")
        try await documents.put(.json("1", expiry: .at(Timestamp(unixMilliseconds: 1))), at: "past")
        #expect(try await documents.get("later").expiresAt != nil)
        #expect(try await documents.get(["past"]).content == [nil])
    }

    private static func tellsState(_ store: HistoryStore, _ backend: DomainBackend) async throws {
        let status = await store.status()
        #expect(status.isReadable && status.isWritable)
        #expect(status.members.map(\.type) == [backend.rawValue])
        #expect(status.members.map(\.state) == ["up"])
        await store.close()
        let error = await #expect(throws: HoldfastError.self) { try await store.documents("d").get("a") }
        #expect(error?.code == .unavailable)
    }

    private static var sessionRows: [SeedTable.Row] {
        sessions.map { name in
            SeedTable.Row(name) { store in
                // A session is its messages, and a document at its key for what is known of it.
                let documents = store.documents(Conversations.standardNamespace)
                let conversations = store.conversations()
                let metadata: Bytes = #"{"createdAt":1767325200000,"options":{},"version":"1.0.0"}"#
                try await documents.put(.json(metadata), at: "s/1", if: .absent)
                try await conversations.append(["1", call], to: "s/1")
                #expect(try await documents.get("s/1").bytes == metadata)
                #expect(try await conversations.sessions(prefix: "s/").map(\.messageCount) == [2])
                #expect(try await conversations.history(of: "s/1").map(\.json) == ["1", call])
                try await conversations.delete("s/1")
                #expect(try await conversations.sessions().isEmpty)
                #expect(try await documents.get(["s/1"]).content == [nil])
            }
        }
    }
}
