import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Testing

// The examples of docs/reference/conversations.md, in its order; a test compares the two texts.

private func remember(_ message: Bytes, in store: HistoryStore) async throws(HoldfastError) {
    let policy = AppendPolicy(trimming: Trimming(to: .toolPairSafe(50), .archive))
    let outcome = try await store.conversations().append([message], to: "session-1", policy: policy)
    print(outcome.stored, outcome.trimmedCount)
}

private func say(_ message: Bytes, in store: HistoryStore) async throws(HoldfastError) {
    let policy = AppendPolicy(sameRole: .merge)
    try await store.conversations().append([message], to: "session-1", policy: policy)
}

private func regenerate(_ store: HistoryStore) async throws(HoldfastError) {
    let conversations = store.conversations()
    if let last = try await conversations.pop("session-1") { print("took back", last.json) }
    try await conversations.replaceSuffix(
        [#"{"role":"user","content":"Book a fligth"}"#], of: "session-1",
        with: [#"{"role":"user","content":"Book a flight"}"#], WriteOptions(idempotencyKey: "operation-12"))
}

private func talk(_ store: HistoryStore) async throws(HoldfastError) {
    let chats = store.chats()
    try await chats.append(
        #"{"role":"user","content":"Weather in Paris?"}"#,
        to: Chat(user: "user-1", session: "trip", agent: "weather"))
    let everything = try await chats.messages(ofSession: "trip", of: "user-1", isAttributed: true)
    for message in everything { print(message.chat.agent, message.json) }
}

private func forget(_ user: String, in store: HistoryStore) async throws(HoldfastError) {
    let receipt = try await store.erase(user: user)
    for family in receipt.families { print(family.name, family.erased.itemCount) }
    for backend in receipt.backends { print(backend.name, backend.isErased) }
}

@Suite("docs/reference/conversations.md") struct ConversationsDocumentTests {
    private static let root = PluginCompiler.packageDirectory

    @Test("its examples are those that are compiled here")
    func examples() throws {
        let source = try TextFile.read("\(Self.root)/Tests/DomainTests/ConversationsDocumentTests.swift")
        let parts = try TextFile.read("\(Self.root)/docs/reference/conversations.md").split(
            separator: "```swift\n")
        let examples = parts.dropFirst().compactMap { $0.split(separator: "```").first }
        #expect(examples.count == 5)
        for example in examples { #expect(source.contains("private \(example)"), "\(example)") }
    }

    @Test("its examples do what they say")
    func run() async throws {
        try await DomainStore.with(.memory) { store in
            let conversations = store.conversations()
            try await remember(#"{"role":"user","content":"Book"}"#, in: store)
            try await say(#"{"role":"user","content":"a fligth"}"#, in: store)
            #expect(
                try await conversations.history(of: "session-1").map(\.json) == [
                    #"{"role":"user","content":"Book\n\na fligth"}"#
                ])
            try await conversations.append(
                [#"{"role":"user","content":"Book a fligth"}"#, #"{"role":"assistant","content":"?"}"#],
                to: "session-1")
            try await regenerate(store)
            #expect(
                try await conversations.history(of: "session-1").last?.json
                    == #"{"role":"user","content":"Book a flight"}"#)
            try await talk(store)
            try await forget("user-1", in: store)
            #expect(try await store.chats().users().isEmpty)
        }
    }

    @Test("every bound, every policy, and every route has its row")
    func rows() throws {
        let text = try TextFile.read("\(Self.root)/docs/reference/conversations.md")
        for policy in AppendPolicy.SameRole.allCases { #expect(text.contains("| `\(policy.rawValue)` |")) }
        for bound in ["exact(n)", "evenPairs(n)", "age(duration)", "bytes(n)", "toolPairSafe(n)"] {
            #expect(text.contains("| `\(bound)` |"), "\(bound)")
        }
    }
}
