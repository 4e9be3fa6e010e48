import Holdfast
import HoldfastSupport
import HoldfastTestSupport
import Testing

/// A chain under trial, and each provider of it by itself.
struct ServerChain: Sendable {
    let home: ChainHome
    private let stores: [String]

    /// Writes the storage.yaml of a chain.
    ///
    /// - Parameters:
    ///   - primary: as in storage.yaml, between braces.
    ///   - backup: likewise.
    ///   - log: likewise.
    ///   - policy: what a write meets while the primary is away.
    /// - Throws: when it cannot be written.
    init(
        primary: String, backup: String, log: String = Self.fileLog, policy: String
    ) throws {
        stores = [primary, backup]
        home = try ChainHome(
            """
            storage:
              type: chain
              primary: \(primary)
              backups: [\(backup)]
              log: \(log)
              on_primary_failure: \(policy)
              timeout: 2s
              breaker: { failures: 3, retry_after: 50ms, retry_max: 500ms }
            """, variables: FailingServer.variables)
    }

    static let fileLog = "{ type: file-log, path: ./log, segment_size: 4MiB }"
    static let sqlitePrimary = "{ type: sqlite, path: ./primary.db }"
    static let sqliteBackup = "{ type: sqlite, path: ./backup.db }"

    /// Lets the backup catch up, closes, and holds each provider by itself against what writers and readers know.
    func finish(_ work: Workload, _ store: HistoryStore, _ title: String) async throws {
        let inChain = try await work.final(store)
        while await store.status().members.contains(where: {
            $0.role != "log" && ($0.state != "up" || $0.lag > 0)
        }) {
            await SystemClock().wait(for: .milliseconds(10))
        }
        try await store.flush(CallOptions(timeout: .seconds(60)))
        await store.close()
        var faults = work.state.withLock { $0.faults } + inChain.faults
        for provider in stores {
            let alone = try await home.alone(provider).open()
            let stored = try await work.final(alone)
            await alone.close()
            faults += stored.faults
            if stored.messages != inChain.messages { faults.append("\(provider) differs from the chain") }
        }
        print("\(title): \(work.summary)")
        if !faults.isEmpty { print(faults.prefix(20).joined(separator: "\n")) }
        #expect(faults.isEmpty, "\(title)")
    }
}
