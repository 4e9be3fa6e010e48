internal import HoldfastConfiguration
internal import HoldfastModel
internal import HoldfastPlugins

/// Loads the plugins of one configuration, each file once.
struct PluginLoader {
    private let search: PluginSearchPath
    private let host: HostServices
    private let digest: (@Sendable (Bytes) -> [UInt8])?
    private var loaded: [String: PluginLibrary] = [:]

    init(directories: [String], _ environment: StoreEnvironment) {
        search = PluginSearchPath.ofProcess(configured: directories)
        host = HostServices(version: environment.version, clock: environment.clock, log: environment.log)
        digest = environment.digest
    }

    /// The plugin of a provider.
    mutating func library(of provider: ProviderConfiguration) throws(HoldfastError) -> PluginLibrary {
        // A type with another hash is another file, even where the name is the same.
        let identity = "\(provider.type) \(provider.sha256 ?? "")"
        if let library = loaded[identity] { return library }
        let library: PluginLibrary
        if let digest {
            library = try PluginLibrary(
                type: provider.type, in: search, sha256: provider.sha256,
                digest: { unsafe digest(Bytes(copying: $0)) }, host: host)
        } else {
            library = try PluginLibrary(type: provider.type, in: search, sha256: provider.sha256, host: host)
        }
        loaded[identity] = library
        return library
    }
}
