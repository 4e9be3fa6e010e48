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
    /// What is under `blobs`, or holds where it is not given.
    public let blobs: BlobsConfiguration
    /// What an operator should know and no error is, such as a secret file that everybody can read.
    public let warnings: [HoldfastError]
    /// Every value that holds, those of plugin options as they are written; see `effective(options:)`.
    let values: [EffectiveValue]

    /// Every provider, in the order of the file: of each chain the primary, the backups, then the log.
    public var providers: [ProviderConfiguration] { storage.providers }
}

/// What is under `server`; paths are absolute.
public struct ServerConfiguration: Hashable, Sendable {
    /// What is logged at least, from everything to what ends the daemon.
    public enum LogLevel: String, Hashable, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// The address and port to listen on; nothing for `off`.
    public let listen: String?
    /// The path of the Unix socket to listen on.
    public let socketPath: String?
    /// The file of the bearer tokens.
    public let tokenPath: String?
    /// Whether to listen beyond this machine without tokens.
    public let isInsecure: Bool
    /// The file of the certificate; given together with ``keyPath``.
    public let certificatePath: String?
    /// The file of the certificate's key.
    public let keyPath: String?
    /// The most connections at once on each address.
    public let connectionCountMax: Int
    /// The most bytes of a request's body.
    public let bodyByteCountMax: Int
    /// The most bytes of a request's headers.
    public let headerByteCountMax: Int
    /// How long a request may take.
    public let requestTimeout: Duration
    /// How long the whole of a request may take to arrive.
    public let readTimeout: Duration
    /// How long a client may take no byte of its answer.
    public let writeTimeout: Duration
    /// How long a connection may be idle between requests.
    public let idleTimeout: Duration
    /// The most event streams at once.
    public let followerCountMax: Int
    /// After how long without an event a follower hears that the daemon is there.
    public let followHeartbeat: Duration
    /// How long requests may go on once the daemon was told to stop.
    public let drainTimeout: Duration
    /// What is logged at least.
    public let logLevel: LogLevel
}
