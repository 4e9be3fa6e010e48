import DequeModule
import HoldfastModel

/// What becomes of requests when the primary fails, and of those whose time is up.
extension ChainCore {
    mutating func primaryFailed(_ error: HoldfastError) {
        let wasSent = primary.sent
        primary.sent.removeAll()
        primary.isBusy = false
        primary.lastError = error
        primary.lastErrorTime = now
        let isKnown = !error.flags.contains(.maybeApplied)
        for lsn in wasSent {
            ledger.update(lsn) { entry in
                guard entry.state == .sent else { return }
                entry.state = isKnown ? .ready : .unknown
                entry.isExposed = entry.isExposed || !isKnown
            }
        }
        if isKnown, let refusal = Self.refusal(error), primary.phase == .up || primary.phase == .catchingUp,
            !wasSent.isEmpty
        {
            return refuseOneByOne(wasSent, refusal)
        }
        if primary.phase == .connecting, error.needsOperator { return hold(error) }
        primary.holdReason = nil
        primary.failureCount += 1
        primary.phase = .connecting
        // A read may have found out first: what is still under way over this connection comes too late.
        primary.generation += 1
        primary.isIsolating = false
        // Who misses a deadline would keep every later request waiting as long; who is full takes a connection, and then
        // nothing.
        let isFutile = error.code == .timeout || error.code == .exhausted
        if primary.failureCount >= policy.failureCountMax || isFutile { goDown() }
        if primary.failureCount == 1, !primary.isDown { reconnectPrimary() } else { wakePrimary() }
    }

    /// Requests are not kept waiting for an opening that takes long; it is not begun anew.
    mutating func primaryOpensLate() {
        guard primary.phase == .connecting, !primary.isDown else { return }
        primary.lastError = Self.lateOpening
        primary.lastErrorTime = now
        goDown()
    }

    static let lateOpening = HoldfastError(.unavailable, "it is still being opened")

    /// The error, when it is about the entries and not about the connection.
    private static func refusal(_ error: HoldfastError) -> HoldfastError? {
        guard !error.flags.contains(.providerDead) else { return nil }
        return error.code == .invalid || error.code == .unsupported ? error : nil
    }

    private mutating func refuseOneByOne(_ lsns: [LogSequenceNumber], _ error: HoldfastError) {
        if lsns.count == 1 { abort(lsns[0], .refused(error)) } else { primary.isIsolating = true }
    }

    /// Does not use the primary before an operator has acted; it is looked at now and then, so that nothing need start
    /// again once somebody has.
    mutating func hold(_ error: HoldfastError) {
        primary.holdReason = error
        primary.lastError = error
        primary.lastErrorTime = now
        primary.failureCount += 1
        primary.phase = .connecting
        if !primary.isDown { goDown() }
        wakePrimary()
    }

    mutating func reconnectPrimary() {
        primary.generation += 1
        primary.isBusy = true
        primary.markPhase = nil
        actions.append(.connectPrimary(primary.generation))
    }

    private mutating func wakePrimary() {
        guard !primary.isWaiting else { return }
        primary.isWaiting = true
        actions.append(.wake(.primary, attempt: primary.failureCount))
    }

    mutating func woken(_ consumer: Consumer) {
        switch consumer {
        case .primary:
            primary.isWaiting = false
            guard !primary.isBusy else { return }
            switch primary.phase {
            case .connecting: reconnectPrimary()
            case .merged, .recovered:
                primary.isBusy = true
                actions.append(.readPrimaryMarks(primary.generation))
            case .unmarked, .resyncing, .merging, .catchingUp, .up: break
            }
        case .backup(let index): backupWoken(index)
        case .log:
            isLogFailing = false
            isLogWaiting = false
        }
    }

    /// Stops keeping requests waiting: they are refused, or acknowledged from the log, as the policy says.
    private mutating func goDown() {
        primary.isDown = true
        for lsn in ledger.pending.map(\.lsn) { settleWithoutPrimary(lsn) }
        guard !policy.acceptsWhileDown else { return }
        let drafts = queue
        queue.removeAll()
        for draft in drafts { refuseDraft(draft) }
    }

    private mutating func refuseDraft(_ draft: Draft) {
        switch draft.body {
        case .abort: queue.append(draft)
        case .changes(_, _, _, let supersedes):
            guard !draft.isAcknowledged, !draft.isExposed else {
                return queue.append(draft)
            }
            guard let supersedes else { return answer(draft.waiters, .refused(primary.unavailability)) }
            ledger.update(supersedes) { $0.waiters = draft.waiters }
            abort(supersedes, .refused(primary.unavailability))
        }
    }

    /// Decides one entry that the primary will not get now.
    mutating func settleWithoutPrimary(_ lsn: LogSequenceNumber) {
        guard let entry = ledger[lsn], !entry.waiters.isEmpty else { return }
        guard entry.state == .ready || entry.state == .unknown else { return }
        if canDoWithoutPrimary(entry) { return acknowledgeDegraded(lsn) }
        guard entry.state == .ready, entry.mayBeAborted else { return }
        // With one host a reader sees all that the primary would: once it is taken back, the driver decides it.
        let isDecidable = policy.acceptsWhileDown && !policy.isShared
        abort(lsn, isDecidable ? .undecided : .refused(primary.unavailability))
    }

    /// Whether the log alone may answer for an entry.
    private func canDoWithoutPrimary(_ entry: PendingEntry) -> Bool {
        policy.acceptsWhileDown && !(policy.isShared ? entry.needsSerialiser : entry.isConditional)
    }

    private func degraded(_ entry: PendingEntry) -> CoreAnswer {
        .stored(entry.versions, .log, policy.isShared ? [.primaryDown, .idMayChange] : [.primaryDown])
    }

    mutating func acknowledgeDegraded(_ lsn: LogSequenceNumber) {
        guard let entry = ledger[lsn], entry.state == .ready || entry.state == .unknown else { return }
        answer(entry.waiters, degraded(entry))
        ledger.update(lsn) { acknowledged in
            acknowledged.waiters.removeAll()
            acknowledged.isAcknowledged = true
            acknowledgedNow.append(lsn)
        }
    }

    /// Ends the wait of one request, saying no more than what is certain.
    ///
    /// A request that can be taken back hears of it when the abort is durable; asked a second time, it hears that its
    /// outcome is unknown.
    mutating func expire(_ request: RequestID) {
        if let position = waiting.firstIndex(where: { $0.id == request }) {
            waiting.remove(at: position)
            actions.append(.answer(request, .refused(Self.timeout(maybeApplied: false))))
        } else if let position = backupWaits.firstIndex(where: { $0.request == request }) {
            let wait = backupWaits.remove(at: position)
            let behind = backups.indices.filter { backups[$0].mark < wait.lsn }.map(
                CoreDegradation.backupBehind)
            actions.append(.answer(request, .stored(wait.versions, .primary, Set(behind))))
        } else if let position = queue.firstIndex(where: { $0.waiters.contains { $0.request == request } }) {
            expire(request, inQueueAt: position)
        } else if let entry = ledger.pending.first(where: { $0.waiters.contains { $0.request == request } }) {
            expire(request, of: entry)
        }
    }

    private mutating func expire(_ request: RequestID, inQueueAt position: Int) {
        let isLast = queue[position].waiters.count == 1
        if isLast, case .changes(_, _, _, supersedes: nil) = queue[position].body,
            !queue[position].isAcknowledged
        {
            queue.remove(at: position)
            actions.append(.answer(request, .refused(Self.timeout(maybeApplied: false))))
        } else {
            queue[position].isExposed = true
            queue[position].waiters.removeAll { $0.request == request }
            actions.append(.answer(request, .refused(Self.timeout(maybeApplied: true))))
        }
    }

    private mutating func expire(_ request: RequestID, of entry: PendingEntry) {
        if canDoWithoutPrimary(entry), [.ready, .sent, .unknown].contains(entry.state) {
            // The primary hangs, and the log has the entry.
            actions.append(.answer(request, degraded(entry)))
            acknowledgedNow.append(entry.lsn)
            return ledger.update(entry.lsn) { entry in
                entry.waiters.removeAll { $0.request == request }
                entry.isAcknowledged = true
            }
        }
        if entry.state == .ready, entry.mayBeAborted, entry.waiters.count == 1 {
            return abort(entry.lsn, .refused(Self.timeout(maybeApplied: false)))
        }
        ledger.update(entry.lsn) { entry in
            if entry.state != .aborting { entry.isExposed = true }
            entry.waiters.removeAll { $0.request == request }
        }
        actions.append(.answer(request, .refused(Self.timeout(maybeApplied: true))))
    }

    private static func timeout(maybeApplied: Bool) -> HoldfastError {
        HoldfastError(
            .timeout,
            maybeApplied
                ? "the deadline passed before the outcome was known; a retry with the same idempotency key is safe"
                : "the deadline passed before the write was taken; nothing is stored",
            flags: maybeApplied ? [.retryable, .maybeApplied] : .retryable)
    }
}

extension HoldfastError {
    /// Whether connecting again cannot help until somebody has acted.
    var needsOperator: Bool {
        code == .invalid || code == .unsupported || code == .permission || code == .corrupt
            || code == .internal
    }
}
