import DequeModule
import HoldfastModel

/// A connection to the primary was made: what it lacks comes before anything else.
extension ChainCore {
    mutating func primaryConnected(_ view: ProviderView) {
        primary.isBusy = false
        primary.isAtomic = view.isAtomic
        primary.isDurable = view.isDurable
        primary.incarnation = view.incarnation
        let own =
            policy.safeguards.contains(.marks) ? view.marks.first { $0.log == logID } : assumedMark(view)
        if let error = obstacle(own, view) { return hold(error) }
        primary.isDown = false
        primary.holdReason = nil
        guard let own else {
            askBackups()
            return meetUnmarkedPrimary()
        }
        primary.markPhase = own.incarnation == view.incarnation ? own.phase : nil
        let hasLost =
            own.incarnation != view.incarnation || own.lsn < primary.knownMark || own.phase == .merging
        guard hasLost, policy.safeguards.contains(.barrier) else {
            if own.phase == .serving { primary.registeredLogs = Set(view.marks.map(\.log)) }
            return resume(own)
        }
        askBackups()
        lostData(from: own.lsn)
    }

    /// A primary that holds no mark of this log: a new log, or a new primary, or one that was wiped.
    ///
    /// What it lacks may be on a backup, so each backup is asked first, once; an empty primary is not an empty chain.
    private mutating func meetUnmarkedPrimary() {
        guard backups.allSatisfy(\.hasAnswered), !lacksRegistrations else {
            primary.phase = .unmarked
            return
        }
        let isElsewhere = backups.contains { $0.phase == .following && $0.isMarked }
        if !isElsewhere, let log = foreignLog { return hold(Self.newBesideOldError(log)) }
        let wasHere = primary.registeredLogs.contains(logID)
        guard isElsewhere || wasHere || ledger.last > 0 || logFirst > 1 || primary.knownMark > 0 else {
            return register()
        }
        guard isElsewhere, policy.resyncsByItself else { return lostData(from: 0) }
        beginMerging(from: 0)
        primary.phase = .resyncing
    }

    /// The log of another life whose history a backup holds, which for that is not used.
    private var foreignLog: String? {
        // Where hosts share a primary, other logs are those of hosts that live.
        guard !policy.isShared else { return nil }
        return backups.lazy.filter { $0.holdReason != nil }.compactMap { $0.registeredLogs.min() }.first
    }

    /// Primary and log were lost together, most often with the disk that both were on.
    private static func newBesideOldError(_ log: String) -> HoldfastError {
        HoldfastError(
            .permission,
            "the primary is new, but a backup holds what the log \(log) kept: put a copy of that backup in the "
                + "place of the primary, then run \"holdfast log forget \(log)\"; to begin anew, move the backup away"
        )
    }

    /// The ablation without marks: the host believes that the primary has what it had.
    private func assumedMark(_ view: ProviderView) -> Mark? {
        Mark(log: logID, lsn: primary.knownMark, incarnation: view.incarnation, phase: .serving)
    }

    /// Why the primary must not be used as it is.
    private func obstacle(_ own: Mark?, _ view: ProviderView) -> HoldfastError? {
        if !policy.isShared, let other = view.marks.first(where: { $0.log != logID }) {
            return Self.foreignLogError(other.log)
        }
        if policy.isShared, !view.isAtomic {
            return HoldfastError(
                .unsupported, "\"hosts: many\" needs a primary with atomic batches and conditions")
        }
        if let own, own.lsn > ledger.last + UInt64(appending.count) {
            return HoldfastError(
                .corrupt,
                "the primary has applied entry \(own.lsn), the log ends at \(ledger.last): it is an older copy; restore "
                    + "the newer one, or move it away and run \"holdfast log forget \(logID)\"")
        }
        return nil
    }

    static func foreignLogError(_ log: String) -> HoldfastError {
        HoldfastError(
            .permission,
            "the log \(log) is registered there as well; if several hosts use it, set \"hosts: many\" on each; "
                + "if that log is gone for good, run \"holdfast log forget \(log)\"")
    }

    private mutating func register() {
        primary.markPhase = .merged
        primary.phase = .catchingUp
    }

    /// Same life of the same data: what the mark covers is applied, the rest is applied as if live.
    private mutating func resume(_ own: Mark) {
        primary.knownMark = max(primary.knownMark, own.lsn)
        if primary.isDurable { primary.durableMark = max(primary.durableMark, own.lsn) }
        resolve(through: own.lsn)
        makeReady()
        if own.phase == .merged {
            primary.phase = .merged
        } else {
            primary.phase = .catchingUp
        }
    }

    /// Entries whose outcome was unknown are applied again: the mark says that they were not.
    private mutating func makeReady() {
        ledger.updateAll { entry in
            if entry.state == .unknown || entry.state == .sent { entry.state = .ready }
        }
    }

    /// The primary was wiped, set back or replaced: everything the log knows comes first, ids kept.
    private mutating func lostData(from lsn: LogSequenceNumber) {
        beginMerging(from: lsn)
        guard lsn + 1 < logFirst else {
            primary.phase = .merging(lsn + 1)
            return
        }
        guard policy.resyncsByItself else {
            return hold(
                HoldfastError(
                    .unavailable,
                    "the primary lacks entries before \(logFirst), which the log no longer holds; "
                        + "with \"resync: auto\" they are copied from a backup"))
        }
        primary.phase = .resyncing
    }

    /// What a mark covers is in the same commit as the mark, whatever was lost after it.
    private mutating func resolve(through lsn: LogSequenceNumber) {
        while let entry = ledger.pending.first, entry.lsn <= lsn { applied(entry.lsn) }
    }

    private mutating func beginMerging(from lsn: LogSequenceNumber) {
        resolve(through: lsn)
        primary.markPhase = .merging
        primary.knownMark = lsn
        primary.durableMark = 0
        makeReady()
    }

    /// Has the marks of each backup read anew: they say which logs a shared primary had, and another host may have come
    /// since the backup was connected.
    private mutating func askBackups() {
        guard policy.isShared else { return }
        for index in backups.indices { backups[index].needsMarks = true }
    }

    /// Whether no backup has said yet which logs a shared primary had.
    private var lacksRegistrations: Bool {
        policy.isShared && !backups.isEmpty && backups.allSatisfy(\.needsMarks)
    }

    /// Merges the next part of the log, or goes on when there is none.
    mutating func pumpMerge(from next: LogSequenceNumber) {
        guard next <= ledger.last else {
            primary.markPhase = .merged
            return apply([], mark(ledger.settledThrough, .merged))
        }
        let later = ledger.pending.filter { !isMerged($0) }.map(\.lsn)
        primary.isBusy = true
        actions.append(
            .replayPrimary(
                primary.generation, from: next, through: ledger.last, excluding: ledger.voided.union(later),
                mark(min(ledger.last, (later.first ?? .max) - 1), .merging)))
    }

    /// Whether the first barrier takes a pending entry along: this process does not know that nobody was told about it.
    ///
    /// A clear or a condition that a caller waits for again is decided by the primary instead, after the barrier: merged
    /// as it was versioned, it would not take what came before it from other hosts.
    private func isMerged(_ entry: PendingEntry) -> Bool {
        guard entry.isRecovered, policy.safeguards.contains(.mergeRecovered) else { return false }
        guard entry.state != .aborting, entry.state != .superseding else { return false }
        return !policy.isShared || entry.waiters.isEmpty || !entry.needsSerialiser
    }

    mutating func primaryReplayed(through lsn: LogSequenceNumber) {
        primary.isBusy = false
        primary.failureCount = 0
        guard case .merging = primary.phase else { return }
        for entry in ledger.pending.filter({ $0.lsn <= lsn && isMerged($0) }) { applied(entry.lsn) }
        primary.phase = .merging(lsn + 1)
    }

    mutating func primaryResynced(mark: LogSequenceNumber) {
        primary.isBusy = false
        primary.failureCount = 0
        guard primary.phase == .resyncing else { return }
        primary.phase = .merging(max(mark + 1, logFirst))
    }

    /// Everything that was pending is applied: the mark says so before anything is served.
    mutating func caughtUp() {
        guard primary.markPhase != .serving else {
            primary.phase = .recovered
            return pumpBarrier()
        }
        primary.markPhase = .serving
        apply([], mark(ledger.settledThrough, .serving))
    }

    /// A mark without entries is written: a phase is over.
    mutating func markWritten() {
        switch primary.phase {
        case .merging: primary.phase = .merged
        case .catchingUp: primary.phase = .recovered
        default: break
        }
    }

    /// Goes through a barrier when every registered log has got there.
    mutating func pumpBarrier() {
        switch primary.phase {
        case .unmarked:
            meetUnmarkedPrimary()
            if primary.phase != .unmarked { pumpPrimary() }
        case .resyncing:
            let source = backups.firstIndex {
                $0.phase == .following && $0.isMarked && !$0.needsMarks && !$0.isBusy
            }
            guard let source else { return }
            primary.isBusy = true
            actions.append(.resyncPrimary(primary.generation, fromBackup: source))
        case .merged, .recovered:
            guard policy.isShared else { return passBarrier() }
            guard !primary.isWaiting else { return }
            primary.isBusy = true
            actions.append(.readPrimaryMarks(primary.generation))
        default: break
        }
    }

    mutating func primaryMarksRead(_ marks: [Mark]) {
        primary.isBusy = false
        let wanted: Mark.Phase = primary.phase == .merged ? .merged : .serving
        let here = Set(marks.map(\.log))
        let isMissing =
            !primary.registeredLogs.isSubset(of: here)
            || backups.contains { !$0.registeredLogs.isSubset(of: here) }
            || primary.phase == .merged && lacksRegistrations
        let isBehind = marks.contains {
            $0.log != logID && ($0.incarnation != primary.incarnation || $0.phase < wanted)
        }
        guard isMissing || isBehind, policy.safeguards.contains(.barrier) else {
            primary.registeredLogs = here
            return passBarrier()
        }
        primary.isWaiting = true
        actions.append(.wake(.primary, attempt: 1))
    }

    private mutating func passBarrier() {
        switch primary.phase {
        case .merged: primary.phase = .catchingUp
        case .recovered:
            primary.phase = .up
            primary.failureCount = 0
        default: return
        }
        pumpPrimary()
        pumpWaiting()
        pumpLog()
    }
}
