import Holdfast
import HoldfastChain
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Operations that a provider answers whole") struct OperationTests {
    private static let all = Set(DomainOperation.allCases.map(\.rawValue))

    /// A store on a plugin of the fixtures, with the same plugin's own table or without.
    private func withPlugin(
        defines: [String] = [], _ body: (HistoryStore) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try PluginCompiler(into: directory).compile(
            "whole-operations", as: "whole-operations", defines: defines)
        let text = "plugins: { path: [\(directory.path)] }\nstorage: { type: whole-operations }\n"
        let file = try directory.write(Array(text.utf8), to: "storage.yaml")
        let store = try await HistoryStore.open(
            configuration: file, environment: StoreEnvironment(clock: MovingClock()))
        do {
            try await body(store)
            await store.close()
        } catch {
            await store.close()
            throw error
        }
    }

    /// Asks everything once of the backend and once of the host's own way.
    private func compare(
        _ backend: OperationBackend, expecting operations: Set<String>
    ) async throws {
        let own = HistoryStore(backend: OwnWayBackend(backend: backend.backend))
        let whole = HistoryStore(backend: backend)
        let expected = try await OperationQuestions.answers(of: own)
        let found = try await OperationQuestions.answers(of: whole)
        for (one, other) in zip(expected, found) {
            #expect(one.answer == other.answer, "\(one.operation)")
        }
        #expect(expected.count == found.count)
        #expect(Set(expected.map(\.operation)) == Self.all)
        #expect(Set(backend.counts.withLock { $0.answered }.keys) == operations)
    }

    @Test("every operation has the answer that the host finds by itself, whoever gives it")
    func model() async throws {
        try await DomainStore.with(.memory) { store in
            try await OperationQuestions.fill(store)
            try await compare(
                OperationBackend(
                    backend: store.backend, operations: Self.all,
                    answer: { (call, backend) async throws(HoldfastError) in
                        try await OperationModel.answer(call, backend)
                    }),
                expecting: Self.all)
        }
    }

    @Test("an operation that nobody answers after all has the same answer")
    func declined() async throws {
        try await DomainStore.with(.memory) { store in
            try await OperationQuestions.fill(store)
            let backend = OperationBackend(
                backend: store.backend, operations: Self.all, answer: { _, _ in nil })
            try await compare(backend, expecting: [])
            #expect(Set(backend.counts.withLock { $0.declined }.keys) == Self.all)
        }
    }

    @Test("SQLite answers two operations, as the host would")
    func sqlite() async throws {
        try await DomainStore.with(.sqlite) { store in
            try await OperationQuestions.fill(store)
            try await compare(
                OperationBackend(backend: store.backend), expecting: ["aggregate_stats", "list_summaries"])
        }
    }

    @Test("a plugin in C answers operations, as the host would, and leaves one to it each time")
    func plugin() async throws {
        try await withPlugin { store in
            try await OperationQuestions.fill(store)
            let backend = OperationBackend(backend: store.backend)
            try await compare(
                backend, expecting: ["aggregate_stats", "list_summaries", "merged_messages"])
            #expect(Set(backend.counts.withLock { $0.declined }.keys) == ["query_messages"])
        }
    }

    @Test("a tenant's operations see what is the tenant's alone")
    func tenants() async throws {
        try await withPlugin { store in
            for (tenant, count) in [("one", 2), ("two", 3)] {
                let view = try store.confined(to: tenant)
                let messages = (0..<count).map { Bytes(#"{"role":"user","content":"\#(tenant) \#($0)"}"#) }
                try await view.chats().append(messages, to: Chat(user: "u", session: "s", agent: tenant))
                try await view.agents().appendMessages(messages, to: "a")
            }
            for (tenant, count) in [("one", 2), ("two", 3)] {
                let view = try store.confined(to: tenant)
                let merged = try await view.chats().messages(ofSession: "s", of: "u")
                #expect(merged.map(\.chat.agent) == Array(repeating: tenant, count: count))
                #expect(try await view.lists("chats").summaries().map(\.itemCount) == [count])
                #expect(try await view.agents().aggregateStats(of: "a").totalMessages == count)
                #expect(view.operations.operations[.invoke]?.latency.count == 3)
            }
            #expect(try await store.chats().messages(ofSession: "s", of: "u").isEmpty)
            #expect(try await store.lists("chats").summaries().isEmpty)
        }
    }

    @Test("a record of another tenant is refused, and the error names provider and operation")
    func lies() async throws {
        try await withPlugin(defines: ["LIES"]) { store in
            let one = try store.confined(to: "one")
            let two = try store.confined(to: "two")
            let message: Bytes = #"{"role":"user","content":"secret"}"#
            try await one.chats().append(message, to: Chat(user: "u", session: "s", agent: "a"))
            let error = await #expect(throws: HoldfastError.self) {
                try await two.chats().messages(ofSession: "s", of: "u")
            }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("storage (whole-operations)") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("merged_messages of holdfast.domain/1 with") == true)
        }
    }

    @Test(
        "where contents are kept apart that an operation looks into, the host goes its own way, and says so")
    func contentsApart() async throws {
        try await DomainStore.with(.memory) { store in
            let backend = OperationBackend(
                backend: store.backend, operations: Self.all,
                answer: { (call, backend) async throws(HoldfastError) in
                    try await OperationModel.answer(call, backend)
                })
            let blobs = BlobSettings(threshold: 256) { bytes in
                [UInt8](repeating: UInt8(truncatingIfNeeded: bytes.count), count: 32)
            }
            let whole = HistoryStore(backend: backend, blobs: blobs)
            let long = String(repeating: "wordy ", count: 256)
            try await whole.chats().append(
                Bytes(#"{"role":"user","content":"\#(long)"}"#),
                to: Chat(user: "u", session: "s", agent: "a"))
            let page = try await whole.search().messages("other", in: .chats(user: "u"))
            #expect(page.hits.degradations == [.contentsApart])
            #expect(backend.counts.withLock { $0.answered }.isEmpty)
            // What does not look into it is answered whole, and the content put back.
            let merged = try await whole.chats().messages(ofSession: "s", of: "u")
            #expect(merged.first?.json.description.contains("wordy wordy") == true)
            #expect(backend.counts.withLock { $0.answered } == ["merged_messages": 1])
        }
    }

    /// What each query of an operation is answered with.
    private func answering(_ parts: [Record]...) -> OperationBackend {
        OperationBackend(
            backend: NoBackend(), operations: Self.all,
            answer: { (_, _) async throws(HoldfastError) in ReadAnswer(results: parts, source: "archive") })
    }

    private func row(_ json: Bytes) -> Record { Record(namespace: .empty, key: "lists", value: json) }

    private static let id = String(repeating: "0", count: 31) + "1"
    private static let later = String(repeating: "0", count: 31) + "2"

    @Test(
        "rows that are not what was asked for are corrupt, and the error names provider and operation",
        arguments: [
            (["7"], "a row that is no JSON object"), (["{"], "a row that is no JSON object"),
            (["{}"], "a row that sums up no list"),
            ([#"{"key":"ka","count":0,"first":"\#(id)","last":"\#(id)"}"#], "a row that sums up no list"),
            ([#"{"key":"ka","count":1.5,"first":"\#(id)","last":"\#(id)"}"#], "a row that sums up no list"),
            ([#"{"key":"ka","count":1,"first":"\#(id)","last":"\#(later)"}"#], "a row that sums up no list"),
            ([#"{"key":"ka","count":2,"first":"\#(later)","last":"\#(id)"}"#], "a row that sums up no list"),
            ([#"{"key":"ka","count":1,"first":"1","last":"1"}"#], "a row that sums up no list"),
            (
                [#"{"key":"x","count":1,"first":"\#(id)","last":"\#(id)"}"#],
                "a key without the prefix that was asked for"
            ),
            (
                [
                    #"{"key":"kb","count":1,"first":"\#(id)","last":"\#(id)"}"#,
                    #"{"key":"ka","count":1,"first":"\#(id)","last":"\#(id)"}"#,
                ], "lists out of order"
            ),
        ])
    func wrongRows(rows: [String], problem: String) async throws {
        let store = HistoryStore(backend: answering(rows.map { row(Bytes($0)) }))
        let error = await #expect(throws: HoldfastError.self) {
            try await store.lists("n").summaries(prefix: "k")
        }
        #expect(error == HoldfastError(.corrupt, "archive answered list_summaries with \(problem)"))
    }

    @Test("an answer with a part too few, a session out of order or a block of elsewhere is refused")
    func wrongParts() async throws {
        func info(_ agent: String) -> Record {
            Record(
                namespace: "agents", key: Bytes(agent), version: Version(high: 1, low: 1),
                value: Bytes(#"{"agentId":"\#(agent)","createdAt":"2026-01-01T00:00:00.000Z"}"#))
        }
        var store = HistoryStore(backend: answering([]))
        var error = await #expect(throws: HoldfastError.self) { try await store.agents().querySessions() }
        #expect(error?.message == "archive answered query_sessions with 1 parts, expected 2")
        let counts = [
            row(#"{"key":"a","count":1,"changed":1}"#), row(#"{"key":"b","count":2,"changed":1}"#),
        ]
        store = HistoryStore(backend: answering([info("a"), info("b")], counts))
        error = await #expect(throws: HoldfastError.self) {
            try await store.agents().querySessions(AgentSessionFilter(sortBy: .messageCount))
        }
        #expect(error?.message == "archive answered query_sessions with sessions out of order")
        store = HistoryStore(backend: answering([info("a")], [counts[0], counts[0]]))
        error = await #expect(throws: HoldfastError.self) { try await store.agents().querySessions() }
        #expect(error?.message.hasSuffix("or two of one key") == true)
        let block = Record(
            namespace: "thread-blocks", key: "c/1", id: Version(high: 1, low: 1),
            version: Version(high: 1, low: 1), value: "{}")
        store = HistoryStore(backend: answering([], [block]))
        error = await #expect(throws: HoldfastError.self) { try await store.threads().toolCalls("call") }
        #expect(
            error?.message
                == "archive answered find_tool_calls with a block of a message that does not have the call")
        store = HistoryStore(backend: answering([], [], []))
        error = await #expect(throws: HoldfastError.self) { try await store.runs().stats() }
        #expect(error == HoldfastError(.corrupt, "archive answered run_stats with no count"))
    }

    @Test(
        "an operation of several steps that takes too long is begun again the host's way, another one fails")
    func timeouts() async throws {
        try await DomainStore.with(.memory) { store in
            try await OperationQuestions.fill(store)
            let late = HistoryStore(
                backend: OperationBackend(
                    backend: store.backend, operations: Self.all,
                    answer: { (_, _) async throws(HoldfastError) in throw HoldfastError(.timeout, "late") }))
            #expect(try await late.agents().aggregateStats(of: "one").totalToolCalls == 3)
            #expect(try await late.lists("chats").summaries().isEmpty == false)
            let error = await #expect(throws: HoldfastError.self) {
                try await late.chats().messages(ofSession: "s", of: "ann")
            }
            #expect(error?.code == .timeout)
        }
    }
}
