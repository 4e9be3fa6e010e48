internal import DequeModule
package import HoldfastModel

/// Decides what a chain does next; does none of it.
///
/// Events go in, actions come out; there is no clock, no randomness and no I/O here, so the same code runs under a
/// driver that is real and under one that tries every interleaving. Each event changes state only; then the pumps issue
/// whatever has become possible, each at most one operation at a time per provider.
///
///     submitted ─► waiting ─► queue ─► log append ─► ledger.pending ─► primary batch ─► answered
///                                                         └──────────► backups follow behind
package struct ChainCore: Hashable, Sendable {
    /// What waits to be appended to the log.
    struct Draft: Hashable, Sendable {
        enum Body: Hashable, Sendable {
            case changes([Change], idempotency: Address?, isFixed: Bool, supersedes: LogSequenceNumber?)
            case abort(LogSequenceNumber)
        }
        var body: Body
        var waiters: [PendingEntry.Waiter] = []
        var isAcknowledged = false
        var isExposed = false

        var isAbort: Bool { if case .abort = body { true } else { false } }

        /// Takes back what never was: an entry that changes nothing, to see whether the log takes one.
        static let probe = Draft(body: .abort(0))
    }

    /// A write that is applied and waits for backups to have it as well.
    struct BackupWait: Hashable, Sendable {
        var request: RequestID
        var lsn: LogSequenceNumber
        var versions: [Version]
    }

    /// Whether entries can be appended.
    enum LogState: Hashable, Sendable {
        case open
        /// The end of the log is unknown until it is opened again.
        case reopening(HoldfastError)
    }

    package let policy: ChainPolicy
    package let logID: String
    package internal(set) var clock: VersionClock
    package internal(set) var ledger: Ledger
    package internal(set) var primary: PrimaryState
    package internal(set) var backups: [BackupState]
    /// How much of what is ready goes to a primary that serves.
    package var pace = BatchPace()
    /// The lowest position that the log still holds.
    package internal(set) var logFirst: LogSequenceNumber
    var logState = LogState.open
    /// Whether the log has kept an append waiting, and has taken none since: nothing more is asked of it than one entry, and
    /// who writes hears so at once.
    package internal(set) var isLogHanging = false
    /// The last append failed: aborts wait a while before they are tried again, requests try at once.
    var isLogFailing = false
    /// Whether that wait is under way.
    var isLogWaiting = false
    /// What is being appended, in order.
    var appending: [Draft] = []
    var queue: Deque<Draft> = []
    var waiting: Deque<CoreRequest> = []
    var backupWaits: [BackupWait] = []
    /// Entries that were acknowledged without the primary in this step.
    var acknowledgedNow: [LogSequenceNumber] = []
    /// The time of the step, in Unix milliseconds.
    var now: UInt64 = 0
    var actions: [ChainAction] = []

    /// Makes the core of a chain whose log was read, and says what to do first.
    ///
    /// - Parameters:
    ///   - policy: see ``ChainPolicy``.
    ///   - logID: the identity of the log.
    ///   - scan: what the log holds.
    ///   - backupCount: how many backups the chain has.
    ///   - node: what tells this process from others in versions.
    package init(policy: ChainPolicy, logID: String, scan: LogScan, backupCount: Int, node: UInt64) {
        self.policy = policy
        self.logID = logID
        clock = VersionClock(node: node, last: scan.lastVersion)
        ledger = Ledger(scan)
        primary = PrimaryState(knownMark: scan.resolvedThrough)
        backups = Array(repeating: BackupState(), count: backupCount)
        logFirst = scan.first
    }

    /// What to do first: connect everything.
    package mutating func start() -> [ChainAction] {
        primary.generation += 1
        actions.append(.connectPrimary(primary.generation))
        for index in backups.indices {
            backups[index].generation += 1
            actions.append(.connectBackup(index, generation: backups[index].generation))
        }
        return takeActions()
    }

    /// Takes note of an event.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - milliseconds: the wall clock.
    /// - Returns: what to do, in order.
    package mutating func step(_ event: ChainEvent, at milliseconds: UInt64) -> [ChainAction] {
        now = milliseconds
        handle(event)
        pumpWaiting()
        pumpLog()
        pumpPrimary()
        // What the primary's turn has queued, an abort most often.
        pumpLog()
        for index in backups.indices { pumpBackup(index) }
        exposeBeforeAcknowledged()
        now = 0
        return takeActions()
    }

    private mutating func handle(_ event: ChainEvent) {
        switch event {
        case .submitted(let requests):
            for request in requests {
                submit(request)
                pumpWaiting()
            }
        case .deadlinePassed(let request): expire(request)
        case .logAppended: logAppended()
        case .logHangs: logHangs()
        case .logFailed(let error): logFailed(error)
        case .logLost(let error): logLost(error)
        case .logReopened(let last): logReopened(last: last)
        case .primaryConnected(let generation, let view):
            if generation == primary.generation { primaryConnected(view) }
        case .primaryApplied(let generation, let outcomes):
            if generation == primary.generation { primaryApplied(outcomes) }
        case .primaryReplayed(let generation, let through):
            if generation == primary.generation { primaryReplayed(through: through) }
        case .primaryResynced(let generation, let mark):
            if generation == primary.generation { primaryResynced(mark: mark) }
        case .primaryMarks(let generation, let marks):
            if generation == primary.generation { primaryMarksRead(marks) }
        case .primaryFailed(let generation, let error):
            if generation == primary.generation { primaryFailed(error) }
        case .backupConnected(let index, let generation, let view):
            if generation == backups[index].generation { backupConnected(index, view) }
        case .backupApplied(let index, let generation, let through):
            if generation == backups[index].generation { backupApplied(index, through: through) }
        case .backupResynced(let index, let generation, let mark):
            if generation == backups[index].generation { backupResynced(index, mark: mark) }
        case .backupFailed(let index, let generation, let error):
            if generation == backups[index].generation { backupFailed(index, error) }
        case .backupStarved(let index, let generation):
            if generation == backups[index].generation { wakeBackup(index) }
        case .opensLate(.primary, let generation):
            if generation == primary.generation { primaryOpensLate() }
        case .opensLate(.backup(let index), let generation):
            if generation == backups[index].generation { backupOpensLate(index) }
        case .opensLate(.log, _): break
        case .woken(let consumer): woken(consumer)
        case .flushed(let consumer, let through): flushed(consumer, through: through)
        case .aged(let through): aged(through: through)
        }
    }

    /// Takes note of what a reader has seen: what this host writes next comes after it.
    package mutating func observe(_ records: [Record], at milliseconds: UInt64) {
        clock.observe(records, at: milliseconds, driftMax: policy.clockDriftMax)
    }

    private mutating func takeActions() -> [ChainAction] {
        let taken = actions
        actions.removeAll()
        return taken
    }

    mutating func answer(_ waiters: [PendingEntry.Waiter], _ answer: CoreAnswer) {
        for waiter in waiters { actions.append(.answer(waiter.request, answer)) }
    }
}
