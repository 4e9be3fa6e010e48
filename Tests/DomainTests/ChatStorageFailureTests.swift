import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite("agent-squad: what its chat storage promises and does not do") struct ChatStorageFailureTests {
    static let names = ["M1", "M2", "M4", "M5", "M6", "M7", "M8", "M9", "M10"]
    static let table = SeedTable(
        system: "agent-squad", names: names,
        rows: zip(
            names,
            [
                secondSave, wholeBatch, limits, sameRole, times, oddNames, blocks, emptyBatch, noRewriting,
            ]
        ).map { SeedTable.Row($0, $1) })

    @Test("what failed does not fail here", arguments: DomainBackend.there)
    func failures(backend: DomainBackend) async throws {
        try await Self.table.show(on: backend, "failures")
    }

    private static let chat = ChatStorageMethodTests.chat

    private static func message(_ role: String, _ text: String) -> Bytes {
        ChatStorageMethodTests.message(role, text)
    }

    private static func secondSave(_ store: HistoryStore) async throws {
        let chats = store.chats()
        for number in 1...3 {
            let outcome = try await chats.append(Bytes("\(number)"), to: chat)
            #expect(outcome.stored.count == 1)
            #expect(try await chats.history(of: chat).count == number)
        }
    }

    private static func wholeBatch(_ store: HistoryStore) async throws {
        await #expect(throws: HoldfastError.self) {
            try await store.chats().append(["1", "no JSON"], to: chat)
        }
        // The second step fails on the backend, behind a first one that would have been stored.
        var batch = Batch()
        batch.append(.json("1"), to: "k", in: "lists")
        batch.check("none", in: "lists", is: .version(Version(high: 1, low: 1)))
        await #expect(throws: HoldfastError.self) { try await store.write(batch) }
        #expect(try await store.chats().history(of: chat).isEmpty)
        #expect(try await store.lists("lists").page(of: "k").isEmpty)
    }

    /// One answer for each n and policy, on every backend: `AppendPolicyTests` has the whole table.
    private static func limits(_ store: HistoryStore) async throws {
        let chats = store.chats()
        let cases: [(Trimming.Bound, Int)] = [
            (.exact(0), 0), (.exact(1), 1), (.exact(2), 2), (.exact(3), 3), (.evenPairs(0), 0),
            (.evenPairs(1), 0), (.evenPairs(2), 2), (.evenPairs(3), 2),
        ]
        for (number, (bound, kept)) in cases.enumerated() {
            let chat = Chat(user: "u", session: "s", agent: "\(number)")
            let policy = AppendPolicy(trimming: Trimming(to: bound))
            for text in ["1", "2", "3", "4", "5"] {
                try await chats.append(Bytes(text), to: chat, policy: policy)
            }
            #expect(try await chats.history(of: chat).count == kept, "\(bound)")
            #expect(try await chats.history(of: chat, limit: 0).isEmpty)
        }
    }

    private static func sameRole(_ store: HistoryStore) async throws {
        let result: Bytes = #"{"role":"user","content":[{"toolResult":{"toolUseId":"t"}}]}"#
        for policy in [AppendPolicy.standard, AppendPolicy(sameRole: .merge)] {
            let chat = Chat(user: "u", session: "s", agent: policy.sameRole.rawValue)
            for message in [message("user", "retry"), message("user", "retry"), result] {
                let outcome = try await store.chats().append(message, to: chat, policy: policy)
                #expect(outcome.droppedCount == 0)
            }
            let text = try await store.chats().history(of: chat).map(\.json.description).joined()
            #expect(text.split(separator: "retry", omittingEmptySubsequences: false).count == 3)
            #expect(text.contains("toolUseId"))
        }
    }

    private static func times(_ store: HistoryStore) async throws {
        let messages: [Bytes] = [
            #"{"role":"user","content":[],"timestamp":7}"#,
            #"{"role":"assistant","content":[],"timestamp":5}"#,
        ]
        try await store.chats().append(messages, to: chat)
        let history = try await store.chats().history(of: chat)
        #expect(history.map(\.json) == messages)
        #expect(history[0].id < history[1].id)
    }

    private static func oddNames(_ store: HistoryStore) async throws {
        let chats = store.chats()
        try await chats.append("1", to: Chat(user: "u#1", session: "s#x", agent: "a#b#c"))
        try await chats.append("2", to: Chat(user: "u#1", session: "s", agent: "a#b"))
        try await chats.append("3", to: Chat(user: "v", session: "s", agent: "a"))
        #expect(try await chats.messages(ofSession: "s", of: "v").map(\.json) == ["3"])
        #expect(try await chats.messages(ofSession: "s", of: "u#1").map(\.json) == ["2"])
        let found = try await chats.messages(ofSession: "s#x", of: "u#1")
        #expect(found.map(\.chat.agent) == ["a#b#c"])
    }

    private static func blocks(_ store: HistoryStore) async throws {
        let call: Bytes = """
            {"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"W","input":{}}},{"text":"a"},\
            {"text":"b"}]}
            """
        let silent: Bytes = #"{"role":"assistant","content":[{"toolUse":{"toolUseId":"t2"}}]}"#
        try await store.chats().append([call, silent], to: chat)
        func read(isAttributed: Bool) async throws -> [Bytes] {
            try await store.chats().messages(
                ofSession: chat.session, of: chat.user, isAttributed: isAttributed
            ).map(\.json)
        }
        #expect(try await read(isAttributed: false) == [call, silent])
        let attributed = try await read(isAttributed: true)
        #expect(
            attributed[0]
                == """
                {"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"W","input":{}}},\
                {"text":"[tech-agent] a"},{"text":"b"}]}
                """)
        #expect(attributed[1] == silent)
    }

    private static func emptyBatch(_ store: HistoryStore) async throws {
        let error = await #expect(throws: HoldfastError.self) { try await store.chats().append([], to: chat) }
        #expect(error?.code == .invalid)
        let empty: Bytes = #"{"role":"user","content":null}"#
        try await store.chats().append(empty, to: chat)
        try await store.chats().append([empty], to: chat)
        #expect(try await store.chats().history(of: chat).map(\.json) == [empty, empty])
    }

    private static func noRewriting(_ store: HistoryStore) async throws {
        let chats = store.chats()
        try await chats.append((0..<2000).map { Bytes("\($0)") }, to: chat)
        let policy = AppendPolicy(trimming: Trimming(to: .exact(2000)))
        for number in 2000..<2010 { try await chats.append(Bytes("\(number)"), to: chat, policy: policy) }
        let history = try await chats.history(of: chat, limit: 10_000)
        #expect(history.count == 2000)
        #expect(history.allSatisfy { $0.version == $0.id })
        #expect(try await chats.history(of: chat, limit: 10).count == 10)
    }
}

@Suite("agent-squad: several hosts of one chat storage") struct ChatStorageHostTests {
    @Test(
        "M3 M11 three hosts, 300 batches of two: all there, each whole, no two with one place",
        arguments: DomainBackend.there)
    func hosts(backend: DomainBackend) async throws {
        let chat = ChatStorageMethodTests.chat
        try await DomainStore.with(backend, hosts: 3) { hosts in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, host) in hosts.enumerated() {
                    group.addTask {
                        for turn in 0..<100 {
                            let name = "\(number).\(turn)"
                            try await host.chats().append(
                                [Bytes("\"\(name)\""), Bytes("\"\(name)\"")], to: chat)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let history = try await hosts[0].chats().history(of: chat, limit: 1000).map(\.json)
            #expect(history.count == 600)
            #expect(Set(history).count == 300)
            let pairs = stride(from: 0, to: history.count, by: 2).map { (history[$0], history[$0 + 1]) }
            #expect(pairs.allSatisfy { $0.0 == $0.1 })
            print("agent-squad on \(backend): M3 and M11, 300 of 300 batches of three hosts")
        }
    }
}
