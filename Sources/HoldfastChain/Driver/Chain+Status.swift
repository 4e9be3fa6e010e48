import HoldfastModel
import HoldfastSupport

extension Chain {
    /// See `Backend`.
    public var guarantees: Guarantees {
        Guarantees(
            isAtomic: core.primary.isAtomic, isDurable: log.info.capabilities.contains(.durable),
            isShared: settings.isShared, operations: operations)
    }

    /// See `Backend`.
    public func status() async -> BackendStatus {
        var members = [primaryStatus]
        for index in core.backups.indices { members.append(backupStatus(index)) }
        let logMember = await logStatus()
        members.append(logMember)
        let isDegradedButWritable = settings.onPrimaryFailure == .accept && core.primary.phase != .up
        let isReadable: Bool =
            if case .unavailable = core.readPlan { damage != nil && primary != nil } else { true }
        return BackendStatus(
            name: name,
            isWritable: logMember.state == "up" && (core.primary.phase == .up || isDegradedButWritable),
            isReadable: isReadable, members: members)
    }

    private var primaryStatus: BackendStatus.Member {
        let state = core.primary
        // A primary that serves lacks nothing but what is pending: what else is above its mark is void.
        let covered = state.phase == .up ? max(state.knownMark, core.ledger.settledThrough) : state.knownMark
        let lag = core.ledger.last - min(core.ledger.last, covered)
        var member = BackendStatus.Member(
            name: settings.primary.name, type: settings.primary.type, role: "primary",
            state: word(for: state),
            mark: state.knownMark, lag: lag, lagDuration: lagDuration(behind: covered),
            figures: settings.primary.figures)
        member.figures["pending_entries"] = Double(core.ledger.pending.count)
        note(state.holdReason ?? state.lastError, at: state.lastErrorTime, of: .primary, in: &member)
        return member
    }

    /// Adds what is wrong with a provider, or was wrong last with the answers of one that is up.
    private func note(
        _ error: HoldfastError?, at time: UInt64, of consumer: Consumer, in member: inout BackendStatus.Member
    ) {
        let bad = badAnswers[consumer] ?? BadAnswers()
        member.figures[BadAnswers.figure] = Double(bad.count)
        if member.state == "up" {
            member.lastError = bad.last?.error.description
            member.lastErrorTime = bad.last?.time
        } else if let error {
            member.lastError = error.description
            member.lastErrorTime = Int64(clamping: time)
        }
    }

    private func word(for state: PrimaryState) -> String {
        if damage != nil { return "read_only" }
        if state.holdReason != nil { return "held" }
        switch state.phase {
        case .up: return "up"
        case .connecting: return state.isDown ? "down" : state.failureCount > 0 ? "suspect" : "connecting"
        case .resyncing: return "resync"
        case .unmarked, .merging, .merged, .catchingUp, .recovered: return "catching_up"
        }
    }

    private func backupStatus(_ index: Int) -> BackendStatus.Member {
        let state = core.backups[index]
        let word =
            switch state.phase {
            // Connected, and yet to show that it takes what it has failed to take.
            case .following: state.failureCount > 0 && state.mark < core.ledger.last ? "suspect" : "up"
            case .resyncing: "resync"
            case .connecting:
                state.holdReason != nil ? "held" : state.failureCount > 0 ? "down" : "connecting"
            }
        let lag = core.ledger.last - min(core.ledger.last, state.mark)
        var member = BackendStatus.Member(
            name: settings.backups[index].name, type: settings.backups[index].type, role: "backup",
            state: word,
            mark: state.mark, lag: lag, lagDuration: lagDuration(behind: state.mark),
            figures: settings.backups[index].figures)
        member.figures["quarantined_entries"] = Double(state.quarantinedCount)
        note(state.holdReason ?? state.lastError, at: state.lastErrorTime, of: .backup(index), in: &member)
        return member
    }

    /// How long the first entry after a position has waited; nothing where there is none.
    private func lagDuration(behind mark: LogSequenceNumber) -> Duration? {
        guard mark < core.ledger.last else { return nil }
        return age(of: mark + 1).map(Duration.nanoseconds)
    }

    /// How many nanoseconds ago an entry came, as far as that is known.
    private func age(of lsn: LogSequenceNumber) -> Int64? {
        arrivals.age(of: lsn, at: environment.clock.monotonicNanoseconds)
    }

    private func logStatus() async -> BackendStatus.Member {
        var member = BackendStatus.Member(
            name: settings.log.name, type: settings.log.type, role: "log",
            state: damage != nil ? "read_only" : logFailure == nil ? "up" : "failing", mark: core.ledger.last,
            lastError: (damage ?? logFailure?.error)?.description,
            lastErrorTime: damage == nil ? logFailure?.time : nil, figures: settings.log.figures)
        // It would keep whoever asks waiting as well.
        guard !core.isLogHanging else { return member }
        do throws(HoldfastError) {
            let bounds = try await log.bounds(operationContext)
            let figures = [
                "first_lsn": Double(bounds.first), "last_lsn": Double(bounds.last),
                "bytes": Double(bounds.byteCount),
                "entries": Double(bounds.last + 1 - min(bounds.first, bounds.last + 1)),
                "age_seconds": Double(age(of: bounds.first) ?? 0) / 1e9,
            ]
            member.figures.merge(figures) { $1 }
        } catch {
            // A log that does not say how long it is takes nothing either.
            if member.state == "up" { member.state = "failing" }
            member.lastError = error.description
            member.lastErrorTime = environment.clock.unixMilliseconds
        }
        return member
    }
}
