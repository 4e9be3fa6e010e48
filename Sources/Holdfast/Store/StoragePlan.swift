public import HoldfastChain
public import HoldfastConfiguration
public import HoldfastModel
public import HoldfastPlugins
internal import HoldfastSupport

/// A storage.yaml whose plugins are loaded and whose options are checked, and of which nothing is open yet.
///
/// ``HistoryStore/open(configuration:environment:)`` makes one and uses it up. Make one yourself to check a
/// configuration without touching a backend, or to reach its log.
public struct StoragePlan: Sendable {
    /// What was planned.
    public let configuration: StorageConfiguration
    private let environment: StoreEnvironment
    private let parts: [String: Part]
    private let options: [String: CheckedOptions]

    /// One provider, by its path in storage.yaml.
    private struct Part: Sendable {
        let library: PluginLibrary
        let type: String
        let settings: PluginSettings
    }

    /// Loads the plugins and checks their options.
    ///
    /// - Parameters:
    ///   - configuration: a file that was read.
    ///   - environment: the seams.
    /// - Throws: every error of every provider, each at its place in the file.
    public init(
        _ configuration: StorageConfiguration, _ environment: StoreEnvironment = StoreEnvironment()
    ) throws(ConfigurationErrors) {
        self.configuration = configuration
        self.environment = environment
        let libraries = try Self.libraries(of: configuration, environment)
        options = try Self.options(of: configuration, libraries)
        var parts: [String: Part] = [:]
        for provider in configuration.providers {
            guard let library = libraries[provider.path], let checked = options[provider.path] else {
                continue
            }
            parts[provider.path] = Part(
                library: library, type: provider.type, settings: Self.settings(of: provider, checked))
        }
        self.parts = parts
    }

    /// Every value that holds, with its origin, secrets hidden.
    public var effective: EffectiveConfiguration { configuration.effective(options: options) }

    /// The plugin that serves a provider.
    public func plugin(of provider: ProviderConfiguration) -> PluginLibrary? { parts[provider.path]?.library }

    /// Lets every plugin look at its options, which opens and changes nothing.
    ///
    /// - Throws: what the plugins say against them, each at its place in the file.
    public func validateOptions() async throws(ConfigurationErrors) {
        var errors: [HoldfastError] = []
        for provider in configuration.providers where provider.role == .store {
            do throws(HoldfastError) {
                try await store(provider).validateOptions(.unbounded)
            } catch {
                errors.append(error.located(at: provider.origin))
            }
        }
        try errors.throwIfAny()
    }

    /// The log of each chain, by the path of the chain in storage.yaml, for tools that read or repair one.
    ///
    /// A log is one process's alone: opening one that is in use throws.
    public func logs() throws(HoldfastError) -> [(chain: ChainConfiguration, log: any LogProvider)] {
        try configuration.storage.chains.map { chain throws(HoldfastError) in (chain, try log(chain.log)) }
    }

    /// What verifies and repairs the log of each chain; nobody may have the chain open.
    ///
    /// - Returns: the chains in the order of storage.yaml, each with its tools.
    /// - Throws: `internal` for a provider that is not part of the plan.
    public func repairs() throws(HoldfastError) -> [(chain: ChainConfiguration, repair: LogRepair)] {
        try configuration.storage.chains.map { chain throws(HoldfastError) in
            (chain, LogRepair(try settings(of: chain), chainEnvironment(chain.name)))
        }
    }

    /// Opens everything, recovers, and returns when the backend serves as well as it can.
    ///
    /// - Returns: a store, which its owner closes.
    /// - Throws: `unavailable` when nobody can serve; `exhausted`, `corrupt` or `permission` as backends say.
    public func open() async throws(HoldfastError) -> HistoryStore {
        let backend: any Backend
        switch configuration.storage {
        case .provider(let provider):
            backend = try await DirectBackend(store(provider), chainEnvironment(provider.name))
        case .chain(let chain):
            backend = try await Chain.open(try settings(of: chain), chainEnvironment(chain.name))
        }
        let blobs = environment.digest.map {
            BlobSettings(threshold: configuration.blobs.threshold, digest: $0)
        }
        var store = HistoryStore(
            backend: backend, clock: environment.clock, random: environment.random, blobs: blobs)
        store.note(StoreFacts(wordIndexes, configuration.retention, configuration.blobs))
        return store
    }

    /// The namespaces for which an index of words is declared, by the name of the provider.
    private var wordIndexes: [String: Set<String>] {
        var indexes: [String: Set<String>] = [:]
        for provider in configuration.providers where provider.role == .store {
            indexes[provider.name] = Set(
                provider.indexes.filter { $0.fields.contains("@words") }.map(\.namespace))
        }
        return indexes
    }
}

extension StoragePlan {
    private static func libraries(
        of configuration: StorageConfiguration, _ environment: StoreEnvironment
    ) throws(ConfigurationErrors) -> [String: PluginLibrary] {
        var loader = PluginLoader(directories: configuration.pluginDirectories, environment)
        var libraries: [String: PluginLibrary] = [:]
        var errors: [HoldfastError] = []
        for provider in configuration.providers {
            do throws(HoldfastError) {
                let library = try loader.library(of: provider)
                try check(provider, of: library)
                libraries[provider.path] = library
            } catch {
                errors.append(error.located(at: provider.typeOrigin))
            }
        }
        try errors.throwIfAny()
        return libraries
    }

    /// Refuses a log where a store belongs, and the other way round, before anything is opened.
    private static func check(
        _ provider: ProviderConfiguration, of library: PluginLibrary
    ) throws(HoldfastError) {
        let roles = PluginCatalog.describe(provider.type, of: library).roles.map(\.rawValue)
        guard roles.contains(provider.role.rawValue) else {
            throw HoldfastError(
                .invalid,
                "type \"\(provider.type)\" cannot be a \(provider.role.rawValue), it is a \(roles.joined(separator: ", "))"
            )
        }
    }

    private static func options(
        of configuration: StorageConfiguration, _ libraries: [String: PluginLibrary]
    ) throws(ConfigurationErrors) -> [String: CheckedOptions] {
        var schemas: [String: OptionsSchema] = [:]
        var errors: [HoldfastError] = []
        for provider in configuration.providers where schemas[provider.type] == nil {
            let text = libraries[provider.path]?.optionsSchema(of: provider.type) ?? ""
            do throws(HoldfastError) {
                schemas[provider.type] = try OptionsSchema(parsing: text, type: provider.type)
            } catch {
                errors.append(error.located(at: provider.typeOrigin))
            }
        }
        try errors.throwIfAny()
        return try configuration.checkOptions { schemas[$0] }
    }

    private static func settings(of provider: ProviderConfiguration, _ options: CheckedOptions)
        -> PluginSettings
    {
        PluginSettings(
            name: provider.name, options: Bytes(options.json), indexes: Bytes(provider.indexesJSON),
            pool: PluginSettings.Pool(
                connectionCountMax: provider.pool.max, idleTimeout: provider.pool.idleTimeout,
                connectTimeout: provider.pool.connectTimeout))
    }

    private func part(_ provider: ProviderConfiguration) throws(HoldfastError) -> Part {
        guard let part = parts[provider.path] else {
            throw HoldfastError(.internal, "\(provider.path) is not part of the plan").located(
                at: provider.origin)
        }
        return part
    }

    private func store(_ provider: ProviderConfiguration) throws(HoldfastError) -> PluginProvider {
        let part = try part(provider)
        return try PluginProvider(part.library, type: part.type, part.settings)
    }

    private func log(_ provider: ProviderConfiguration) throws(HoldfastError) -> any LogProvider {
        let part = try part(provider)
        return try PluginLogProvider(part.library, type: part.type, part.settings)
    }

    /// What stands in the place of a provider: a plugin's store, or a chain.
    private func member(_ backend: BackendConfiguration) throws(HoldfastError) -> any Provider {
        switch backend {
        case .provider(let provider): try store(provider)
        case .chain(let chain): ChainProvider(try settings(of: chain), chainEnvironment(chain.name))
        }
    }

    private func settings(of chain: ChainConfiguration) throws(HoldfastError) -> ChainSettings {
        var settings = ChainSettings(
            name: chain.name, primary: try member(chain.primary),
            backups: try chain.backups.map { backup throws(HoldfastError) in try member(backup) },
            log: try log(chain.log))
        settings.isShared = chain.hosts == .many
        settings.onPrimaryFailure = chain.onPrimaryFailure == .accept ? .accept : .reject
        settings.onLogFull = chain.onLogFull == .dropBackup ? .dropBackup : .reject
        settings.ack =
            switch chain.ack {
            case .primary: .primary
            case .log: .log
            case .all: .all
            }
        settings.timeout = chain.timeout
        settings.drainTimeout = chain.drainTimeout
        settings.retain = chain.retain
        settings.idempotencyRetention = chain.idempotencyRetention
        settings.flushInterval = chain.flushInterval
        settings.failureCountMax = chain.breaker.failures
        settings.retry = Backoff(
            initial: chain.breaker.retryAfter, maximum: max(chain.breaker.retryAfter, chain.breaker.retryMax))
        settings.poisonAttemptCountMax = chain.poisonAttempts
        settings.batchChangeCountMax = chain.batchMax
        settings.clockDriftMax = chain.maxClockDrift
        settings.resyncsByItself = chain.resync == .auto
        settings.isStartStrict = chain.start == .strict
        return settings
    }

    private func chainEnvironment(_ name: String) -> ChainEnvironment {
        ChainEnvironment(clock: environment.clock, random: environment.random) {
            [log = environment.log] level, sentence in
            log(level == .info ? .info : .warning, name, sentence)
        }
    }
}

extension BackendConfiguration {
    /// Every chain in it, the outermost first.
    fileprivate var chains: [ChainConfiguration] {
        switch self {
        case .provider: []
        case .chain(let chain): [chain] + chain.primary.chains + chain.backups.flatMap(\.chains)
        }
    }
}

extension HoldfastError {
    /// The same error at a place in the configuration, where it has none yet.
    fileprivate func located(at origin: ConfigurationOrigin) -> HoldfastError {
        var error = self
        switch origin {
        case .file(let location): error.location = error.location ?? location
        case .environment(let name): error.message = "environment \(name): \(message)"
        case .default: break
        }
        return error
    }
}

extension [HoldfastError] {
    fileprivate func throwIfAny() throws(ConfigurationErrors) {
        if let first { throw ConfigurationErrors(first, Array(dropFirst())) }
    }
}
