/// What a place in the configuration is served by: one provider, or a chain of several.
public indirect enum BackendConfiguration: Hashable, Sendable {
    /// One store of a plugin.
    case provider(ProviderConfiguration)
    /// A log and the backends that follow it.
    case chain(ChainConfiguration)

    /// The name in logs, metrics and marks.
    public var name: String {
        switch self {
        case .provider(let provider): provider.name
        case .chain(let chain): chain.name
        }
    }

    /// Where it is written.
    public var origin: ConfigurationOrigin {
        switch self {
        case .provider(let provider): provider.origin
        case .chain(let chain): chain.origin
        }
    }

    /// Every provider in it, in the order primary, backups, log.
    public var providers: [ProviderConfiguration] {
        switch self {
        case .provider(let provider): [provider]
        case .chain(let chain):
            chain.primary.providers + chain.backups.flatMap(\.providers) + [chain.log]
        }
    }
}
