import Crypto
import Holdfast
import HoldfastConfiguration
import HoldfastHTTP
import HoldfastPlugins

/// Opens what a storage.yaml describes, as every command does.
struct StoreOpening: Sendable {
    /// The file.
    let path: String
    /// Hears what an operator should know.
    var log: HostServices.Log = Self.logToStandardError
    /// Hears what is not wrong with the file, but should be otherwise.
    var warn: @Sendable (String) throws -> Void = { try Note.print($0) }

    /// Reads the configuration, loads the plugins and checks their options; opens nothing.
    ///
    /// - Throws: every error of the file.
    func plan() throws -> StoragePlan {
        let configuration = try StorageConfiguration.load(path: path)
        for warning in configuration.warnings { try warn(warning.description) }
        return try StoragePlan(configuration, Self.environment(log))
    }

    /// Opens the store; whoever calls it closes it.
    ///
    /// Where a daemon has it open already, its calls go to the daemon, with the same answers.
    func store() async throws -> HistoryStore {
        let configuration = try StorageConfiguration.load(path: path)
        if let socket = configuration.controlSocketPath,
            let daemon = try await RemoteBackend.connect(to: socket)
        {
            var store = HistoryStore(backend: daemon)
            store.wordIndexes = daemon.wordIndexes
            return store
        }
        return try await plan().open()
    }

    /// Opens the store, lets a function use it, and closes it whatever happens.
    func withStore<Result: Sendable>(_ body: (HistoryStore) async throws -> Result) async throws -> Result {
        let store = try await store()
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// Where plugins are searched for; a configuration that is not there adds nothing to it.
    func pluginSearchPath() throws -> PluginSearchPath {
        guard FileDescriptor.isThere(path) else { return .ofProcess(configured: []) }
        return .ofProcess(configured: try StorageConfiguration.load(path: path).pluginDirectories)
    }

    /// What plugins are given that are only looked at.
    static var pluginHost: HostServices {
        HostServices(version: RootCommand.version, log: logToStandardError)
    }

    /// A line for a person about what a backend has said; nothing for what nobody need know.
    static func line(_ level: HostServices.LogLevel, _ source: String, _ message: String) -> String? {
        level >= .warning ? sentence(source, TextTable.printable(message)) : nil
    }

    /// What a backend has said, with its name in front.
    static func sentence(_ source: String, _ text: String) -> String {
        text.hasPrefix("\(source): ") ? text : "\(source): \(text)"
    }

    private static func logToStandardError(
        _ level: HostServices.LogLevel, _ source: String, _ message: String
    ) {
        guard level >= .warning else { return }
        let line = Note.line(
            level >= .error ? .error : .warning, sentence(source, message), isJSON: Note.isForPrograms)
        // A warning that cannot be written must not end the command.
        try? FileDescriptor.standardError.write(line)
    }

    /// The operating system, with the digest that `sha256:` needs.
    private static func environment(_ log: @escaping HostServices.Log) -> StoreEnvironment {
        StoreEnvironment(
            log: log,
            digest: { bytes in
                var hash = SHA256()
                unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
                return Array(hash.finalize())
            }, version: RootCommand.version)
    }
}
