import HoldfastChain
import HoldfastModel

/// The whole world of a search: hosts, one primary, one backup, what may still go wrong, what was seen.
struct ExplorationState {
    let setting: ExplorationSetting
    var hosts: [ExplorationHost]
    var primary: ExplorationStore
    var backup: ExplorationStore
    var isPrimaryUp = true
    /// The host that alone cannot reach the primary.
    var cutOff: Int?
    var isBackupUp = true
    /// An earlier state of the primary that it may be set back to.
    var copy: ExplorationStore?
    var hasLostData = false
    /// How often each thing has gone wrong.
    var crashes = 0
    var outages = 0
    var backupOutages = 0
    var deadlines = 0
    var logFaults = 0
    var history = ExplorationHistory()
    /// What a host asked for that the contract of the driver does not allow.
    var complaint: String?

    /// The start: every host has met the primary and the backup.
    init(_ setting: ExplorationSetting) {
        self.setting = setting
        let count = setting.program.hostCount
        hosts = Array(repeating: ExplorationHost(), count: count)
        primary = ExplorationStore(hostCount: count)
        backup = ExplorationStore(hostCount: count)
        for x in hosts.indices { start(x) }
        // Registering is the first thing that a host does; it is not explored.
        while let x = hosts.indices.first(where: { hosts[$0].primaryAction != nil }) { answerPrimary(x) }
        for x in hosts.indices where hosts[x].wakes.contains(.primary) { wake(x, .primary) }
        for x in hosts.indices where hosts[x].backupAction != nil { answerBackup(x) }
    }

    /// Whether a host can reach the primary.
    func isReachable(from x: Int) -> Bool { isPrimaryUp && cutOff != x }

    /// What the search compares: two hashes of 64 bits would never meet; one does for a million states in one of
    /// thirty million searches.
    var fingerprint: Int {
        var hasher = Hasher()
        for host in hosts { host.hashEssence(into: &hasher) }
        primary.hashEssence(into: &hasher)
        backup.hashEssence(into: &hasher)
        hasher.combine(isPrimaryUp)
        hasher.combine(cutOff)
        hasher.combine(isBackupUp)
        hasher.combine(copy != nil)
        copy?.hashEssence(into: &hasher)
        hasher.combine(hasLostData)
        hasher.combine(crashes)
        hasher.combine(outages)
        hasher.combine(backupOutages)
        hasher.combine(deadlines)
        hasher.combine(logFaults)
        hasher.combine(history)
        return hasher.finalize()
    }
}

// MARK: what the driver does

extension ExplorationState {
    /// Starts a host from its log.
    mutating func start(_ x: Int) {
        let node = UInt64(x + 1 + crashes * hosts.count)
        var core = ChainCore(
            policy: setting.policy, logID: Self.logID(x), scan: hosts[x].scan, backupCount: 1, node: node)
        let actions = core.start()
        hosts[x].core = core
        perform(actions, on: x)
    }

    private static func logID(_ x: Int) -> String { x == 0 ? "A" : "B" }

    /// Tells a core what happened, and does what it asks for.
    mutating func deliver(_ event: ChainEvent, to x: Int) {
        guard let actions = hosts[x].core?.step(event, at: setting.milliseconds(of: x)) else { return }
        perform(actions, on: x)
    }

    private mutating func perform(_ actions: [ChainAction], on x: Int) {
        for action in actions { perform(action, on: x) }
    }

    private mutating func perform(_ action: ChainAction, on x: Int) {
        switch action {
        case .append(let entries):
            if hosts[x].append != nil { complaint = "two appends at once" }
            hosts[x].append = entries
            if hosts[x].isLoggingClear, hosts[x].core?.primary.phase == .up {
                history.isClearLoggedWhileUp = true
            }
        case .reopenLog: deliver(.logReopened(last: hosts[x].last), to: x)
        case .trim(let lsn): hosts[x].trim(before: lsn)
        case .connectPrimary(let generation): connectPrimary(x, generation)
        case .readPrimaryMarks(let generation):
            guard hosts[x].isPrimaryAlive else { return deliver(.primaryFailed(generation, .gone), to: x) }
            deliver(.primaryMarks(generation, primary.view.marks), to: x)
        case .applyPrimary, .replayPrimary, .resyncPrimary:
            if hosts[x].primaryAction != nil { complaint = "two operations of the primary at once" }
            hosts[x].primaryAction = action
        case .connectBackup(_, let generation): connectBackup(x, generation)
        case .applyBackup, .resyncBackup:
            if hosts[x].backupAction != nil { complaint = "two operations of the backup at once" }
            hosts[x].backupAction = action
        case .quarantine: complaint = "an entry was set aside"
        case .flush(let consumer): flush(x, consumer)
        case .wake(let consumer, _): hosts[x].wakes.insert(consumer)
        case .answer(let request, let answer): hear(answer, of: request, on: x)
        }
    }

    private mutating func connectPrimary(_ x: Int, _ generation: Int) {
        hosts[x].isPrimaryAlive = isReachable(from: x)
        guard hosts[x].isPrimaryAlive else { return deliver(.primaryFailed(generation, .gone), to: x) }
        var view = primary.view
        view.isAtomic = setting.isAtomic
        deliver(.primaryConnected(generation, view), to: x)
    }

    private mutating func connectBackup(_ x: Int, _ generation: Int) {
        hosts[x].isBackupAlive = isBackupUp
        guard isBackupUp else { return deliver(.backupFailed(0, generation: generation, .gone), to: x) }
        deliver(.backupConnected(0, generation: generation, backup.view), to: x)
    }

    private mutating func flush(_ x: Int, _ consumer: Consumer) {
        switch consumer {
        case .primary: deliver(.flushed(consumer, through: hosts[x].core?.primary.knownMark ?? 0), to: x)
        case .backup: deliver(.flushed(consumer, through: hosts[x].core?.backups[0].mark ?? 0), to: x)
        case .log: break
        }
    }

    mutating func wake(_ x: Int, _ consumer: Consumer) {
        hosts[x].wakes.remove(consumer)
        deliver(.woken(consumer), to: x)
    }
}

// MARK: what providers do

extension ExplorationState {
    /// The operation of the primary that is under way takes effect.
    ///
    /// - Returns: what the host hears, if it does.
    mutating func takeEffect(onPrimary x: Int) -> ChainEvent? {
        defer { primaryChanged() }
        switch hosts[x].primaryAction {
        case .applyPrimary(let generation, let entries, let mark):
            let outcomes = primary.apply(entries.map(\.changes))
            if outcomes.joined().allSatisfy(\.stands) { primary.marks[x] = mark }
            return .primaryApplied(generation, outcomes)
        case .replayPrimary(let generation, let from, let through, let excluding, var mark):
            let reached = min(through, from + LogSequenceNumber(min(setting.replayChunk, 1_000)) - 1)
            let policy = setting.policy
            let skips =
                policy.safeguards.contains(.keysInOverlay) && policy.acceptsWhileDown && !policy.isShared
            for lsn in from...reached where !excluding.contains(lsn) {
                guard case .changes(let changes, _) = hosts[x].entry(lsn).body else { continue }
                primary.merge(changes, skippingDuplicates: skips)
            }
            mark.lsn = min(mark.lsn, reached)
            primary.marks[x] = mark
            return .primaryReplayed(generation, through: reached)
        case .resyncPrimary(let generation, _):
            guard isBackupUp else { return .primaryFailed(generation, .gone) }
            primary.merge(backup)
            let lsn = backup.marks[x]?.lsn ?? 0
            primary.marks[x] = Mark(
                log: Self.logID(x), lsn: lsn, incarnation: "\(primary.incarnation)", phase: .merging)
            return .primaryResynced(generation, mark: lsn)
        default: return nil
        }
    }

    /// The operation of the primary that is under way succeeds.
    mutating func answerPrimary(_ x: Int) {
        guard let event = takeEffect(onPrimary: x) else { return }
        hosts[x].primaryAction = nil
        deliver(event, to: x)
    }

    mutating func failPrimary(_ x: Int, isKnown: Bool) {
        guard let generation = hosts[x].core?.primary.generation else { return }
        hosts[x].primaryAction = nil
        deliver(.primaryFailed(generation, isKnown ? .gone : .lost), to: x)
    }

    private mutating func primaryChanged() {
        if !setting.floors { primary.forgetFloors() }
        // A write that was acknowledged before it reached the primary has reached it.
        for message in primary.messages where history.degraded.contains(message) {
            history.degraded.remove(message)
            history.acknowledged.insert(message)
        }
    }

    mutating func takeEffect(onBackup x: Int) -> ChainEvent? {
        switch hosts[x].backupAction {
        case .applyBackup(let index, let generation, let from, let through, let excluding, let mark):
            let skips = setting.policy.safeguards.contains(.keysInOverlay)
            for lsn in from...through where !excluding.contains(lsn) {
                guard case .changes(let changes, _) = hosts[x].entry(lsn).body else { continue }
                backup.merge(changes, skippingDuplicates: skips && setting.policy.acceptsWhileDown)
            }
            backup.marks[x] = mark
            if !setting.floors { backup.forgetFloors() }
            return .backupApplied(index, generation: generation, through: through)
        case .resyncBackup(let index, let generation, let mark):
            guard isReachable(from: x) else { return .backupFailed(index, generation: generation, .gone) }
            backup.merge(primary)
            backup.marks[x] = mark
            return .backupResynced(index, generation: generation, mark: mark.lsn)
        default: return nil
        }
    }

    mutating func answerBackup(_ x: Int) {
        guard let event = takeEffect(onBackup: x) else { return }
        hosts[x].backupAction = nil
        deliver(event, to: x)
    }

    mutating func failBackup(_ x: Int) {
        guard let generation = hosts[x].core?.backups[0].generation else { return }
        hosts[x].backupAction = nil
        deliver(.backupFailed(0, generation: generation, .lost), to: x)
    }
}

extension HoldfastError {
    /// Surely nothing was done.
    static let gone = HoldfastError(.unavailable, "gone")
    /// Nobody knows.
    static let lost = HoldfastError(.unavailable, "lost", flags: [.retryable, .maybeApplied, .providerDead])
}
