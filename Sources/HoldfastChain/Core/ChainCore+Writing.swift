import DequeModule
import HoldfastModel

/// Requests on their way into the log.
extension ChainCore {
    mutating func submit(_ request: CoreRequest) {
        if let address = request.idempotency, join(request, at: address) { return }
        waiting.append(request)
    }

    /// Lets a request with an idempotency key wait for the entry that already carries the key.
    private mutating func join(_ request: CoreRequest, at address: Address) -> Bool {
        guard policy.safeguards.contains(.idempotency) else { return false }
        let waiter = PendingEntry.Waiter(request: request.id, ack: request.ack)
        for entry in ledger.pending where entry.idempotency == address && entry.refusal == nil {
            guard entry.state != .superseding else { continue }
            ledger.update(entry.lsn) { $0.waiters.append(waiter) }
            if primary.isDown { settleWithoutPrimary(entry.lsn) }
            return true
        }
        for position in queue.indices {
            guard case .changes(_, idempotency: address, _, _) = queue[position].body else { continue }
            queue[position].waiters.append(waiter)
            return true
        }
        return false
    }

    /// Takes what waits into the queue of the log, or refuses it, as the primary's state says.
    mutating func pumpWaiting() {
        while let request = waiting.first {
            switch admission(of: request) {
            case .wait: return
            case .refuse(let error):
                waiting.removeFirst()
                actions.append(.answer(request.id, .refused(error)))
            case .decide:
                waiting.removeFirst()
                actions.append(.answer(request.id, .undecided))
            case .admit: enqueue(request, request.changes)
            case .admitDecided: enqueue(request, request.changes.map(\.decided))
            }
        }
    }

    private mutating func enqueue(_ request: CoreRequest, _ changes: [Change]) {
        waiting.removeFirst()
        queue.append(
            Draft(
                body: .changes(
                    changes, idempotency: request.idempotency, isFixed: request.isFixed, supersedes: nil),
                waiters: [PendingEntry.Waiter(request: request.id, ack: request.ack)]))
    }

    private enum Admission {
        case admit, admitDecided, wait, decide
        case refuse(HoldfastError)
    }

    private func admission(of request: CoreRequest) -> Admission {
        if isLogHanging { return .refuse(Self.logHang) }
        if case .reopening(let error) = logState { return .refuse(error) }
        if primary.holdReason != nil, !policy.acceptsWhileDown { return .refuse(primary.unavailability) }
        if primary.phase == .up { return .admit }
        guard primary.isDown || primary.holdReason != nil else {
            return policy.safeguards.contains(.waitBeforeLog) ? .wait : .admit
        }
        guard policy.acceptsWhileDown else { return .refuse(primary.unavailability) }
        if policy.isShared, request.changes.contains(where: \.needsSerialiser) {
            return .refuse(
                HoldfastError(
                    .unavailable,
                    "the primary is down, and a clear, a replacement or a condition needs it while hosts share it"
                ))
        }
        guard ledger.pendingByteCount < policy.pendingByteCountMax else {
            return .refuse(
                HoldfastError(
                    .exhausted, "\(ledger.pendingByteCount) bytes wait for the primary to return",
                    retryAfter: .seconds(1)))
        }
        guard request.changes.contains(where: \.isConditional) else { return .admit }
        return isDecided(request) ? .admitDecided : .decide
    }

    /// Whether nothing that its conditions look at is, or may yet be, other than when they were decided.
    ///
    /// Only this host writes, so what it has pending is all there is.
    private func isDecided(_ request: CoreRequest) -> Bool {
        guard let through = request.decidedThrough else { return false }
        let addresses = Set(request.changes.lazy.filter(\.isConditional).map(\.address))
        let isTouched = { (changes: [Change]) in changes.contains { addresses.contains($0.address) } }
        return !ledger.pending.contains { entry in
            entry.isUncertain(after: through) && isTouched(entry.changes)
        }
            && !queue.contains { draft in
                guard case .changes(let changes, _, _, _) = draft.body else { return false }
                return isTouched(changes)
            }
    }

    /// Starts an append of everything that is queued, if none is under way.
    mutating func pumpLog() {
        guard appending.isEmpty, logState == .open else { return }
        // Opened again, it has yet to show that it takes something.
        if isLogHanging, queue.isEmpty { queue.append(.probe) }
        guard !queue.isEmpty else { return }
        if isLogFailing, queue.allSatisfy(\.isAbort) { return wakeLog() }
        var entries: [LogEntry] = []
        var byteCount = 0
        // What the primary's own mark says; what is settled above it is void, and no mark will ever cover it alone.
        let resolved = primary.knownMark
        while let draft = queue.first, entries.isEmpty || byteCount < policy.batchByteCountMax {
            queue.removeFirst()
            let lsn = ledger.last + UInt64(entries.count) + 1
            switch draft.body {
            case .abort(let target): entries.append(LogEntry(.abort(target), resolvedThrough: resolved))
            case .changes(var changes, let idempotency, let isFixed, let supersedes):
                assignVersions(to: &changes, isFixed: isFixed, claims: idempotency != nil)
                let replaced = policy.safeguards.contains(.supersede) ? supersedes : nil
                entries.append(LogEntry(.changes(changes, supersedes: replaced), resolvedThrough: resolved))
                let entry = PendingEntry(
                    lsn: lsn, changes: changes, idempotency: idempotency, isFixed: isFixed, state: .appending,
                    waiters: draft.waiters, isAcknowledged: draft.isAcknowledged, isExposed: draft.isExposed,
                    isRecovered: false)
                byteCount += entry.byteCount
                ledger.add(entry)
            }
            appending.append(draft)
        }
        actions.append(.append(entries))
    }

    private mutating func assignVersions(to changes: inout [Change], isFixed: Bool, claims: Bool) {
        if isFixed {
            for change in changes { clock.observe(change.record.version) }
            return
        }
        for position in changes.indices where changes[position].record.version.isZero {
            guard changes[position].kind != .check else { continue }
            changes[position].assign(clock.next(at: now))
        }
        if claims { IdempotencyRecord.fill(&changes) }
    }

    mutating func logAppended() {
        let drafts = appending
        appending.removeAll()
        isLogFailing = false
        isLogHanging = false
        for draft in drafts {
            ledger.last += 1
            settle(draft, at: ledger.last)
        }
    }

    /// Draws the conclusions of one entry that has become durable.
    private mutating func settle(_ draft: Draft, at lsn: LogSequenceNumber) {
        switch draft.body {
        case .abort(let target):
            guard let entry = ledger.void(target), let refusal = entry.refusal else { return }
            answer(entry.waiters, refusal)
        case .changes(_, _, _, let supersedes):
            if let supersedes { ledger.void(supersedes) }
            ledger.lastVersioned = lsn
            ledger.update(lsn) { if $0.state == .appending { $0.state = .ready } }
            guard let entry = ledger[lsn], entry.state == .ready else { return }
            acknowledgeAtLog(lsn)
            if primary.isDown { settleWithoutPrimary(lsn) }
        }
    }

    private mutating func acknowledgeAtLog(_ lsn: LogSequenceNumber) {
        guard !policy.isShared || ledger[lsn]?.needsSerialiser == false, !isBehindCondition(lsn) else {
            return
        }
        ledger.update(lsn) { entry in
            let early = entry.waiters.filter { $0.ack == .log }
            guard !early.isEmpty, !entry.isConditional else { return }
            let versions = entry.versions
            let degradations: Set<CoreDegradation> = policy.isShared ? [.idMayChange] : []
            for waiter in early {
                actions.append(.answer(waiter.request, .stored(versions, .log, degradations)))
            }
            entry.waiters.removeAll { $0.ack == .log }
            entry.isAcknowledged = true
            acknowledgedNow.append(lsn)
        }
    }

    /// What callers hear while the log hangs: nothing of theirs was given to it.
    static let logHang = HoldfastError(
        .unavailable, "the log does not answer; nothing is stored", retryAfter: .seconds(1))

    /// Whoever waits behind the append that is under way hears so; it goes on, and tells by itself when the log is back.
    mutating func logHangs() {
        guard !isLogHanging, !appending.isEmpty, logState == .open else { return }
        isLogHanging = true
        refuseQueue(Self.logHang)
    }

    mutating func logFailed(_ error: HoldfastError) {
        if error.flags.contains(.maybeApplied) || error.flags.contains(.providerDead) {
            return loseLog(error)
        }
        // It says no, so it says something.
        isLogHanging = false
        let drafts = appending
        appending.removeAll()
        var next = ledger.last
        for draft in drafts {
            next += 1
            guard case .changes(_, _, _, let supersedes) = draft.body else {
                if draft != .probe { queue.append(draft) }
                continue
            }
            guard let entry = ledger.remove(next) else { continue }
            forgetDrafts(about: next)
            if let supersedes {
                takeBack(supersedes, waiters: entry.waiters)
            } else {
                answer(entry.waiters, .refused(error))
            }
        }
        refuseQueue(error)
        isLogFailing = true
    }

    /// What is left in the queue is tried again by itself, whoever has put it there.
    private mutating func wakeLog() {
        guard !isLogWaiting else { return }
        isLogWaiting = true
        actions.append(.wake(.log, attempt: 1))
    }

    /// A log that somebody could not read is opened again, unless an append is about to find out by itself.
    mutating func logLost(_ error: HoldfastError) {
        if logState == .open, appending.isEmpty { loseLog(error) }
    }

    private mutating func loseLog(_ error: HoldfastError) {
        isLogHanging = isLogHanging || error.code == .timeout
        // Of what comes now, nothing is in the log.
        var definite = error
        definite.flags.remove(.maybeApplied)
        logState = .reopening(definite)
        actions.append(.reopenLog)
        refuseQueue(definite)
    }

    /// A stale entry whose replacement could not be logged: it is refused as stale next time it is tried.
    private mutating func takeBack(_ lsn: LogSequenceNumber, waiters: [PendingEntry.Waiter]) {
        ledger.update(lsn) { entry in
            entry.state = .ready
            entry.waiters = waiters
        }
    }

    /// Removes from the queue what refers to an entry that never reached the log.
    private mutating func forgetDrafts(about lsn: LogSequenceNumber) {
        for position in queue.indices.reversed() {
            switch queue[position].body {
            case .abort(lsn): queue.remove(at: position)
            case .changes(let changes, let idempotency, let isFixed, supersedes: lsn):
                queue[position].body = .changes(
                    changes, idempotency: idempotency, isFixed: isFixed, supersedes: nil)
            default: break
            }
        }
    }

    private mutating func refuseQueue(_ error: HoldfastError) {
        let drafts = queue
        queue.removeAll()
        for draft in drafts {
            switch draft.body {
            case .abort: queue.append(draft)
            case .changes(_, _, _, let supersedes?): takeBack(supersedes, waiters: draft.waiters)
            case .changes: answer(draft.waiters, .refused(error))
            }
        }
    }

    mutating func logReopened(last: LogSequenceNumber) {
        guard case .reopening(let error) = logState else { return }
        var unknown = error
        unknown.flags.insert(.maybeApplied)
        logState = .open
        isLogFailing = false
        let drafts = appending
        appending.removeAll()
        let before = ledger.last
        for (offset, draft) in drafts.enumerated() {
            let lsn = before + UInt64(offset) + 1
            if lsn <= last {
                ledger.last = lsn
                if case .changes = draft.body {
                    answer(ledger[lsn]?.waiters ?? [], .refused(unknown))
                    ledger.update(lsn) { entry in
                        entry.waiters.removeAll()
                        entry.isRecovered = true
                    }
                }
                settle(draft, at: lsn)
            } else if case .changes(_, _, _, let supersedes) = draft.body {
                let waiters = ledger.remove(lsn)?.waiters ?? []
                // The entry that it would have replaced is still there.
                if let supersedes {
                    takeBack(supersedes, waiters: waiters)
                } else {
                    answer(waiters, .refused(error))
                }
            } else if draft != .probe {
                queue.append(draft)
            }
        }
    }
}

extension PendingEntry {
    /// Whether only the primary can say if the entry is taken.
    var isConditional: Bool { changes.contains(where: \.isConditional) }
}

extension Change {
    /// Whether only the primary can say if the change is taken; the claim of an idempotency key can wait.
    var isConditional: Bool {
        switch condition {
        case .version: claimedKey == nil
        case .exists: true
        case .none, .newest: false
        }
    }

    /// The change without its condition, which holds.
    fileprivate var decided: Change {
        guard isConditional else { return self }
        var decided = self
        if case .version = condition, kind == .put {
            decided.condition = .newest
        } else {
            decided.condition = .none
        }
        return decided
    }
}
