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

    var testDescription: String { "\(primary) + \(backup) + log \(log)" }

    /// Whether the log outlives the process that wrote it.
    var isLogDurable: Bool { log != "memory" }

    /// The storage.yaml, with everything below a directory.
    func yaml(in directory: TemporaryDirectory, plugins: String) -> String {
        """
        plugins:
          path: [\(PluginCompiler.productDirectory), \(plugins)]
        storage:
          type: chain
          primary: \(member(primary, "primary", directory))
          backups:
            - \(member(backup, "backup", directory))
          log: \(member(log, "log", directory))
        """
    }

    private func member(_ type: String, _ name: String, _ directory: TemporaryDirectory) -> String {
        let path = directory.file(name)
        return switch type {
        case "memory": "{ type: memory, space: \"\(path)\" }"
        case "file-log": "{ type: file-log, path: \(path), segment_size: 1MiB }"
        default: "{ type: \(type), path: \(path).db }"
        }
    }
}
