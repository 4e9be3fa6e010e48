import Holdfast
import HoldfastTestSupport
import Testing

/// What a system promises, method by method and failure by failure, each with the case that shows it.
struct SeedTable: Sendable {
    /// A method of the system, or a failure of its own that must not happen here, and what shows it.
    struct Row: Sendable {
        let name: String
        let body: @Sendable (HistoryStore) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (HistoryStore) async throws -> Void) {
            self.name = name
            self.body = body
        }
    }

    let system: String
    /// Every name there is, in the order of the system's own description.
    let names: [String]
    let rows: [Row]

    /// Shows every row on a backend, each in a store of its own.
    func show(on backend: DomainBackend, _ what: String) async throws {
        #expect(rows.map(\.name) == names, "each of the \(what) has its row")
        for row in rows {
            do {
                try await DomainStore.with(backend) { store in try await row.body(store) }
            } catch {
                Issue.record("\(row.name): \(error)")
            }
        }
        print("\(system) on \(backend): \(rows.count) of \(names.count) \(what)")
    }

    /// Shows every row on a chain of primary, backup and log, each on one of its own.
    func showOnChain(_ what: String) async throws {
        for row in rows {
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
            do {
                try await row.body(store)
            } catch {
                Issue.record("\(row.name): \(error)")
            }
            await store.close()
        }
        print("\(system) on a chain: \(rows.count) of \(names.count) \(what)")
    }
}
