import DequeModule
import HoldfastModel

/// Entries on their way to the primary, and what it says of them.
extension ChainCore {
    /// Sends the primary what comes next, if nothing is under way.
    mutating func pumpPrimary() {
        guard !primary.isBusy, primary.holdReason == nil else { return }
        switch primary.phase {
        case .connecting, .unmarked, .resyncing, .merged, .recovered: pumpBarrier()
        case .merging(let next): pumpMerge(from: next)
        case .catchingUp, .up: pumpEntries()
        }
    }

    private mutating func pumpEntries() {
        abortLateDrops()
        let batch = nextBatch()
        guard batch.isEmpty else { return send(batch) }
        if primary.phase == .catchingUp, ledger.pending.allSatisfy({ $0.state == .appending }) { caughtUp() }
    }

    /// The longest run of pending entries, from the first on, that is ready to go.
    private func nextBatch() -> [PendingEntry] {
        var batch: [PendingEntry] = []
        let most = primary.phase == .up ? pace.limit(inFlightCount: inFlightCount) : .max
        var changeCount = 0
        var byteCount = 0
        let logFirst = policy.safeguards.contains(.logFirst)
        for entry in ledger.pending {
            guard entry.state == .ready || (!logFirst && entry.state == .appending) else { break }
            changeCount += entry.changes.count
            byteCount += entry.byteCount
            let isFull = changeCount > policy.batchChangeCountMax || byteCount > policy.batchByteCountMax
            guard batch.isEmpty || !(isFull || primary.isIsolating || batch.count >= most) else { break }
            batch.append(entry)
        }
        return batch
    }

    /// Entries that are not answered yet, or not to be.
    private var inFlightCount: Int { ledger.pending.count + queue.count }

    private mutating func send(_ batch: [PendingEntry]) {
        pace.sent(inFlightCount: inFlightCount)
        primary.sent = batch.map(\.lsn)
        for entry in batch { ledger.update(entry.lsn) { $0.state = .sent } }
        let mark = mark(
            ledger.settledThrough(after: batch[batch.count - 1].lsn), primary.markPhase ?? .serving)
        apply(batch.map { PrimaryEntry(lsn: $0.lsn, changes: $0.changes.map(live)) }, mark)
    }

    mutating func apply(_ entries: [PrimaryEntry], _ mark: Mark) {
        primary.isBusy = true
        primary.sentMark = mark.lsn
        actions.append(.applyPrimary(primary.generation, entries, mark))
    }

    func mark(_ lsn: LogSequenceNumber, _ phase: Mark.Phase) -> Mark {
        Mark(log: logID, lsn: lsn, incarnation: primary.incarnation, phase: phase)
    }

    private func live(_ change: Change) -> Change {
        var change = change
        let guardKind: Safeguards = change.kind == .drop ? .newestOnDrop : .newestOnPut
        if change.condition == .newest, !policy.safeguards.contains(guardKind) { change.condition = .none }
        if change.claimedKey != nil, !policy.safeguards.contains(.idempotency) { change.condition = .none }
        return change
    }

    mutating func primaryApplied(_ outcomes: [[ChangeOutcome]]) {
        primary.isBusy = false
        primary.failureCount = 0
        let sent = primary.sent
        primary.sent.removeAll()
        guard sent.count == outcomes.count else {
            return primaryFailed(
                HoldfastError(.internal, "\(outcomes.count) outcomes for \(sent.count) entries"))
        }
        for outcome in outcomes.joined() { observe(outcome) }
        let refused = zip(sent, outcomes).first { !$0.1.allSatisfy(\.stands) }
        guard let refused else {
            for lsn in sent { applied(lsn) }
            markMoved(to: primary.sentMark)
            if sent.isEmpty { markWritten() }
            primary.isIsolating = false
            return
        }
        for lsn in sent { ledger.update(lsn) { if $0.state == .sent { $0.state = .ready } } }
        refuse(refused.0, refused.1)
    }

    private mutating func observe(_ outcome: ChangeOutcome) {
        switch outcome {
        case .stale(let seen), .conflict(let seen):
            if seen.milliseconds <= now + policy.clockDriftMax || policy.clockDriftMax == 0 {
                clock.observe(seen)
            }
        default: break
        }
    }

    private mutating func markMoved(to lsn: LogSequenceNumber) {
        primary.knownMark = max(primary.knownMark, lsn)
        if primary.isDurable { primary.durableMark = max(primary.durableMark, lsn) }
    }

    /// Draws the conclusions of an entry that the primary has.
    mutating func applied(_ lsn: LogSequenceNumber) {
        guard let entry = ledger.remove(lsn) else { return }
        let versions = entry.versions
        for waiter in entry.waiters {
            if waiter.ack == .all, !backups.isEmpty {
                backupWaits.append(BackupWait(request: waiter.request, lsn: lsn, versions: versions))
            } else {
                actions.append(.answer(waiter.request, .stored(versions, .primary, [])))
            }
        }
    }

    /// Draws the conclusions of an entry that the primary refused; nothing of its batch was applied.
    private mutating func refuse(_ lsn: LogSequenceNumber, _ outcomes: [ChangeOutcome]) {
        guard let entry = ledger[lsn] else { return }
        if let address = entry.idempotency, let first = outcomes.first {
            // The claim carries the version of this very entry: it was applied before, as a whole.
            if first == .unchanged { return applied(lsn) }
            if case .conflict = first { return abort(lsn, .duplicate(address)) }
        }
        if entry.isFixed { return abort(lsn, .outcomes(outcomes)) }
        if let error = outcomes.lazy.compactMap({ $0.refusal }).first { return abort(lsn, .refused(error)) }
        let seen = outcomes.lazy.compactMap(\.staleVersion).max() ?? .zero
        guard policy.clockDriftMax == 0 || seen.milliseconds <= now + policy.clockDriftMax else {
            return abort(lsn, .refused(Self.driftError(seen.milliseconds, now: now)))
        }
        supersede(from: lsn)
    }

    private static func driftError(_ milliseconds: UInt64, now: UInt64) -> HoldfastError {
        HoldfastError(
            .invalid,
            "the newest version stored there is \(milliseconds - now) ms ahead of this host's clock, "
                + "expected no more than max_clock_drift; set the clocks right")
    }

    /// Takes an entry back: once the abort is durable, its waiters hear why.
    mutating func abort(_ lsn: LogSequenceNumber, _ answer: CoreAnswer) {
        guard policy.safeguards.contains(.abort) else {
            if let entry = ledger.void(lsn) { self.answer(entry.waiters, answer) }
            // The ablation forgets the entry in this process only; a restart finds it in the log.
            return
        }
        ledger.update(lsn) { entry in
            entry.state = .aborting
            entry.refusal = answer
        }
        queue.append(Draft(body: .abort(lsn)))
    }

    /// Logs a stale entry again with a new version, and with it every later pending entry of the same lists, in order.
    private mutating func supersede(from lsn: LogSequenceNumber) {
        var touched: Set<Address> = []
        var drafts: [Draft] = []
        for position in ledger.position(of: lsn)..<ledger.pending.count {
            let entry = ledger.pending[position]
            guard entry.lsn == lsn || policy.safeguards.contains(.supersedeTail) else { break }
            guard entry.state == .ready || entry.state == .appending else { continue }
            let addresses = Set(entry.changes.lazy.filter { $0.kind != .check }.map(\.address))
            guard entry.lsn == lsn || !touched.isDisjoint(with: addresses) else { continue }
            touched.formUnion(addresses)
            drafts.append(
                Draft(
                    body: .changes(
                        entry.changes.map(\.withoutVersion), idempotency: entry.idempotency, isFixed: false,
                        supersedes: entry.lsn),
                    waiters: entry.waiters, isAcknowledged: entry.isAcknowledged,
                    isExposed: entry.isExposed || entry.isRecovered))
            ledger.update(entry.lsn) { superseded in
                superseded.state = .superseding
                superseded.waiters.removeAll()
            }
        }
        // In front of what was queued later, so that the order of the list stays the order of its callers.
        for draft in drafts.reversed() { queue.prepend(draft) }
    }

    /// Aborts, on a shared primary, each drop for which nobody waits any more: applied late, it would take messages that
    /// came after it.
    private mutating func abortLateDrops() {
        guard policy.isShared, policy.safeguards.contains(.abortLateDrops) else { return }
        for entry in ledger.pending where entry.state == .ready && entry.waiters.isEmpty && !entry.isFixed {
            guard entry.changes.contains(where: { $0.kind == .drop && $0.condition == .newest }) else {
                continue
            }
            abort(entry.lsn, .refused(HoldfastError(.cancelled, "nobody waits for the clear any more")))
        }
    }
}

extension Change {
    /// The change as it was before the host assigned a version to it.
    fileprivate var withoutVersion: Change {
        guard isReversionable else { return self }
        var change = self
        change.assign(.zero)
        return change
    }
}

extension ChangeOutcome {
    /// What the caller hears of a refusal that no new version can repair.
    var refusal: HoldfastError? {
        switch self {
        case .applied, .unchanged, .stale: nil
        case .conflict(let seen):
            HoldfastError(
                .conflict, seen.isZero ? "nothing is stored there" : "version \(seen) is stored there",
                current: seen)
        case .notFound: HoldfastError(.notFound, "the item is not there")
        case .invalid(let reason): HoldfastError(.invalid, reason)
        }
    }

    fileprivate var staleVersion: Version? {
        if case .stale(let seen) = self { seen } else { nil }
    }
}
