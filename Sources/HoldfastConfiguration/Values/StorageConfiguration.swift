public import HoldfastModel

/// A `storage.yaml` that has been read and checked, as far as that goes without the plugins.
///
/// Immutable. The options of each provider are still nodes: `OptionsSchema` checks them once a plugin is
/// loaded.
public struct StorageConfiguration: Hashable, Sendable {
    /// The path of the file as it was given.
    public let file: String
    /// The absolute directory of the file, where relative paths in it begin.
    public let directory: String
    /// The directories of `plugins.path`, absolute, in their order.
    public let pluginDirectories: [String]
    /// The backend under `storage`.
    public let storage: BackendConfiguration
    /// What is under `server`, where it is given.
    public let server: ServerConfiguration?
    /// What is under `retention`, where it is given.
    public let retention: RetentionConfiguration?
    /// What an operator should know and no error is, such as a secret file that everybody can read.
    public let warnings: [HoldfastError]
    /// Every value that holds, those of plugin options as they are written; see `effective(options:)`.
    let values: [EffectiveValue]

    /// Every provider, in the order of the file: of each chain the primary, the backups, then the log.
    public var providers: [ProviderConfiguration] { storage.providers }
}

/// What is under `server`.
public struct ServerConfiguration: Hashable, Sendable {
    /// The address and port to listen on.
    public let listen: String?
}
