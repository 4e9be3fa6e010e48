/// A log and the backends that follow it, with the rules between them.
public struct ChainConfiguration: Hashable, Sendable {
    /// What a write meets while the primary is away.
    public enum PrimaryFailure: String, Hashable, Sendable, CaseIterable {
        /// An error, and nothing is stored.
        case reject
        /// Success, once the log has it.
        case accept
    }

    /// What a write meets when the log is full.
    public enum LogFull: String, Hashable, Sendable, CaseIterable {
        /// An error, until a backup has caught up.
        case reject
        /// Success; the backup that holds the log back is given up.
        case dropBackup = "drop_backup"
    }

    /// What a write waits for.
    public enum Acknowledgement: String, Hashable, Sendable, CaseIterable {
        /// Log and primary.
        case primary
        /// The log alone.
        case log
        /// Log, primary and every backup.
        case all
    }

    /// Who starts the refilling of a backend that lost data.
    public enum Resync: String, Hashable, Sendable, CaseIterable {
        /// The host.
        case auto
        /// An operator.
        case manual
    }

    /// How many hosts write to the primary.
    public enum Hosts: String, Hashable, Sendable, CaseIterable {
        /// This one alone.
        case one
        /// Several, each with a log of its own.
        case many
    }

    /// What a host does when its primary is away at the start.
    public enum Start: String, Hashable, Sendable, CaseIterable {
        /// Serves what it can.
        case degraded
        /// Fails.
        case strict
    }

    /// The name in logs, metrics and marks.
    public let name: String
    /// Where it stands, such as `storage` or `storage.primary`.
    public let path: String
    /// Where it is written.
    public let origin: ConfigurationOrigin
    /// Follows the log in step.
    public let primary: BackendConfiguration
    /// Follow behind; may be none.
    public let backups: [BackendConfiguration]
    /// The write-ahead log.
    public let log: ProviderConfiguration
    /// See ``Hosts``.
    public let hosts: Hosts
    /// The longest that a change waits for a healthy backup.
    public let flushInterval: Duration
    /// See ``PrimaryFailure``.
    public let onPrimaryFailure: PrimaryFailure
    /// See ``LogFull``.
    public let onLogFull: LogFull
    /// See ``Acknowledgement``.
    public let ack: Acknowledgement
    /// How far ahead of this host's clock a version may be.
    public let maxClockDrift: Duration
    /// How long the traces of removed records are kept.
    public let tombstoneRetention: Duration
    /// How long the log keeps entries that every backend has.
    public let retain: Duration
    /// How long an idempotency key is remembered.
    public let idempotencyRetention: Duration
    /// How often a refused change is tried on a backup.
    public let poisonAttempts: Int
    /// When a backend counts as down.
    public let breaker: BreakerConfiguration
    /// The most changes sent to a backup at once.
    public let batchMax: Int
    /// See ``Resync-swift.enum``.
    public let resync: Resync
    /// See ``Start-swift.enum``.
    public let start: Start
    /// How long a stopping host waits for its backups.
    public let drainTimeout: Duration
    /// The deadline of one call to a backend.
    public let timeout: Duration
}

/// When a backend counts as down, and when it is tried again.
public struct BreakerConfiguration: Hashable, Sendable {
    /// How many failures in a row open the breaker.
    public let failures: Int
    /// How long until the first probe.
    public let retryAfter: Duration
    /// The longest wait between two probes.
    public let retryMax: Duration
}
