public import HoldfastModel
public import HoldfastSupport

/// A backend type of a plugin in the log role.
///
/// A plugin that has no log of its own is given one that is made of its six primitives.
public final class PluginLogProvider: LogProvider {
    /// The name in storage.yaml.
    public let name: String
    /// The `type:` in storage.yaml.
    public let type: String
    private let backend: PluginBackend
    private let session = Guarded<WeakSession>(WeakSession())

    private struct WeakSession: Sendable { weak var session: LogSession? }

    /// Makes a provider; opens nothing.
    ///
    /// - Parameters:
    ///   - library: the plugin.
    ///   - type: one of its types.
    ///   - settings: the log in storage.yaml.
    ///   - spawner: where its threads come from.
    /// - Throws: `invalid` for a type that the plugin does not have.
    public init(
        _ library: PluginLibrary, type: String, _ settings: PluginSettings, spawner: ThreadSpawner = .system
    ) throws(HoldfastError) {
        backend = try PluginBackend(library, type: type, settings, spawner)
        name = settings.name
        self.type = type
    }

    /// Lets the plugin look at the options, which opens and changes nothing.
    ///
    /// - Parameter context: deadline.
    /// - Throws: what the plugin says of them, usually `invalid`.
    public func validateOptions(_ context: CallContext = .unbounded) async throws(HoldfastError) {
        try await backend.validateOptions(context)
    }

    /// Opens the log; it is this process's alone until it is closed.
    ///
    /// - Parameter context: its deadline counts if it is earlier than `connect_timeout`.
    /// - Returns: the open log.
    /// - Throws: `unavailable` or `timeout` when it cannot be opened now; else trying again is of no use.
    public func open(_ context: CallContext) async throws(HoldfastError) -> any LogStore {
        let log: LogBackend
        do throws(HoldfastError) {
            log = try await backend.openLog(role: StoreHandle.logRole, context)
        } catch {
            // A plugin that only stores does not know the role, and need not.
            guard error.code == .unsupported else { throw error }
            log = try await backend.openLog(role: StoreHandle.storeRole, context)
        }
        let session: LogSession
        do throws(HoldfastError) {
            session = try LogSession(log, backend.opening, backend.settings.pool, backend.environment)
        } catch {
            log.close()
            throw error
        }
        self.session.withLock { $0.session = session }
        return PluginLogStore(session)
    }

    /// What its lanes are doing, by name; see ``ProviderStatistics``.
    public var figures: [String: Double] { statistics.figures }

    /// What its lanes are doing.
    public var statistics: ProviderStatistics {
        var statistics = backend.statistics
        session.withLock { $0.session }?.addStatistics(to: &statistics)
        return statistics
    }
}
