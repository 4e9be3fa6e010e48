public import HoldfastModel
public import HoldfastSupport

/// A backend type of a plugin with its settings: the `Provider` that chains are made of.
public final class PluginProvider: Provider {
    /// The name in storage.yaml.
    public let name: String
    /// The `type:` in storage.yaml.
    public let type: String
    private let backend: PluginBackend
    private let session = Guarded<WeakSession>(WeakSession())

    private struct WeakSession: Sendable { weak var session: StoreSession? }

    /// Makes a provider; opens nothing.
    ///
    /// - Parameters:
    ///   - library: the plugin.
    ///   - type: one of its types.
    ///   - settings: the backend in storage.yaml.
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

    /// Opens the backend in the store role.
    ///
    /// - Parameter context: its deadline counts if it is earlier than `connect_timeout`.
    /// - Returns: a connection.
    /// - Throws: `unavailable` or `timeout` when it cannot be reached now; else trying again is of no use.
    public func connect(_ context: CallContext) async throws(HoldfastError) -> any Store {
        let handle = try await backend.open(role: StoreHandle.storeRole, context)
        let session: StoreSession
        do throws(HoldfastError) {
            session = try StoreSession(handle, backend.opening, backend.settings.pool, backend.environment)
        } catch {
            handle.close()
            throw error
        }
        self.session.withLock { $0.session = session }
        return PluginStore(session)
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
