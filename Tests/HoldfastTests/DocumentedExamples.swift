import Holdfast
import HoldfastTestSupport
import Testing

// The examples of documents that have no test of their own, as they stand there; a test compares the texts. They are
// compiled, and the document next to each says what they do; what they are made of is tested elsewhere.

private func readme() async throws {
    let store = try await HistoryStore.open(configuration: "storage.yaml")
    try await store.conversations().append(#"{"role": "user", "content": "hello"}"#, to: "session-1")
    let history = try await store.conversations().history(of: "session-1", limit: 50)
    await store.close()
    print(history)
}

private func withLock(_ store: HistoryStore) async throws {
    try await store.withLock("compaction") { lock in
        try await store.documents("state").put(.json("1"), at: "run", WriteOptions(fence: lock.fence))
    }
}

private func lock(_ store: HistoryStore) async throws {
    let lock = try await store.lock("compaction", lease: .seconds(30), wait: .seconds(10), owner: "worker-7")
    print(lock.fence.number)  // for systems outside
    if lock.isTakenOver { print("the holder before did not release: look for what it left half done") }
    guard lock.isHeld(for: .seconds(2)) else { return }
    try await lock.renew()  // the whole lease again
    try await lock.unlock()  // else the lease runs out by itself
}

private func fencedBatch(_ store: HistoryStore, _ lock: LeaseLock) async throws {
    var batch = Batch()
    batch.check(lock.fence)
    batch.append(.json(#"{"state":"done"}"#), to: "job-7", in: "events")
    batch.put(.json(#"{"cursor":7}"#), at: "worker", in: "jobs")
    try await store.write(batch)
}

private func followList(_ store: HistoryStore, after bookmark: Version) async throws {
    for try await item in store.lists("events").follow("run-1", after: bookmark) {
        print(item.id, item.bytes)
    }
}

private func followConversation(_ store: HistoryStore) async throws {
    for try await message in store.conversations().follow("talk") { print(message.id, message.json) }
}

private func threads(_ store: HistoryStore) async throws {
    let threads = store.threads()
    let conversation = try await threads.conversation(
        agent: "helper", channel: "C1", thread: "1700.1", channelName: "general")
    let message = try await threads.createMessage(
        in: conversation.id, by: ThreadUser(id: "U1", name: "Ann", handle: "ann"),
        blocks: [
            .text("What does clause 9 say?", isUser: true),
            .toolCall(id: "toolu_01", name: "search", input: #"{"q":"clause 9"}"#, output: #""30 days""#),
            .text("It allows termination with 30 days' notice."),
            .usage(
                TokenUsage(
                    model: "m", inputTokens: 1800, outputTokens: 40,
                    estimatedCost: Filter.Scalar(json: "0.0213"))),
        ])
    let prompt = try await threads.prompt(of: conversation.id)
    print(message, prompt)
}

private func search(_ store: HistoryStore) async throws {
    var scope = SearchScope.session("demo")
    scope.since = Timestamp("2026-05-01")
    let page = try await store.search().messages(#"deploy "web server" fail* -draft"#, in: scope, limit: 20)
    for hit in page.hits { print(hit.item.key, hit.snippets.first?.marked("[", "]") ?? "") }
}

private func runs(_ store: HistoryStore) async throws {
    let runs = store.runs(lifetime: .seconds(86_400))
    try await runs.save(#"{"run_id":"r1","agent_name":"summarizer","session_id":"s1","status":"created"}"#)
    try await runs.add(#"{"type":"run.created","run_id":"r1"}"#, to: "r1")
    try await runs.append(#"{"role":"user","parts":[]}"#, to: "s1")
    let page = try await runs.list(RunFilter(agent: "summarizer", session: "s1"), limit: 10)
    let later = try await runs.events(of: "r1", after: page.runs.first.map(\.version))
    print(later)
}

private func queries(_ store: HistoryStore) async throws {
    let failed = Selection(
        where: Operand.member("state").equals("FAILED")
            && Operand.member("startedAt").isAtLeast(1_700_000_000_000),
        order: [.descending(.member("startedAt"))])
    let page = try await store.documents("tool-calls").select(failed, limit: 20)
    let rest = try await store.documents("tool-calls").select(failed, limit: 20, after: page.next)
    let byName = try await store.documents("tool-calls").groups(
        by: [.member("name")], [.average(of: .member("durationMs"))])
    print(rest, byName)
}

private func agents(_ store: HistoryStore, _ messages: [Bytes], _ record: Bytes, _ event: Bytes) async throws
{
    let agents = store.agents()
    try await agents.saveInfo(
        #"{"agentId":"agt-1","templateId":"code","createdAt":"2026-01-02T03:04:05.678Z"}"#, of: "agt-1")
    try await agents.saveMessages(messages, of: "agt-1")  // all of them: the new ones are appended
    try await agents.saveToolCallRecord(record, of: "agt-1")
    try await agents.appendEvent(event, to: "agt-1")
    for try await event in agents.readEvents(of: "agt-1", since: 118) { print(event) }
    let failed = try await agents.queryToolCalls(
        AgentToolCallFilter(toolName: "bash_run", isError: true), limit: 20)
    print(failed)
}

@Suite("Examples of documents") struct DocumentedExamples {
    /// Documents whose examples have a test of their own, or none that could have one.
    private static let elsewhere = [
        "docs/how-to/embed-in-swift.md": "EmbeddingTests",
        "docs/reference/conversations.md": "ConversationsDocumentTests",
        "docs/how-to/write-a-plugin.md":
            "shortened; the plugins of the repository, and PluginStoreTests, are the whole of it",
    ]

    @Test("every example in Swift is compiled, blanks apart as it stands")
    func compiled() throws {
        let root = PluginCompiler.packageDirectory
        let scratch = try TemporaryDirectory()
        defer { scratch.remove() }
        let find = ["grep", "-rl", "--include=*.md", "^```swift", "\(root)/README.md", "\(root)/docs"]
        let documents = try CommandRun(find, scratch: scratch).output.split(separator: "\n").map {
            String($0.dropFirst(root.count + 1))
        }
        #expect(documents.count > 10)
        let source = Self.written(try TextFile.read("\(root)/Tests/HoldfastTests/DocumentedExamples.swift"))
        for document in documents where Self.elsewhere[document] == nil {
            let parts = try TextFile.read("\(root)/\(document)").split(separator: "```swift\n").dropFirst()
            for part in parts {
                let example = part.prefix(upTo: part.firstRange(of: "\n```")?.lowerBound ?? part.endIndex)
                let isThere = source.contains(Self.written(String(example)))
                #expect(isThere, "\(document): \(example)")
            }
        }
    }

    /// The text without blanks and line ends: the formatter breaks lines where it likes.
    private static func written(_ text: String) -> String { text.filter { !$0.isWhitespace } }
}
