import Holdfast
import HoldfastChain
import HoldfastModel

/// Things of users in every family of the domain, and what of them is left in a store.
enum UserThings {
    /// Larger than what is kept apart.
    private static func picture(_ user: String) -> String { String(repeating: "<\(user)>", count: 60_000) }

    /// Leaves things of a user in every family; each value has the name of the user in it.
    static func leave(_ user: String, in store: HistoryStore) async throws {
        let said = Bytes(#"{"role":"user","content":"said by <\#(user)>"}"#)
        let named = Bytes(#"{"metadata":{"user_id":"\#(user)"}}"#)
        let chat = Chat(user: user, session: "s", agent: "a")
        try await store.chats().append(
            [said, said, said], to: chat, policy: AppendPolicy(trimming: Trimming(to: .exact(2), .archive)))
        try await store.chats().append(
            Bytes(#"{"role":"user","content":[{"data":"\#(picture(user))"}]}"#), to: chat)
        try await store.conversations().append([said, said], to: "talk of <\(user)>")
        try await store.documents(Conversations.standardNamespace).put(.json(named), at: "talk of <\(user)>")
        try await store.lists("openai-conversations").append(.json(said), to: "conv_<\(user)>")
        try await store.documents("openai-conversations").put(
            .json(Bytes(#"{"created_at":1,"metadata":{"safety_identifier":"\#(user)"}}"#)),
            at: "conv_<\(user)>")
        try await store.agents().saveInfo(
            Bytes(
                #"{"agentId":"of <\#(user)>","templateId":"t","createdAt":"2026-01-02T03:04:05.678Z","metadata":{"userId":"\#(user)"}}"#
            ), of: "of <\(user)>")
        try await store.agents().appendMessages([said], to: "of <\(user)>")
        try await leaveRuns(of: user, said, in: store)
        try await leaveThreads(of: user, in: store)
    }

    /// A session that names the user with a run that names nobody, one that a run makes the user's, a run without one.
    private static func leaveRuns(of user: String, _ said: Bytes, in store: HistoryStore) async throws {
        let runs = store.runs()
        try await runs.save(
            session: Bytes(#"{"id":"own <\#(user)>","history":[],"state":{"user":"\#(user)"}}"#))
        try await runs.append([said, said], to: "own <\(user)>")
        try await runs.append(said, to: "via <\(user)>")
        let more = [
            ("1", #","session_id":"own <\#(user)>""#),
            ("2", #","session_id":"via <\#(user)>","user_id":"\#(user)""#),
            ("3", #","session_id":"via <\#(user)>""#), ("4", #","metadata":{"userId":"\#(user)"}"#),
        ]
        for (number, members) in more {
            let id = "r\(number) <\(user)>"
            try await runs.save(Bytes(#"{"run_id":"\#(id)","agent_name":"a"\#(members)}"#))
            try await runs.add(Bytes(#"{"type":"e","by":"<\#(user)>"}"#), to: id)
        }
    }

    /// A thread of the user alone, and a message in one that everybody writes to.
    private static func leaveThreads(of user: String, in store: HistoryStore) async throws {
        let threads = store.threads()
        let person = ThreadUser(id: user, name: "Name of <\(user)>", handle: "<\(user)>")
        let own = try await threads.conversation(
            agent: "helper", channel: "D <\(user)>", thread: "1", channelName: "<\(user)>")
        let all = try await threads.conversation(agent: "helper", channel: "general", thread: "1")
        for conversation in [own, own, all] {
            try await threads.createMessage(
                in: conversation.id, by: person,
                blocks: [
                    .text("asked by <\(user)>", isUser: true),
                    .toolCall(
                        id: "call <\(user)>", name: "t", input: "{}", output: Bytes("\"<\(user)>\"")),
                    .usage(TokenUsage(model: "for <\(user)>", inputTokens: 1, outputTokens: 1)),
                ])
        }
    }

    /// Where a user is still named: places of records, of traces of removed ones only where a value is left.
    static func places(of user: String, in store: HistoryStore) async throws -> [String] {
        var query = Query(namespace: .empty, scope: [.documents, .items, .raw], limit: 500)
        var places: [String] = []
        while true {
            let page = try await store.backend.query(query, CallOptions()).records
            for record in page {
                let isNamed = record.value.contains(Bytes(user)) || record.key.contains(Bytes(user))
                let isTrace = !record.flags.isDisjoint(with: [.removed, .floor])
                if isTrace ? !record.value.isEmpty : isNamed {
                    places.append("\(record.namespace) \(record.key)")
                }
            }
            guard page.count == 500, let last = page.last else { return places }
            query.after = Query.Cursor(address: last.address, id: last.id)
        }
    }

    /// Everything that a user has by the store's own account, for a comparison.
    static func account(of user: String, in store: HistoryStore) async throws -> [String] {
        var account: [String] = []
        for namespace in try await store.namespaces(limit: 1000) {
            for document in try await store.documents(namespace).scan(limit: 1000) {
                let isHis = document.bytes.contains(Bytes(user)) || document.key.contains(user)
                if isHis { account.append("\(namespace) \(document.key) \(document.bytes)") }
            }
            for item in try await store.lists(namespace).scan(limit: 1000) {
                let isHis = item.bytes.contains(Bytes(user)) || item.key.contains(user)
                if isHis { account.append("\(namespace) \(item.key) \(item.id) \(item.bytes)") }
            }
        }
        return account
    }
}

/// A backend whose writes something else sees first, and last.
struct InterposedBackend: Backend {
    let backend: any Backend
    var before: @Sendable (WriteRequest) async throws(HoldfastError) -> Void = { _ in }
    var after: @Sendable (WriteRequest) async throws(HoldfastError) -> Void = { _ in }

    var name: String { backend.name }
    var guarantees: Guarantees { get async { await backend.guarantees } }

    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        try await before(request)
        let receipt = try await backend.write(request)
        try await after(request)
        return receipt
    }

    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        try await backend.read(requests, options)
    }

    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await backend.query(query, options)
    }

    func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await backend.select(query, options)
    }

    func flush(_ options: CallOptions) async throws(HoldfastError) { try await backend.flush(options) }
    func status() async -> BackendStatus { await backend.status() }
    func close() async {}
}
