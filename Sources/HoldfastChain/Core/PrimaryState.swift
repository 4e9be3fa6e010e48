package import HoldfastModel

/// Where the core stands with the primary.
///
///     connecting ──► unmarked ──► catchingUp, or
///     connecting ──► resyncing ──► merging ──► merged ──► catchingUp ──► recovered ──► up
///        ▲  │ no data lost ─────────────────────────────────▲   ▲                       │
///        │  └───────────────────────────────────────────────┘   └── barriers: every     │
///        └──────────────────────── failed ◄───────────────────────  host has got there ◄┘
package struct PrimaryState: Hashable, Sendable {
    /// See ``PrimaryState``.
    package enum Phase: Hashable, Sendable {
        /// A connection is asked for, or will be after a wait.
        case connecting
        /// It holds no mark of this log; whether it lacks something shows when the backups have been asked.
        case unmarked
        /// It is copied from a backup, because the log no longer holds what it lacks.
        case resyncing
        /// It gets everything the log knows, ids kept, from this position on.
        case merging(LogSequenceNumber)
        /// Merged; the other hosts are not.
        case merged
        /// It gets what is pending, as if live.
        case catchingUp
        /// Caught up; the other hosts are not.
        case recovered
        /// It serves.
        case up
    }

    /// See ``Phase-swift.enum``.
    package internal(set) var phase = Phase.connecting
    /// Counts connections; what comes over an earlier one is ignored.
    package internal(set) var generation = 0
    /// The incarnation of the connection.
    package internal(set) var incarnation = ""
    /// Whether changes and mark move together.
    package internal(set) var isAtomic = true
    /// Whether what was applied is durable at once.
    package internal(set) var isDurable = false
    /// Whether an operation is under way.
    package internal(set) var isBusy = false
    /// Entries that are under way live.
    package internal(set) var sent: [LogSequenceNumber] = []
    /// The mark that is under way with them.
    package internal(set) var sentMark: LogSequenceNumber = 0
    /// The phase that the mark has reached on this connection; nothing when there is none yet.
    package internal(set) var markPhase: Mark.Phase?
    /// The logs whose marks it held when it was last whole.
    package internal(set) var registeredLogs: Set<String> = []
    /// The highest mark that the primary is known to have had.
    package internal(set) var knownMark: LogSequenceNumber
    /// The highest mark that is known to be durable there.
    package internal(set) var durableMark: LogSequenceNumber = 0
    /// How often in a row it has failed.
    package internal(set) var failureCount = 0
    /// Whether requests are no longer kept waiting for it.
    package internal(set) var isDown = false
    /// Whether entries go one by one, to find the one that fails.
    package internal(set) var isIsolating = false
    /// Why an operator must act before it is used.
    package internal(set) var holdReason: HoldfastError?
    /// The last failure.
    package internal(set) var lastError: HoldfastError?
    /// When that was, in Unix milliseconds.
    package internal(set) var lastErrorTime: UInt64 = 0
    /// Whether a wait is under way.
    package internal(set) var isWaiting = false

    /// A primary that was never connected.
    package init(knownMark: LogSequenceNumber) { self.knownMark = knownMark }

    /// What a caller hears while it is down.
    package var unavailability: HoldfastError {
        let reason = lastError.map { ": \($0.message)" } ?? ""
        let code: HoldfastError.Code = lastError?.code == .exhausted ? .exhausted : .unavailable
        return HoldfastError(code, "the primary is down\(reason)", retryAfter: lastError?.retryAfter)
    }
}
