import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport

/// A C plugin, compiled for one test, and what it takes to use it.
struct PluginFixture {
    let directory: TemporaryDirectory
    let host: HostServices
    /// The lines that plugins logged.
    let log: Guarded<[String]>

    init(clock: any HostClock = SystemClock()) throws {
        directory = try TemporaryDirectory()
        let log = Guarded<[String]>([])
        self.log = log
        host = HostServices(version: "1.0.0-test", clock: clock) { level, source, message in
            log.withLock { $0.append("\(level) \(source): \(message)") }
        }
    }

    /// Compiles and loads a plugin.
    func library(_ source: String, type: String, defines: [String] = []) throws -> PluginLibrary {
        try PluginLibrary(
            path: PluginCompiler(into: directory).compile(source, as: type, defines: defines), host: host)
    }

    /// The plugin that has nothing but the six primitives.
    func sixPrimitives(
        name: String = "store", options: Bytes = "{}", pool: PluginSettings.Pool = PluginSettings.Pool()
    ) throws -> PluginProvider {
        let type = "six-primitives-only"
        let library = try library("six-primitives", type: type)
        return try PluginProvider(
            library, type: type, PluginSettings(name: name, options: options, pool: pool))
    }
}

/// Shorthands for what tests store.
extension Version {
    /// A small version whose order is that of its number.
    static func number(_ number: UInt64) -> Version { Version(milliseconds: number, counter: 0, node: 1) }
}

extension Change {
    /// A new list item.
    static func item(
        _ number: UInt64, _ value: Bytes, key: Bytes = "k", if condition: Condition = .none
    ) -> Change {
        let version = Version.number(number)
        return Change(
            .put, Record(namespace: "n", key: key, id: version, version: version, value: value),
            if: condition, isItem: true)
    }

    /// A document.
    static func document(
        _ number: UInt64, _ value: Bytes, key: Bytes = "k", if condition: Condition = .none
    ) -> Change {
        Change(.put, Record(namespace: "n", key: key, version: .number(number), value: value), if: condition)
    }

    /// A drop of everything up to a version.
    static func drop(_ number: UInt64, key: Bytes = "k", if condition: Condition = .none) -> Change {
        Change(.drop, Record(namespace: "n", key: key, version: .number(number)), if: condition)
    }
}

/// Where tests store.
let testAddress = Address(namespace: "n", key: "k")

extension Store {
    /// The list at the test's address.
    func list(_ range: ReadRequest.Range = .init(), key: Bytes = "k") async throws -> [Record] {
        try await read([ReadRequest(Address(namespace: "n", key: key), range: range)], .unbounded)[0]
    }

    /// The document at the test's address.
    func document(key: Bytes = "k") async throws -> Record? {
        try await read([ReadRequest(Address(namespace: "n", key: key))], .unbounded)[0].first
    }
}
