import Holdfast
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport

/// A chain for the suites of the domain, one of whose backends may be a Redis that the test ends.
///
/// Backups and logs are files; each backend can be opened by itself once the chain is closed.
struct DomainChain: Sendable {
    private let directory: TemporaryDirectory
    private let members: [(name: String, text: String)]
    /// A server of the test's own; nothing where no backend is one.
    let server: RedisServer?

    /// A chain whose primary is a backend under test.
    init(primary: DomainBackend) async throws {
        try await primary.start()
        directory = try TemporaryDirectory()
        server = nil
        members = [
            ("primary", try primary.member("primary", in: directory)),
            ("backup", try DomainBackend.sqlite.member("backup", in: directory)),
        ]
    }

    /// A chain one of whose backends is a Redis of its own: `primary` or `backup`.
    init(failing name: String) async throws {
        directory = try TemporaryDirectory()
        let server = try await onThread { try RedisServer(.always) }
        self.server = server
        let redis = "{ type: redis, url: \"\(server.url)\", pool: { connect_timeout: 60s } }"
        let other = name == "primary" ? "backup" : "primary"
        let members = [(name, redis), (other, try DomainBackend.sqlite.member(other, in: directory))]
        self.members = name == "primary" ? members : members.reversed()
    }

    /// Removes what was stored; the server ends with the last reference to it.
    func end() { directory.remove() }

    /// Opens the chain.
    func open() async throws -> HistoryStore {
        try await open(
            """
            {
              type: chain, primary: \(members[0].text), backups: [\(members[1].text)],
              log: { type: file-log, path: \(directory.file("log")), segment_size: 1MiB },
              timeout: 60s, breaker: { failures: 1, retry_after: 50ms, retry_max: 500ms }
            }
            """)
    }

    /// Opens one backend by itself.
    func alone(_ name: String) async throws -> HistoryStore {
        try await open(members.first { $0.name == name }?.text ?? "")
    }

    private func open(_ storage: String) async throws -> HistoryStore {
        let text = "plugins: { path: [\(PluginCompiler.productDirectory)] }\nstorage: \(storage)\n"
        return try await HistoryStore.open(
            configuration: try directory.write(Array(text.utf8), to: "storage.yaml"))
    }

    /// What one backend has of a session, by itself.
    func words(_ name: String, _ session: String) async throws -> [Bytes] {
        let store = try await alone(name)
        let history = try await store.conversations().history(of: session, limit: 1000)
        await store.close()
        return history.map(\.json)
    }

    /// Ends the server of the primary, and writes elsewhere until the chain has found out.
    static func kill(_ server: RedisServer, of store: HistoryStore) async throws {
        try await onThread { server.kill() }
        let options = WriteOptions(timeout: .seconds(1))
        while await store.status().members.first?.state == "up" {
            _ = try? await store.lists("elsewhere").append(.json("1"), to: "x", options)
        }
    }

    /// Waits until every backend is up and has everything.
    static func settle(_ store: HistoryStore) async throws {
        while await store.status().members.contains(where: {
            $0.role != "log" && ($0.state != "up" || $0.lag > 0)
        }) {
            await SystemClock().wait(for: .milliseconds(10))
        }
        try await store.flush(CallOptions(timeout: .seconds(60)))
    }
}
