import Holdfast
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
}
