import Holdfast
import HoldfastModel
import Testing

/// Swift's `==` takes two texts for the same that have the same characters; here names are told apart by their bytes.
@Suite("Names that look alike") struct LookAlikeTests {
    /// One character: one scalar, and two.
    private static let names = ["\u{E9}", "e\u{301}"]

    @Test("retention counts each list for itself", arguments: DomainBackend.there)
    func retention(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            for name in Self.names {
                for key in Self.names {
                    let values = (1...3).map { Value.json(Bytes("\"\(name)\(key)\($0)\"")) }
                    try await store.lists("of \(name)").append(values, to: key)
                }
            }
            let report = try await store.retention([
                RetentionPolicy(namespace: "of \(Self.names[0])", maxMessages: 2),
                RetentionPolicy(namespace: "of \(Self.names[1])", maxMessages: 1),
            ]).run()
            #expect(report.namespaces.map(\.listCount) == [2, 2])
            for (count, name) in zip([2, 1], Self.names) {
                for key in Self.names {
                    let left = try await store.lists("of \(name)").page(of: key).map(\.bytes)
                    let expected = (1...3).suffix(count).map { Bytes("\"\(name)\(key)\($0)\"") }
                    #expect(left == expected)
                }
            }
        }
    }

    @Test("an agent keeps the snapshots and the calls of each", arguments: DomainBackend.there)
    func agents(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let agents = store.agents()
            let messages = AgentSample.messages("a", "b", "c")
            try await agents.saveMessages(messages, of: "x")
            var snapshots: [Bytes] = []
            for (count, name) in zip([3, 1], Self.names) {
                snapshots.append(AgentSample.snapshot(name, Array(messages.prefix(count))))
                try await agents.saveSnapshot(snapshots[snapshots.count - 1], of: "x")
            }
            // Changes what the snapshots share with the agent.
            try await agents.saveMessages(AgentSample.messages("n"), of: "x")
            for (name, snapshot) in zip(Self.names, snapshots) {
                #expect(try await agents.loadSnapshot(name, of: "x").content?.json == snapshot)
            }
            let calls = Self.names.map { AgentSample.call($0) }
            try await agents.saveToolCallRecords(calls, of: "x")
            #expect(try await agents.loadToolCallRecords(of: "x").map(\.json) == calls)
            for call in calls {
                try await agents.saveToolCallRecords([call], of: "x")
                #expect(try await agents.loadToolCallRecords(of: "x").map(\.json) == [call])
            }
            try await agents.saveInfo(AgentSample.info("x"), of: "x")
            #expect(try await agents.checkConsistency(of: "x").issues.filter { !$0.contains("info") } == [])
        }
    }

    @Test("agents and users are listed with what is their own", arguments: DomainBackend.there)
    func listings(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let agents = store.agents()
            for (count, name) in zip([1, 2], Self.names) {
                try await agents.saveInfo(AgentSample.info(name), of: name)
                let messages = (0..<count).map { AgentSample.message("\($0)") }
                try await agents.saveMessages(messages, of: name)
                let chat = Chat(user: name, session: "s", agent: "a")
                try await store.chats().append(messages, to: chat)
                try await store.documents("ns\(name)").put(.json("1"), at: "k")
            }
            for order in [AgentSessionFilter.Order.createdAt, .updatedAt, .messageCount] {
                var filter = AgentSessionFilter()
                filter.sortBy = order
                let sessions = try await agents.querySessions(filter)
                let counts = sessions.map { (Bytes($0.agentID), $0.messageCount) }
                #expect(counts.count == 2)
                for (name, count) in counts { #expect(count == (name == Bytes(Self.names[0]) ? 1 : 2)) }
            }
            let users = try await store.chats().users()
            #expect(users.map { Bytes($0.name) } == [Bytes(Self.names[1]), Bytes(Self.names[0])])
            #expect(users.map(\.messageCount) == [2, 1])
            let found = try await store.namespaces(prefix: "nse")
            #expect(found.map { Bytes($0) } == [Bytes("ns\(Self.names[1])")])
        }
    }

    @Test("an index of the words of one namespace says nothing of the other", arguments: SearchBackend.there)
    func indexes(backend: SearchBackend) async throws {
        try await backend.with { store in
            for name in Self.names {
                try await store.lists(name).append(
                    .json(#"{"role":"user","content":"deployed","topic":"x"}"#), to: "k")
                let scope = SearchScope(namespaces: [name])
                #expect(try await store.search().messages("deployed", in: scope).hits.count == 1)
                let topic = Selection(where: Operand.member("topic").equals("x"))
                #expect(try await store.lists(name).select(topic).count == 1)
            }
        }
    }

    @Test(
        "an erasure takes every session of the user, and a deletion every call",
        arguments: DomainBackend.there)
    func erasure(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let runs = store.runs()
            for name in Self.names {
                try await runs.append(#"{"role":"user","parts":["private"]}"#, to: name)
                try await runs.save(
                    Bytes(
                        #"{"run_id":"of \#(name)","agent_name":"a","session_id":"\#(name)","user":"eve"}"#))
            }
            try await store.erase(user: "eve")
            for name in Self.names { #expect(try await runs.history(of: name).isEmpty) }
            let threads = store.threads()
            let thread = try await threads.conversation(agent: "a", channel: "c", thread: "1")
            try await threads.createMessage(
                in: thread.id, by: ThreadUser(id: "u", name: "U", handle: "u"),
                blocks: Self.names.map { .toolCall(id: $0, name: "t", input: "{}", output: "1") })
            #expect(try await store.documents("thread-tool-calls").scan().count == 2)
            try await threads.delete(thread.id)
            #expect(try await store.documents("thread-tool-calls").scan().isEmpty)
        }
    }
}
