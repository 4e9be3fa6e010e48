package import HoldfastModel

/// Where the core stands with one backup.
///
///     connecting ──► following ◄──► resyncing
///         ▲             │ failed        │
///         └─────────────┴───────────────┘
package struct BackupState: Hashable, Sendable {
    /// See ``BackupState``.
    package enum Phase: Hashable, Sendable {
        case connecting
        /// It gets batches of the log; reads may fall back to it.
        case following
        /// It lacks what the log no longer holds, and is copied from the primary.
        case resyncing
    }

    /// See ``Phase-swift.enum``.
    package internal(set) var phase = Phase.connecting
    /// Counts connections; what comes over an earlier one is ignored.
    package internal(set) var generation = 0
    /// The incarnation of the connection.
    package internal(set) var incarnation = ""
    /// Whether what was applied is durable at once.
    package internal(set) var isDurable = false
    /// The highest position such that it and all before it are in the backup.
    package internal(set) var mark: LogSequenceNumber = 0
    /// The highest mark that is known to be durable there.
    package internal(set) var durableMark: LogSequenceNumber = 0
    /// Whether a connection was made or refused at least once.
    package internal(set) var hasAnswered = false
    /// Whether it held a mark of any log when it was connected, so that it may hold what a new primary lacks.
    package internal(set) var isMarked = false
    /// Whether an operation is under way.
    package internal(set) var isBusy = true
    /// Since when it lets entries gather, in Unix milliseconds.
    package internal(set) var gathersSince: UInt64?
    /// Whether a wait is under way.
    package internal(set) var isWaiting = false
    /// How often in a row it has failed.
    package internal(set) var failureCount = 0
    /// How often in a row it has refused an entry.
    package internal(set) var poisonCount = 0
    /// Whether entries go one by one.
    package internal(set) var isIsolating = false
    /// Whether the log no longer waits for it.
    package internal(set) var isDropped = false
    /// Entries that were set aside.
    package internal(set) var quarantinedCount = 0
    /// Whether the marks that it holds must be read before it is known which logs a shared primary has.
    package internal(set) var needsMarks = true
    /// The logs whose marks it holds, but for this host's.
    package internal(set) var registeredLogs: Set<String> = []
    /// Why an operator must act before it is used.
    package internal(set) var holdReason: HoldfastError?
    /// The last failure.
    package internal(set) var lastError: HoldfastError?
    /// When that was, in Unix milliseconds.
    package internal(set) var lastErrorTime: UInt64 = 0

    /// Whether it is not there, after having been asked at least once.
    package var isDown: Bool { phase == .connecting && (failureCount > 0 || holdReason != nil) }

    /// Whether it is there and has everything up to a position.
    package func hasApplied(_ lsn: LogSequenceNumber) -> Bool { phase == .following && mark >= lsn }

    /// A backup that was never connected.
    package init() {}
}
