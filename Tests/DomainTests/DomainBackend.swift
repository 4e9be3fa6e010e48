import HoldfastSupport
import HoldfastTestSupport
import Testing

/// A backend on which the domain must answer as it does on every other.
enum DomainBackend: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case memory
    case sqlite
    case postgresql
    case redis

    /// Those whose server is installed here; the others are skipped, and why is printed.
    static let there = allCases.filter { backend in
        switch backend {
        case .memory, .sqlite: true
        case .postgresql: PostgresServer.isThere
        case .redis: RedisServer.isThere
        }
    }

    var testDescription: String { rawValue }

    /// Waits until the server that all tests of the process share is there, without holding a thread of the pool.
    func start() async throws {
        switch self {
        case .memory, .sqlite: return
        case .postgresql: try await onThread { _ = try PostgresServer.shared.get() }
        case .redis: try await onThread { _ = try RedisServer.shared.get() }
        }
    }

    /// The storage.yaml of a store of its own, on the server that all tests of the process share.
    func yaml(in directory: TemporaryDirectory, name: String = "store") throws -> String {
        """
        plugins:
          path: [\(PluginCompiler.productDirectory)]
        storage: \(try member(name, in: directory))
        """
    }

    /// One backend of a storage.yaml, as a mapping on one line.
    func member(_ name: String, in directory: TemporaryDirectory) throws -> String {
        let prefix = "\(directory.path.split(separator: "-").last ?? ""):\(name):"
        return switch self {
        case .memory: "{ type: memory, space: \"\(directory.file(name))\" }"
        case .sqlite: "{ type: sqlite, path: \(directory.file(name)).db, synchronous: off }"
        case .postgresql:
            "{ type: postgresql, \(try PostgresServer.shared.get().options), table_prefix: \"\(prefix)\" }"
        case .redis:
            "{ type: redis, url: \"\(try RedisServer.shared.get().url)\", key_prefix: \"\(prefix)\" }"
        }
    }
}

/// Runs what blocks a thread on a thread of its own.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let isStarted = ThreadSpawner.system.spawn("test") {
            continuation.resume(with: Swift.Result { try body() })
        }
        if !isStarted { continuation.resume(throwing: TestSupportError("there is no thread")) }
    }
}
