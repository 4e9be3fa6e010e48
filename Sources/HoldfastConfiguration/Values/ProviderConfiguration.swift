/// One store: a plugin's type with its options.
public struct ProviderConfiguration: Hashable, Sendable {
    /// What a provider is for.
    public enum Role: String, Hashable, Sendable {
        /// Holds records.
        case store
        /// Holds a write-ahead log.
        case log
    }

    /// Which plugin: `[a-z0-9][a-z0-9-]*`.
    public let type: String
    /// The name in logs and metrics, unique in its chain.
    public let name: String
    /// Store or log.
    public let role: Role
    /// Where it stands, such as `storage.backups[0]`.
    public let path: String
    /// Where it is written.
    public let origin: ConfigurationOrigin
    /// Where the type is written, for the message about a plugin that cannot be found.
    public let typeOrigin: ConfigurationOrigin
    /// What the plugin's file must hash to: 64 lower-case hexadecimal digits.
    public let sha256: String?
    /// How many connections the host opens.
    public let pool: PoolConfiguration
    /// The fields to index, by namespace, in the order of the file.
    public let indexes: [NamespaceIndexes]
    /// The plugin's own keys: a mapping of which nothing is checked yet.
    public let options: ConfigurationNode
    /// Values of the chain around it, for a plugin with an option of that name that the file does not give.
    let inherited: ConfigurationNode
    /// The absolute directory where relative paths in the options begin.
    public let directory: String

    /// The indexes as the plugin gets them: `{"namespace":["field"]}`.
    public var indexesJSON: String {
        JSONValue.object(
            indexes.map { JSONMember($0.namespace, .array($0.fields.map { JSONValue.string($0) })) }
        ).text
    }
}

/// The fields of one namespace that queries filter on.
public struct NamespaceIndexes: Hashable, Sendable {
    /// 1 to 255 bytes.
    public let namespace: String
    /// Top-level members of the records' values, each once.
    public let fields: [String]
}
