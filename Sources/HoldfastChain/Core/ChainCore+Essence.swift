import DequeModule
import HoldfastModel

/// What a search over all interleavings compares.
extension ChainCore {
    /// Feeds everything that decides what the core will do, and nothing that only counts on without end: connections,
    /// failures beyond the highest that matters, the wording of errors.
    package func hashEssence(into hasher: inout Hasher) {
        hasher.combine(clock)
        hasher.combine(ledger)
        hasher.combine(logFirst)
        hasher.combine(logState)
        hasher.combine(isLogFailing)
        hasher.combine(isLogWaiting)
        hasher.combine(isLogHanging)
        hasher.combine(appending)
        hasher.combine(queue)
        hasher.combine(waiting)
        hasher.combine(backupWaits)
        hashPrimary(into: &hasher)
        for backup in backups { hash(backup, into: &hasher) }
    }

    private func hashPrimary(into hasher: inout Hasher) {
        hasher.combine(primary.phase)
        hasher.combine(primary.incarnation)
        hasher.combine(primary.isBusy)
        hasher.combine(primary.sent)
        hasher.combine(primary.sentMark)
        hasher.combine(primary.registeredLogs)
        hasher.combine(primary.markPhase)
        hasher.combine(primary.knownMark)
        hasher.combine(primary.durableMark)
        hasher.combine(min(primary.failureCount, policy.failureCountMax + 1))
        hasher.combine(primary.isDown)
        hasher.combine(primary.isIsolating)
        hasher.combine(primary.isWaiting)
        hasher.combine(primary.holdReason?.code)
    }

    private func hash(_ backup: BackupState, into hasher: inout Hasher) {
        hasher.combine(backup.phase)
        hasher.combine(backup.incarnation)
        hasher.combine(backup.mark)
        hasher.combine(backup.durableMark)
        hasher.combine(backup.isBusy)
        hasher.combine(backup.isWaiting)
        hasher.combine(backup.isIsolating)
        hasher.combine(backup.isDropped)
        hasher.combine(backup.hasAnswered)
        hasher.combine(backup.isMarked)
        hasher.combine(backup.needsMarks)
        hasher.combine(backup.poisonCount)
        hasher.combine(backup.registeredLogs)
        hasher.combine(backup.holdReason?.code)
    }
}
