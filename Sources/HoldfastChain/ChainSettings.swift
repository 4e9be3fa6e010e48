public import HoldfastModel
public import HoldfastSupport

/// How a chain is made: its providers, and what storage.yaml says of it.
public struct ChainSettings: Sendable {
    /// What a write meets while the primary is down.
    public enum PrimaryFailurePolicy: String, Hashable, Sendable, CaseIterable {
        /// `unavailable`; the write never shows up later.
        case reject
        /// The log takes it, the primary gets it when it returns.
        case accept
    }

    /// What happens when the log is full.
    public enum FullLogPolicy: String, Hashable, Sendable, CaseIterable {
        /// Writes are refused with `exhausted`.
        case reject
        /// The log forgets what an unreachable backup lacks; the backup is copied anew when it returns.
        case dropBackup = "drop_backup"
    }

    /// The name in storage.yaml; it is part of the marks' keys.
    public var name: String
    /// Follows the log in step.
    public var primary: any Provider
    /// Follow behind.
    public var backups: [any Provider]
    /// Holds every change before any provider does.
    public var log: any LogProvider
    /// See ``PrimaryFailurePolicy``.
    public var onPrimaryFailure = PrimaryFailurePolicy.reject
    /// See ``FullLogPolicy``.
    public var onLogFull = FullLogPolicy.reject
    /// Several hosts use the primary.
    public var isShared = false
    /// The level of a request that names none.
    public var ack = AckLevel.primary
    /// The deadline of a request that names none.
    public var timeout = Duration.seconds(10)
    /// How long closing waits for backups.
    public var drainTimeout = Duration.seconds(10)
    /// How long an entry stays in the log at least.
    public var retain = Duration.seconds(3600)
    /// How long the answer of an idempotency key is remembered.
    public var idempotencyRetention = Duration.seconds(86_400)
    /// The longest that an entry waits for a healthy backup.
    public var flushInterval = Duration.seconds(5)
    /// Failures in a row before a provider counts as down, from 1.
    public var failureCountMax = 3
    /// The wait before a failed provider is tried again.
    public var retry = Backoff()
    /// How often a backup may refuse an entry.
    public var poisonAttemptCountMax = 5
    /// The most changes in one batch.
    public var batchChangeCountMax = 512
    /// The largest batch in bytes.
    public var batchByteCountMax = 1 << 20
    /// How far ahead of the clock a version may be.
    public var clockDriftMax = Duration.seconds(60)
    /// Whether a provider that lacks what the log no longer holds is copied from another.
    public var resyncsByItself = true
    /// Whether opening fails when the primary cannot be reached.
    public var isStartStrict = false

    /// Makes settings with the defaults of docs/reference/configuration.md.
    public init(name: String, primary: any Provider, backups: [any Provider], log: any LogProvider) {
        self.name = name
        self.primary = primary
        self.backups = backups
        self.log = log
    }

    var policy: ChainPolicy {
        var policy = ChainPolicy()
        policy.acceptsWhileDown = onPrimaryFailure == .accept
        policy.isShared = isShared
        policy.failureCountMax = failureCountMax
        policy.poisonAttemptCountMax = poisonAttemptCountMax
        policy.resyncsByItself = resyncsByItself
        policy.dropsBackupWhenFull = onLogFull == .dropBackup
        policy.batchChangeCountMax = batchChangeCountMax
        policy.batchByteCountMax = batchByteCountMax
        policy.backupGatherTimeMax = UInt64(flushInterval.milliseconds)
        policy.clockDriftMax = UInt64(clockDriftMax.milliseconds)
        return policy
    }
}

/// The seams through which a chain reaches time, chance and its operator.
public struct ChainEnvironment: Sendable {
    /// How much a sentence of a chain matters.
    public enum ReportLevel: Hashable, Sendable {
        /// A turn for the better.
        case info
        /// Something went wrong.
        case warning
    }
    /// Hears a sentence, from any thread.
    public typealias Report = @Sendable (ReportLevel, _ sentence: String) -> Void

    /// See `HostClock`.
    public var clock: any HostClock
    /// See `RandomSource`.
    public var random: RandomSource
    /// Hears one sentence about each thing that an operator should know.
    public var report: Report

    /// Makes an environment; without arguments, the operating system's, and nobody to report to.
    public init(
        clock: any HostClock = SystemClock(), random: RandomSource = .system,
        report: @escaping Report = { _, _ in }
    ) {
        self.clock = clock
        self.random = random
        self.report = report
    }
}

extension Duration {
    /// Whole milliseconds, never negative.
    var milliseconds: Int64 {
        let parts = components
        return max(0, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
    }

    /// Whole nanoseconds, never negative, and at most 73 years: a deadline that is so far away can still be told.
    var nanoseconds: Int64 {
        let parts = components
        let (whole, isTooLong) = parts.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !isTooLong else { return parts.seconds < 0 ? 0 : .max / 4 }
        return max(0, min(whole, .max / 4) + parts.attoseconds / 1_000_000_000)
    }
}
