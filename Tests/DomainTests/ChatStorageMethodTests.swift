import Holdfast
import HoldfastModel
import Testing

@Suite("agent-squad: every method of its chat storage, in Python and in TypeScript")
struct ChatStorageMethodTests {
    static let rows: [SeedTable.Row] = [
        .init("ChatStorage.is_same_role_as_last_message", sameRole),
        .init("ChatStorage.trim_conversation", trims),
        .init("ChatStorage.save_chat_message", saves),
        .init("ChatStorage.save_chat_messages", savesMany),
        .init("ChatStorage.fetch_chat", fetches),
        .init("ChatStorage.fetch_all_chats", fetchesAll),
        .init("InMemoryChatStorage", saves),
        .init("SqlChatStorage.initialize", saves),
        .init("SqlChatStorage.close", closes),
        .init("DynamoDbChatStorage.ttl", expires),
        .init("ts ChatStorage.isConsecutiveMessage", sameRole),
        .init("ts ChatStorage.trimConversation", trims),
        .init("ts ChatStorage.saveChatMessage", saves),
        .init("ts ChatStorage.fetchChat", fetches),
        .init("ts ChatStorage.fetchAllChats", fetchesAll),
        .init("ts SqlChatStorage.waitForInitialization", saves),
        .init("ts SqlChatStorage.close", closes),
    ]

    static let names = [
        "ChatStorage.is_same_role_as_last_message", "ChatStorage.trim_conversation",
        "ChatStorage.save_chat_message", "ChatStorage.save_chat_messages", "ChatStorage.fetch_chat",
        "ChatStorage.fetch_all_chats", "InMemoryChatStorage", "SqlChatStorage.initialize",
        "SqlChatStorage.close", "DynamoDbChatStorage.ttl", "ts ChatStorage.isConsecutiveMessage",
        "ts ChatStorage.trimConversation", "ts ChatStorage.saveChatMessage", "ts ChatStorage.fetchChat",
        "ts ChatStorage.fetchAllChats", "ts SqlChatStorage.waitForInitialization", "ts SqlChatStorage.close",
    ]

    @Test("every method does what its documentation says", arguments: DomainBackend.there)
    func methods(backend: DomainBackend) async throws {
        try await SeedTable(system: "agent-squad", names: Self.names, rows: Self.rows)
            .show(on: backend, "methods")
    }

    static let chat = Chat(user: "user123", session: "session456", agent: "tech-agent")

    static func message(_ role: String, _ text: String) -> Bytes {
        Bytes("{\"role\":\"\(role)\",\"content\":[{\"text\":\"\(text)\"}]}")
    }

    /// The façade of that system drops what the same side says twice; nothing else does.
    private static func sameRole(_ store: HistoryStore) async throws {
        let drop = AppendPolicy(sameRole: .drop)
        let first = try await store.chats().append(message("user", "1"), to: chat, policy: drop)
        #expect(first.stored.count == 1)
        let same = try await store.chats().append(message("user", "2"), to: chat, policy: drop)
        #expect(same.droppedCount == 1)
        let other = try await store.chats().append(message("assistant", "3"), to: chat, policy: drop)
        #expect(other.stored.count == 1)
    }

    private static func trims(_ store: HistoryStore) async throws {
        let chats = store.chats()
        for (count, kept) in [(0, 0), (1, 0), (2, 2), (3, 2), (4, 4), (9, 5)] {
            let chat = Chat(user: "u", session: "s", agent: "\(count)")
            try await chats.append((0..<5).map { Bytes("\($0)") }, to: chat)
            try await chats.trim(chat, to: Trimming(to: .evenPairs(count)))
            #expect(try await chats.history(of: chat).map(\.json) == (5 - kept..<5).map { Bytes("\($0)") })
        }
    }

    private static func saves(_ store: HistoryStore) async throws {
        let chats = store.chats()
        let outcome = try await chats.append(message("user", "1"), to: chat)
        #expect(outcome.stored.count == 1)
        let odd: Bytes = #"{"role":"assistant","content":null,"timestamp":1767325200123}"#
        try await chats.append(odd, to: chat)
        let limited = AppendPolicy(trimming: Trimming(to: .evenPairs(2)))
        try await chats.append(message("user", "3"), to: chat, policy: limited)
        #expect(try await chats.history(of: chat).map(\.json) == [odd, message("user", "3")])
    }

    private static func savesMany(_ store: HistoryStore) async throws {
        let chats = store.chats()
        let messages = [message("user", "1"), message("assistant", "2"), message("user", "3")]
        let outcome = try await chats.append(messages, to: chat)
        #expect(outcome.stored.count == 3)
        let limited = AppendPolicy(trimming: Trimming(to: .exact(2)))
        try await chats.append(messages, to: chat, policy: limited)
        #expect(try await chats.history(of: chat).map(\.json) == Array(messages[1...]))
    }

    private static func fetches(_ store: HistoryStore) async throws {
        let chats = store.chats()
        #expect(try await chats.history(of: chat).isEmpty)
        try await chats.append((0..<4).map { Bytes("\($0)") }, to: chat)
        #expect(try await chats.history(of: chat).map(\.json) == ["0", "1", "2", "3"])
        #expect(try await chats.history(of: chat, limit: 2).map(\.json) == ["2", "3"])
    }

    private static func fetchesAll(_ store: HistoryStore) async throws {
        let chats = store.chats()
        #expect(try await chats.messages(ofSession: "s", of: "u").isEmpty)
        for (agent, role) in [("a", "user"), ("a", "assistant"), ("b", "user"), ("b", "assistant")] {
            try await chats.append(message(role, agent), to: Chat(user: "u", session: "s", agent: agent))
        }
        let merged = try await chats.messages(ofSession: "s", of: "u", isAttributed: true)
        #expect(
            merged.map(\.json) == [
                message("user", "a"), message("assistant", "[a] a"), message("user", "b"),
                message("assistant", "[b] b"),
            ])
    }

    private static func closes(_ store: HistoryStore) async throws {
        try await store.chats().append("1", to: chat)
        await store.close()
        let error = await #expect(throws: HoldfastError.self) { try await store.chats().history(of: chat) }
        #expect(error?.code == .unavailable)
    }

    private static func expires(_ store: HistoryStore) async throws {
        let chats = store.chats()
        try await chats.append("1", to: chat, policy: AppendPolicy(expiry: .after(.seconds(3600))))
        try await chats.append(
            "2", to: chat, policy: AppendPolicy(expiry: .at(Timestamp(unixMilliseconds: 1))))
        #expect(try await chats.history(of: chat).map(\.json) == ["1"])
    }
}
