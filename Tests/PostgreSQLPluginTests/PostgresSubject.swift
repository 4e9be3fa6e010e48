import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport

/// The plugin under trial, loaded as a host loads it, against a server that the tests have started.
enum PostgresSubject {
    private static let host = HostServices(version: "1.0.0-test") { _, _, _ in }

    // A machine under load takes its time; nothing here is about how long.
    static let patient = PluginSettings.Pool(
        connectTimeout: .seconds(120), abandonGrace: .seconds(60))

    /// A backend with tables of its own on the shared server.
    static func provider(
        prefix: String = freshPrefix(), more: String = "", indexes: Bytes = "{}",
        server: PostgresServer? = nil, pool: PluginSettings.Pool = patient
    ) throws -> PluginProvider {
        let server = try server ?? PostgresServer.shared.get()
        return try provider(
            options: "{\(server.options), \"table_prefix\": \"\(prefix)\"\(more)}", indexes: indexes,
            pool: pool)
    }

    /// A backend with options as they are.
    static func provider(
        options: String, indexes: Bytes = "{}", pool: PluginSettings.Pool = patient
    ) throws -> PluginProvider {
        let library = try PluginLibrary(path: path, host: host)
        let settings = PluginSettings(
            name: "trial", options: Bytes(options), indexes: indexes, pool: pool)
        return try PluginProvider(library, type: "postgresql", settings)
    }

    /// A backend in the log role.
    static func logProvider(
        prefix: String = freshPrefix(), more: String = "", server: PostgresServer? = nil
    ) throws -> PluginLogProvider {
        let server = try server ?? PostgresServer.shared.get()
        let library = try PluginLibrary(path: path, host: host)
        let options = "{\(server.options), \"table_prefix\": \"\(prefix)\"\(more)}"
        return try PluginLogProvider(
            library, type: "postgresql", PluginSettings(name: "trial", options: Bytes(options), pool: patient)
        )
    }

    /// A prefix that no other test uses.
    static func freshPrefix() -> String {
        "t\(String(UInt64.random(in: 1 << 40 ... .max), radix: 36))_"
    }

    private static var path: String { "\(PluginCompiler.productDirectory)/libholdfast-postgresql.so" }
}

/// Makes versions for tests, each above all before.
final class TestClock: Sendable {
    private let clock: Guarded<VersionClock>

    /// Makes a clock whose milliseconds stand still at a time.
    init(_ milliseconds: UInt64 = 1_900_000_000_000) {
        self.milliseconds = milliseconds
        clock = Guarded(VersionClock(node: UInt64.random(in: 0...Version.nodeMax)))
    }

    private let milliseconds: UInt64

    /// The next version.
    func next() -> Version { clock.withLock { $0.next(at: milliseconds) } }

    /// A version above another.
    func next(above version: Version) -> Version {
        clock.withLock {
            $0.observe(version)
            return $0.next(at: milliseconds)
        }
    }
}
