import HoldfastChain
import HoldfastModel

/// What must never be.
///
/// The sentences are those of the failure matrix; a state that breaks one is reported and not searched further.
extension ExplorationState {
    /// What a look at this state finds, and the state after it was looked at: every state is read.
    struct Findings {
        var violations: Set<String> = []
        /// What is known and accepted after a crash and a loss of data.
        var residuals: Set<String> = []
        var isAtRest = false
    }

    mutating func check() -> Findings {
        var findings = Findings()
        if let complaint { findings.violations.insert(complaint) }
        for x in hosts.indices where hosts.count > 1 {
            guard let flagged = fallbackRead(x) else { continue }
            if Set(flagged).count < flagged.count { findings.violations.insert("flagged read: duplicate") }
            if !history.rejected.isDisjoint(with: flagged) {
                findings.violations.insert("flagged read: rejected write visible")
            }
        }
        if let read = fullRead {
            check(read, &findings)
            checkOrder(read, &findings)
            history.seen = read
        }
        if isAtRest {
            findings.isAtRest = true
            checkRest(&findings)
        }
        return findings
    }

    // MARK: reads

    /// What a host answers that promises everything: from the primary, or with one host from the backup.
    private var fullRead: [UInt8]? {
        for x in hosts.indices where hosts[x].isPrimaryAlive {
            switch hosts[x].core?.readPlan {
            case .primary: return primary.messages
            case .primaryOverlaid(let after, let through, let excluding):
                return overlaid(primary, x, after, through, excluding)
            default: continue
            }
        }
        return hosts.count == 1 ? fallbackRead(0) : nil
    }

    /// What a host answers from the backup and its own log.
    private func fallbackRead(_ x: Int) -> [UInt8]? {
        guard let core = hosts[x].core, hosts[x].isBackupAlive,
            case .backup(_, let after, let through, let excluding) = core.readPlan
        else { return nil }
        return overlaid(backup, x, after, through, excluding)
    }

    private func overlaid(
        _ store: ExplorationStore, _ x: Int, _ after: LogSequenceNumber, _ through: LogSequenceNumber,
        _ excluding: Set<LogSequenceNumber>
    ) -> [UInt8] {
        guard after < through else { return store.messages }
        var store = store
        for lsn in after + 1...through where !excluding.contains(lsn) {
            guard case .changes(let changes, _) = hosts[x].entry(lsn).body else { continue }
            store.merge(changes, skippingDuplicates: setting.policy.safeguards.contains(.keysInOverlay))
        }
        return store.messages
    }

    // MARK: what a read must hold

    private func check(_ read: [UInt8], _ findings: inout Findings) {
        if Set(read).count < read.count { findings.violations.insert("duplicate in a read") }
        if !history.rejected.isDisjoint(with: read) { findings.violations.insert("rejected write visible") }
        for message in history.acknowledged where !read.contains(message) && history.mustStay(message) {
            let isLate = history.clear == .unknown && history.submitted[message] == .during(.unknown)
            findings.violations.insert(
                isLate ? "acknowledged message missing, a late clear took it" : "acknowledged message missing"
            )
        }
        let before = history.wasBefore
        if history.clear == .done, !before.isDisjoint(with: read) {
            let sentence = "cleared message visible again"
            // It may have been merged as it was versioned; asked for again, it hears of that one.
            let isResidual =
                crashes > 0 && hasLostData && history.isClearLoggedWhileUp && history.isClearRetried
            if isResidual {
                findings.residuals.insert(sentence)
            } else {
                findings.violations.insert(sentence)
            }
        }
        if !before.isDisjoint(with: read), !before.isSubset(of: read) {
            findings.violations.insert("half-cleared list in a read")
        }
    }

    private mutating func checkOrder(_ read: [UInt8], _ findings: inout Findings) {
        let seen = history.seen
        guard read != seen else { return }
        let common = seen.filter(read.contains)
        let isSingle = Set(read).count == read.count
        if isSingle, read.filter(common.contains) != common {
            findings.violations.insert("order changed after it was read")
        }
        let new = read.filter { !seen.contains($0) }
        if let last = common.last, let end = read.firstIndex(of: last) {
            let inserted = read[..<end].filter(new.contains)
            let isResidual =
                crashes > 0 && hasLostData && history.acknowledgedAtLoss.isDisjoint(with: inserted)
            if !inserted.isEmpty {
                let sentence = "inserted before a message already read"
                if isResidual {
                    findings.residuals.insert(sentence)
                } else {
                    findings.violations.insert(sentence)
                }
            }
        }
        let gone = seen.filter { !read.contains($0) }
        for message in gone where history.mustStay(message) { findings.violations.insert("seen, then gone") }
        if !history.gone.isDisjoint(with: read) { findings.violations.insert("seen, gone, back again") }
        history.gone.formUnion(gone)
    }

    // MARK: rest

    /// Whether nothing is left to be done.
    private var isAtRest: Bool {
        guard isPrimaryUp, cutOff == nil, isBackupUp else { return false }
        return hosts.indices.allSatisfy { x in
            let host = hosts[x]
            guard let core = host.core, core.primary.phase == .up, host.isPrimaryAlive, host.isBackupAlive
            else {
                return false
            }
            return host.request == nil && host.position == setting.program.operations[x].count
                && host.append == nil && host.primaryAction == nil && host.backupAction == nil
                && core.backups[0].phase == .following && core.backups[0].mark >= host.last
                && core.ledger.pending.isEmpty
        }
    }

    private func checkRest(_ findings: inout Findings) {
        let here = primary.messages
        let there = backup.messages
        if primary.list.items != backup.list.items {
            findings.violations.insert(
                Set(here) != Set(there)
                    ? "rest: primary and backup hold different records"
                    : here != there ? "rest: primary and backup differ in order" : "rest: ids differ")
        }
        for messages in [here, there] {
            if Set(messages).count < messages.count { findings.violations.insert("rest: duplicate") }
            if !history.rejected.isDisjoint(with: messages) {
                findings.violations.insert("rest: rejected write stored")
            }
            let told = history.acknowledged.union(history.degraded)
            for message in told where history.mustStay(message) && !messages.contains(message) {
                findings.violations.insert("rest: acknowledged message lost")
            }
        }
        guard !setting.program.repeatsMessage, Set(here).count == here.count else { return }
        for operations in setting.program.operations {
            let told = history.acknowledged.union(history.degraded)
            let order = operations.filter { !$0.isClear }.map(\.name).filter {
                told.contains($0) && here.contains($0)
            }
            if here.filter(order.contains) != order {
                findings.violations.insert("rest: not the caller's order")
            }
        }
    }
}
