import DequeModule
package import HoldfastModel

/// Consumers that follow the log behind the primary.
extension ChainCore {
    mutating func backupConnected(_ index: Int, _ view: ProviderView) {
        backups[index].isBusy = false
        backups[index].incarnation = view.incarnation
        backups[index].isDurable = view.isDurable
        backups[index].registeredLogs = Set(view.marks.map(\.log)).subtracting([logID])
        backups[index].isDropped = false
        backups[index].hasAnswered = true
        backups[index].needsMarks = false
        if !policy.isShared, let other = view.marks.first(where: { $0.log != logID }) {
            return holdBackup(index, Self.foreignLogError(other.log))
        }
        backups[index].holdReason = nil
        let own = view.marks.first { $0.log == logID }
        backups[index].isMarked = !view.marks.isEmpty
        let mark = min(own?.lsn ?? 0, ledger.last)
        backups[index].mark = mark
        backups[index].durableMark = view.isDurable ? mark : 0
        // Without a mark it may lack what the primary held before this log began.
        backups[index].phase = own == nil || mark + 1 < logFirst ? .resyncing : .following
        // A full disk takes a connection, and then nothing: one that lacks something has yet to show that it takes it.
        if mark == ledger.last { backups[index].failureCount = 0 }
        settleBackupWaits()
    }

    /// Sends a backup what comes next, if nothing is under way.
    mutating func pumpBackup(_ index: Int) {
        guard !backups[index].isBusy, backups[index].holdReason == nil else { return }
        if backups[index].needsMarks, backups[index].phase != .connecting { return reconnectBackup(index) }
        switch backups[index].phase {
        case .connecting: return
        case .resyncing:
            guard primary.phase == .up, policy.resyncsByItself else { return }
            backups[index].isBusy = true
            let mark = backupMark(index, ledger.settledThrough)
            actions.append(.resyncBackup(index, generation: backups[index].generation, mark))
        case .following:
            let next = backups[index].mark + 1
            let limit = consumerLimit
            guard next <= limit, !gathers(index, from: next, through: limit) else { return }
            let through = backups[index].isIsolating ? next : limit
            backups[index].isBusy = true
            actions.append(
                .applyBackup(
                    index, generation: backups[index].generation, from: next, through: through,
                    excluding: ledger.voided, backupMark(index, through)))
        }
    }

    /// Whether nobody waits for a backup, and more for it is on its way: it then follows in fewer, larger batches.
    private mutating func gathers(
        _ index: Int, from next: LogSequenceNumber, through limit: LogSequenceNumber
    ) -> Bool {
        let isMoreComing = primary.isBusy || !appending.isEmpty || !queue.isEmpty
        let since = backups[index].gathersSince ?? now
        guard primary.phase == .up, isMoreComing, backupWaits.isEmpty,
            limit - next < policy.backupGatherCountMax, now - min(now, since) < policy.backupGatherTimeMax
        else {
            backups[index].gathersSince = nil
            return false
        }
        backups[index].gathersSince = since
        return true
    }

    private func backupMark(_ index: Int, _ lsn: LogSequenceNumber) -> Mark {
        Mark(log: logID, lsn: lsn, incarnation: backups[index].incarnation, phase: .serving)
    }

    /// How far consumers may read: up to the first entry that is pending, or with one host and `accept` up to the first
    /// that may still be aborted or that the primary may refuse.
    private var consumerLimit: LogSequenceNumber {
        guard policy.safeguards.contains(.consumersStop) else { return ledger.last }
        guard policy.acceptsWhileDown, !policy.isShared else { return ledger.settledThrough }
        let first = ledger.pending.first { $0.mayBeAborted || $0.isConditional || !$0.isSettledInLog }
        return min(ledger.last, first.map { $0.lsn - 1 } ?? ledger.last)
    }

    mutating func backupApplied(_ index: Int, through lsn: LogSequenceNumber) {
        backups[index].isBusy = false
        backups[index].failureCount = 0
        backups[index].poisonCount = 0
        backups[index].isIsolating = false
        backups[index].mark = max(backups[index].mark, lsn)
        backups[index].isMarked = true
        if backups[index].isDurable { backups[index].durableMark = backups[index].mark }
        settleBackupWaits()
    }

    mutating func backupResynced(_ index: Int, mark: LogSequenceNumber) {
        guard backups[index].phase == .resyncing else { return }
        backups[index].phase = .following
        backupApplied(index, through: mark)
    }

    mutating func backupFailed(_ index: Int, _ error: HoldfastError) {
        backups[index].isBusy = false
        backups[index].hasAnswered = true
        backups[index].lastError = error
        backups[index].lastErrorTime = now
        let isPoison = error.code == .invalid && !error.flags.contains(.providerDead)
        if isPoison, backups[index].phase == .following { return poisoned(index, error) }
        if backups[index].phase == .connecting, error.needsOperator {
            return holdBackup(index, error)
        }
        backups[index].holdReason = nil
        backups[index].failureCount += 1
        backups[index].phase = .connecting
        backups[index].isIsolating = false
        wakeBackup(index)
    }

    /// Nobody is kept waiting for an opening that takes long; what it may hold is still asked for.
    mutating func backupOpensLate(_ index: Int) {
        guard backups[index].phase == .connecting else { return }
        backups[index].lastError = Self.lateOpening
        backups[index].lastErrorTime = now
        backups[index].failureCount += 1
        settleBackupWaits()
    }

    /// Does not use a backup before an operator has acted; it is looked at now and then.
    private mutating func holdBackup(_ index: Int, _ error: HoldfastError) {
        backups[index].holdReason = error
        backups[index].lastError = error
        backups[index].lastErrorTime = now
        backups[index].failureCount += 1
        wakeBackup(index)
    }

    private mutating func poisoned(_ index: Int, _ error: HoldfastError) {
        guard backups[index].isIsolating else {
            backups[index].isIsolating = true
            return
        }
        backups[index].poisonCount += 1
        guard backups[index].poisonCount >= policy.poisonAttemptCountMax else {
            backups[index].isBusy = true
            return wakeBackup(index)
        }
        let lsn = backups[index].mark + 1
        backups[index].quarantinedCount += 1
        actions.append(.quarantine(index, lsn, error))
        backupApplied(index, through: lsn)
    }

    mutating func wakeBackup(_ index: Int) {
        guard !backups[index].isWaiting else { return }
        backups[index].isWaiting = true
        let attempt = max(backups[index].failureCount, backups[index].poisonCount, 1)
        actions.append(.wake(.backup(index), attempt: attempt))
    }

    mutating func backupWoken(_ index: Int) {
        guard backups[index].isWaiting else { return }
        backups[index].isWaiting = false
        switch backups[index].phase {
        case .connecting:
            reconnectBackup(index)
        case .following, .resyncing:
            // A refused entry is tried again, and so is a log that could not be read.
            backups[index].isBusy = false
        }
    }

    private mutating func reconnectBackup(_ index: Int) {
        backups[index].generation += 1
        backups[index].isBusy = true
        backups[index].phase = .connecting
        actions.append(.connectBackup(index, generation: backups[index].generation))
    }

    private mutating func settleBackupWaits() {
        let reached = backups.map(\.mark).min() ?? .max
        guard backupWaits.contains(where: { $0.lsn <= reached }) else { return }
        for wait in backupWaits where wait.lsn <= reached {
            actions.append(.answer(wait.request, .stored(wait.versions, .all, [])))
        }
        backupWaits.removeAll { $0.lsn <= reached }
    }
}

/// What the log may let go of.
extension ChainCore {
    mutating func flushed(_ consumer: Consumer, through lsn: LogSequenceNumber) {
        switch consumer {
        case .primary: primary.durableMark = max(primary.durableMark, min(lsn, primary.knownMark))
        case .backup(let index):
            backups[index].durableMark = max(backups[index].durableMark, min(lsn, backups[index].mark))
        case .log: break
        }
    }

    /// Asks for what trimming needs, and trims what nobody needs any more.
    mutating func aged(through lsn: LogSequenceNumber) {
        if primary.phase == .up, primary.durableMark < min(lsn, primary.knownMark) {
            actions.append(.flush(.primary))
        }
        var limit = min(lsn, primary.durableMark)
        // Without the highest version a host whose clock was set back would start below what it has stored.
        if ledger.lastVersioned > 0 { limit = min(limit, ledger.lastVersioned - 1) }
        for (index, backup) in backups.enumerated() where !backup.isDropped {
            if backup.phase == .following, backup.durableMark < min(lsn, backup.mark) {
                actions.append(.flush(.backup(index)))
            }
            limit = min(limit, backup.durableMark)
        }
        guard limit >= logFirst else { return }
        logFirst = limit + 1
        ledger.trim(before: logFirst)
        actions.append(.trim(before: logFirst))
    }

    /// Lets the log forget what an unreachable backup lacks; it is copied anew when it returns.
    package mutating func dropUnreachableBackups() {
        guard policy.dropsBackupWhenFull else { return }
        for index in backups.indices where backups[index].phase == .connecting {
            backups[index].isDropped = true
        }
    }
}

/// Where a read goes.
extension ChainCore {
    /// Where a read goes.
    package enum ReadPlan: Hashable, Sendable {
        case primary
        /// To the primary, with the log after a position laid over the answer: something there was answered, or may have
        /// been seen, and is on its way.
        case primaryOverlaid(
            overlayAfter: LogSequenceNumber, through: LogSequenceNumber, excluding: Set<LogSequenceNumber>)
        /// To a backup, with the log after its mark laid over the answer.
        case backup(
            Int, overlayAfter: LogSequenceNumber, through: LogSequenceNumber,
            excluding: Set<LogSequenceNumber>)
        case unavailable(HoldfastError)
    }

    /// Where a read goes now.
    package var readPlan: ReadPlan {
        if primary.phase == .up { return planForServing }
        if primary.phase != .connecting, !policy.safeguards.contains(.catchUpFirst) { return .primary }
        guard let index = backups.firstIndex(where: { $0.phase == .following }) else {
            return .unavailable(
                backups.isEmpty || primary.isDown
                    ? primary.unavailability
                    : HoldfastError(.unavailable, "the primary is catching up and no backup can be reached"))
        }
        guard policy.safeguards.contains(.overlay) else {
            return .backup(index, overlayAfter: ledger.last, through: ledger.last, excluding: [])
        }
        return .backup(
            index, overlayAfter: backups[index].mark, through: ledger.last, excluding: excludedFromOverlay)
    }

    /// On a shared primary the order of a list is not known before the primary has said it, so nothing is laid over it.
    private var planForServing: ReadPlan {
        guard !policy.isShared, policy.safeguards.contains(.overlay),
            let first = ledger.pending.first(where: { !$0.mayBeAborted && $0.lsn <= ledger.last })
        else { return .primary }
        return .primaryOverlaid(
            overlayAfter: first.lsn - 1, through: ledger.last, excluding: excludedFromOverlay)
    }
}

extension PendingEntry {
    /// Whether no later entry of the log can take the place of this one without the entry being acknowledged already.
    fileprivate var isSettledInLog: Bool { state == .ready || state == .sent || state == .unknown }

    /// Whether a reader of the log up to a position may not have seen the entry, or may have seen it and it goes away.
    func isUncertain(after lsn: LogSequenceNumber) -> Bool {
        self.lsn > lsn || mayBeAborted || isConditional || !isSettledInLog
    }
}
