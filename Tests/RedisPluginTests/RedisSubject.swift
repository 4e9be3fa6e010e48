import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport

/// The plugin under trial, loaded as a host loads it, against a server that the tests have started.
enum RedisSubject {
    private static let host = HostServices(version: "1.0.0-test") { _, _, _ in }

    /// A host whose monotonic clock stands still, so that nothing is ever due, such as a look for what has
    /// expired.
    static let frozenHost = HostServices(version: "1.0.0-test", clock: FrozenClock()) { _, _, _ in }

    // A machine under load takes its time; nothing here is about how long.
    static let patient = PluginSettings.Pool(
        connectTimeout: .seconds(120), abandonGrace: .seconds(60))

    /// A backend with keys of its own on the shared server.
    static func provider(
        prefix: String = freshPrefix(), more: String = "", server: RedisServer? = nil,
        host: HostServices? = nil
    ) throws -> PluginProvider {
        let server = try server ?? RedisServer.shared.get()
        return try provider(
            options: #"{"url": "\#(server.url)", "key_prefix": "\#(prefix)"\#(more)}"#, host: host)
    }

    /// A backend with options as they are.
    static func provider(
        options: String, host: HostServices? = nil, name: String = "trial",
        pool: PluginSettings.Pool = patient
    ) throws -> PluginProvider {
        let library = try PluginLibrary(path: path, host: host ?? Self.host)
        let settings = PluginSettings(name: name, options: Bytes(options), pool: pool)
        return try PluginProvider(library, type: "redis", settings)
    }

    /// A backend in the log role.
    static func logProvider(
        prefix: String = freshPrefix(), more: String = "", server: RedisServer
    ) throws -> PluginLogProvider {
        try logProvider(options: #"{"url": "\#(server.url)", "key_prefix": "\#(prefix)"\#(more)}"#)
    }

    /// A backend in the log role with options as they are.
    static func logProvider(options: String) throws -> PluginLogProvider {
        let library = try PluginLibrary(path: path, host: host)
        return try PluginLogProvider(
            library, type: "redis", PluginSettings(name: "trial", options: Bytes(options), pool: patient))
    }

    /// A prefix that no other test uses.
    static func freshPrefix() -> String {
        "t\(String(UInt64.random(in: 1 << 40 ... .max), radix: 36)):"
    }

    private static var path: String { "\(PluginCompiler.productDirectory)/libholdfast-redis.so" }
}

/// A monotonic clock that stands still.
struct FrozenClock: HostClock {
    var monotonicNanoseconds: Int64 { 1_000_000_000 }
    var unixMilliseconds: Int64 { SystemClock().unixMilliseconds }

    func wait(until deadline: Int64) async {
        let clock = SystemClock()
        await clock.wait(until: clock.monotonicNanoseconds + deadline - monotonicNanoseconds)
    }
}

/// Makes versions for tests, each above all before.
final class TestClock: Sendable {
    private let clock: Guarded<VersionClock>
    private let milliseconds: UInt64

    /// Makes a clock whose milliseconds stand still at a time.
    init(_ milliseconds: UInt64 = 1_900_000_000_000) {
        self.milliseconds = milliseconds
        clock = Guarded(VersionClock(node: UInt64.random(in: 0...Version.nodeMax)))
    }

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
