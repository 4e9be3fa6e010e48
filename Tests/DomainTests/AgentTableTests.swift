import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite("Everything an agent keeps") struct AgentTableTests {
    /// The methods of `Store`, `QueryableStore` and `ExtendedStore` of Kode.
    private static let methods =
        "saveMessages loadMessages saveToolCallRecords loadToolCallRecords saveTodos loadTodos appendEvent readEvents "
        + "saveHistoryWindow loadHistoryWindows saveCompressionRecord loadCompressionRecords saveRecoveredFile "
        + "loadRecoveredFiles saveMediaCache loadMediaCache saveSnapshot loadSnapshot listSnapshots saveInfo loadInfo "
        + "exists delete list querySessions queryMessages queryToolCalls aggregateStats healthCheck checkConsistency "
        + "getMetrics acquireAgentLock batchFork close"

    @Test("every method does what its documentation says", arguments: DomainBackend.there)
    func methods(backend: DomainBackend) async throws {
        let cases =
            AgentStoreCases.all + AgentQueryCases.all + AgentExtendedCases.all + [AgentExtendedCases.closing]
        try await DomainStore.with(backend) { store in
            for row in cases {
                do {
                    try await row.run(store)
                } catch {
                    Issue.record("\(row.name) on \(backend): \(error)")
                }
            }
        }
        #expect(cases.map(\.name).sorted() == Self.methods.split(separator: " ").map(String.init).sorted())
        print("agents on \(backend): \(cases.count) of 34 methods")
    }

    @Test("no failure of the systems before happens here", arguments: DomainBackend.there)
    func failures(backend: DomainBackend) async throws {
        let cases = AgentFailureCases.all
        try await DomainStore.with(backend) { store in
            for row in cases {
                do {
                    try await row.run(store)
                } catch {
                    Issue.record("\(row.name) on \(backend): \(error)")
                }
            }
        }
        #expect(cases.map(\.name) == (1...22).map { "K\($0)" })
        print("agents on \(backend): \(cases.count + 1) of 23 failures do not happen")
    }

    @Test("on a chain of primary, backup and log it is the same")
    func chain() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let text = """
            plugins: { path: [\(PluginCompiler.productDirectory)] }
            storage:
              type: chain
              timeout: 60s
              primary: \(try DomainBackend.sqlite.member("primary", in: directory))
              backups: [\(try DomainBackend.memory.member("backup", in: directory))]
              log: { type: file-log, path: \(directory.file("log")), segment_size: 1MiB }
            """
        let file = try directory.write(Array(text.utf8), to: "storage.yaml")
        let store = try await HistoryStore.open(configuration: file)
        for row in AgentStoreCases.all + AgentQueryCases.all {
            do {
                try await row.run(store)
            } catch {
                Issue.record("\(row.name) on a chain: \(error)")
            }
        }
        await store.close()
    }
}
