import Glibc
import HoldfastTestSupport
import Testing

/// Which plugin plays which role.
struct Combination: CustomTestStringConvertible, Sendable {
    let primary: String
    let backup: String
    let log: String

    static let stores = ["memory", "sqlite", "six-primitives-only"]
    static let logs = ["memory", "sqlite", "file-log", "six-primitives-only"]

    /// Every combination there is.
    static let all = stores.flatMap { primary in
        stores.flatMap { backup in logs.map { Combination(primary: primary, backup: backup, log: $0) } }
    }

    /// A Redis, and a PostgreSQL, in every role; those that are not installed are left out.
    static let servers: [Combination] = {
        let all = [
            Combination(primary: "redis", backup: "sqlite", log: "redis"),
            Combination(primary: "redis", backup: "six-primitives-only", log: "memory"),
            Combination(primary: "memory", backup: "redis", log: "redis"),
            Combination(primary: "redis", backup: "postgresql", log: "file-log"),
            Combination(primary: "postgresql", backup: "redis", log: "postgresql"),
            Combination(primary: "postgresql", backup: "sqlite", log: "redis"),
            Combination(primary: "sqlite", backup: "postgresql", log: "file-log"),
            Combination(primary: "six-primitives-only", backup: "memory", log: "postgresql"),
        ]
        return all.filter { $0.isPossible }
    }()

    /// Whether the servers that it needs can be started here.
    var isPossible: Bool {
        let absent = Set([
            RedisServer.isThere ? "" : "redis", PostgresServer.isThere ? "" : "postgresql",
        ])
        return absent.isDisjoint(with: [primary, backup, log])
    }

    var testDescription: String { "\(primary) + \(backup) + log \(log)" }

    /// Whether the log outlives the process that wrote it.
    var isLogDurable: Bool { log != "memory" }

    /// The storage.yaml, with everything below a directory.
    func yaml(in directory: TemporaryDirectory, plugins: String) throws -> String {
        """
        plugins:
          path: [\(PluginCompiler.productDirectory), \(plugins)]
        storage:
          type: chain
          primary: \(try member(primary, "primary", directory))
          backups:
            - \(try member(backup, "backup", directory))
          log: \(try member(log, "log", directory))
        """
    }

    /// The storage.yaml of one store by itself; nothing for one that ends with the process that holds it.
    func alone(_ role: String, in directory: TemporaryDirectory, plugins: String) throws -> String? {
        let type = role == "primary" ? primary : backup
        guard type != "memory" else { return nil }
        return """
            plugins:
              path: [\(PluginCompiler.productDirectory), \(plugins)]
            storage: \(try member(type, role, directory))
            """
    }

    private func member(_ type: String, _ name: String, _ directory: TemporaryDirectory) throws -> String {
        let path = directory.file(name)
        return switch type {
        case "memory": "{ type: memory, space: \"\(path)\" }"
        case "file-log": "{ type: file-log, path: \(path), segment_size: 1MiB }"
        case "postgresql":
            "{ type: postgresql, \(try PostgresServer.shared.get().options), "
                + "table_prefix: \"\(prefix(name, directory))\" }"
        case "redis":
            // A backup on the server of the primary protects nothing, and is refused.
            "{ type: redis, url: \"\(try server(of: name).url)\", key_prefix: \"\(prefix(name, directory))\" }"
        default: "{ type: \(type), path: \(path).db }"
        }
    }

    /// A log needs a server that syncs before it answers.
    private func server(of name: String) throws -> RedisServer {
        try (name == "log" ? RedisServer.sharedDurable : RedisServer.shared).get()
    }

    private func prefix(_ name: String, _ directory: TemporaryDirectory) -> String {
        "\(directory.path.split(separator: "/").last ?? ""):\(name):"
    }

    /// Makes an end of what the primary holds; it must be closed.
    func losePrimary(in directory: TemporaryDirectory) throws {
        for suffix in ["", "-wal", "-shm"] { unlink(directory.file("primary.db\(suffix)")) }
        let prefix = prefix("primary", directory)
        switch primary {
        case "redis":
            let script = """
                for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do redis.call('DEL', key) end
                """
            try RedisServer.shared.get().run("EVAL", script, "0", prefix)
        case "postgresql":
            let tables = ["meta", "records", "heads"].map { "\"\(prefix)\($0)\"" }
            try PostgresServer.shared.get().run("DROP TABLE \(tables.joined(separator: ", ")) CASCADE")
        default: return
        }
    }
}
