import Holdfast
import HoldfastConfiguration
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

// The examples of docs/how-to/embed-in-swift.md, in its order; a test compares the two texts.

private func main(configuration: String) async throws(HoldfastError) {
    let store = try await HistoryStore.open(configuration: configuration)
    do throws(HoldfastError) {
        try await converse(store)
    } catch {
        await store.close()
        throw error
    }
    await store.close()
}

private func converse(_ store: HistoryStore) async throws(HoldfastError) {
    let conversations = store.conversations()
    let receipt = try await conversations.append(
        #"{"role":"user","content":"Book me a flight"}"#, to: "session-1",
        WriteOptions(idempotencyKey: "request-81"))
    guard receipt.degradations.isEmpty else {
        print("stored at level \(receipt.level), without \(receipt.degradations)")
        return
    }
    for message in try await conversations.history(of: "session-1", limit: 50) {
        print(message.time, message.json)
    }
}

private func send(_ message: Bytes, to session: String, in store: HistoryStore) async throws(HoldfastError) {
    // The same key for every attempt: a message whose answer was lost is not stored twice.
    let options = WriteOptions(idempotencyKey: "message-7", timeout: .seconds(5))
    var attemptsLeft = 5
    while true {
        do throws(HoldfastError) {
            try await store.conversations().append(message, to: session, options)
            return
        } catch {
            attemptsLeft -= 1
            guard error.flags.contains(.retryable), attemptsLeft > 0 else { throw error }
            await SystemClock().wait(for: error.retryAfter ?? .milliseconds(100))
        }
    }
}

private func finish(_ job: String, in store: HistoryStore) async throws(HoldfastError) {
    let state = try await store.documents("jobs").get(job)
    var batch = Batch()
    batch.put(.json(#"{"state":"done"}"#), at: job, in: "jobs", if: .version(state.version))
    batch.append(.json(#"{"event":"done"}"#), to: job, in: "events")
    try await store.write(batch)
}

private func check(_ path: String) async throws(ConfigurationErrors) -> String {
    let plan = try StoragePlan(try StorageConfiguration.load(path: path))
    try await plan.validateOptions()
    return plan.effective.text
}

private func open(_ path: String, lines: Guarded<[String]>) async throws(HoldfastError) -> HistoryStore {
    var environment = StoreEnvironment()
    environment.log = { level, source, message in
        guard level >= .warning else { return }
        lines.withLock { $0.append("\(source): \(message)") }
    }
    return try await HistoryStore.open(configuration: path, environment: environment)
}

@Suite("Embedding") struct EmbeddingTests {
    private static let chain = """
        plugins: { path: ["PLUGINS"] }
        storage:
          type: chain
          primary: { type: memory, name: front, space: "SPACE-front" }
          backups: [{ type: memory, name: back, space: "SPACE-back" }]
          log: { type: memory, space: "SPACE-log" }
        """
    private static let single = """
        plugins: { path: ["PLUGINS"] }
        storage: { type: memory, space: "SPACE" }
        """
    private static let nested = """
        plugins: { path: ["PLUGINS"] }
        storage:
          type: chain
          primary:
            type: chain
            name: inner
            primary: { type: memory, name: front, space: "SPACE-inner-front" }
            log: { type: memory, name: inner-log, space: "SPACE-inner-log" }
          backups: [{ type: memory, name: back, space: "SPACE-outer-back" }]
          log: { type: memory, name: outer-log, space: "SPACE-outer-log" }
        """

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func configuration(_ text: String) throws -> String {
        let filled = text.split(separator: "PLUGINS", omittingEmptySubsequences: false)
            .joined(separator: ProcessFacts.executableDirectory)
            .split(separator: "SPACE", omittingEmptySubsequences: false).joined(separator: directory.path)
        return try directory.write(Array(filled.utf8), to: "storage.yaml")
    }

    @Test("the examples of docs/how-to/embed-in-swift.md are those that are compiled here")
    func document() throws {
        let root = PluginCompiler.packageDirectory
        let document = try TextFile.read("\(root)/docs/how-to/embed-in-swift.md")
        let source = try TextFile.read("\(root)/Tests/HoldfastTests/EmbeddingTests.swift")
        let examples = document.components(between: "```swift\n", and: "```\n")
        #expect(examples.count == 6)
        for example in examples { #expect(source.contains("private \(example)"), "\(example)") }
    }

    @Test("a storage.yaml with one backend, a chain or nested chains is opened and keeps a conversation")
    func opens() async throws {
        for text in [Self.single, Self.chain, Self.nested] {
            try await main(configuration: try configuration(text))
        }
    }

    @Test("state and history change together, and a late writer changes nothing")
    func finishes() async throws {
        let store = try await HistoryStore.open(configuration: try configuration(Self.chain))
        try await store.documents("jobs").put(.json(#"{"state":"new"}"#), at: "job-1")
        try await finish("job-1", in: store)
        try await send("1", to: "s", in: store)
        try await send("1", to: "s", in: store)
        #expect(try await store.documents("jobs").get("job-1").bytes == #"{"state":"done"}"#)
        #expect(try await store.lists("events").page(of: "job-1").count == 1)
        #expect(try await store.conversations().history(of: "s").count == 1)
        let missing = await #expect(throws: HoldfastError.self) { try await finish("job-2", in: store) }
        #expect(missing?.code == .notFound)
        await store.close()
    }

    @Test("a configuration is checked without being opened, and every value has its origin")
    func checks() async throws {
        let text = try await check(try configuration(Self.chain))
        #expect(text.contains("storage.primary.type"))
        #expect(text.contains("\(directory.path)-front"))
    }

    @Test("a wrong option and a missing plugin are reported at their places in the file")
    func wrongConfiguration() async throws {
        let missing = try configuration("storage: { type: nobody }")
        let error = await #expect(throws: HoldfastError.self) {
            try await HistoryStore.open(configuration: missing)
        }
        #expect(error?.code == .invalid)
        #expect(error?.location?.line == 1)
        #expect(error?.message.contains("libholdfast-nobody.so") == true)
        let option = try configuration("storage: { type: memory, spaec: x }")
        let errors = await #expect(throws: ConfigurationErrors.self) { try await check(option) }
        #expect(errors?.errors.first?.message.contains("spaec") == true)
        let absent = await #expect(throws: HoldfastError.self) {
            try await HistoryStore.open(configuration: "\(directory.path)/nothing.yaml")
        }
        #expect(absent?.code == .notFound)
    }

    @Test("what an operator should know reaches the log of the environment")
    func log() async throws {
        let lines = Guarded<[String]>([])
        let store = try await open(try configuration(Self.chain), lines: lines)
        #expect(await store.status().isWritable)
        await store.close()
        let error = await #expect(throws: HoldfastError.self) {
            try await store.conversations().append("1", to: "s")
        }
        #expect(error?.code == .unavailable)
    }

    @Test("what storage.yaml says of a chain holds for the chain that is opened")
    func rules() async throws {
        for (key, isShared, level) in [("ack: log", false, AckLevel.log), ("hosts: many", true, .primary)] {
            let text = Self.chain.replacing("type: chain", with: "type: chain\n  \(key)")
                .replacing("SPACE", with: "SPACE-\(isShared)")
            let store = try await HistoryStore.open(configuration: try configuration(text))
            #expect(await store.guarantees.isShared == isShared)
            #expect(try await store.conversations().append("1", to: "s").level == level)
            await store.close()
        }
    }

    @Test("the logs of all chains are there for tools")
    func logs() throws {
        let plan = try StoragePlan(try StorageConfiguration.load(path: try configuration(Self.nested)))
        #expect(try plan.logs().map(\.chain.name) == ["storage", "inner"])
        #expect(try plan.logs().map(\.log.name) == ["outer-log", "inner-log"])
    }
}

extension String {
    /// What stands between each pair of marks.
    fileprivate func components(between start: String, and end: String) -> [String] {
        split(separator: start, omittingEmptySubsequences: false).dropFirst().compactMap { part in
            part.split(separator: end, maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
        }
    }
}
