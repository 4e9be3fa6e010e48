import HoldfastChain
import HoldfastModel

/// What may happen next, and what then is.
extension ExplorationState {
    /// Every move that is possible.
    var moves: [ExplorationMove] {
        var moves: [ExplorationMove] = []
        for x in hosts.indices {
            guard let core = hosts[x].core else {
                moves.append(.restarts(x))
                continue
            }
            addCallerMoves(x, core, to: &moves)
            addProviderMoves(x, core, to: &moves)
            addCrashes(x, to: &moves)
        }
        addPrimaryOutages(to: &moves)
        addBackupOutages(to: &moves)
        return moves
    }

    private func addCallerMoves(_ x: Int, _ core: ChainCore, to moves: inout [ExplorationMove]) {
        let host = hosts[x]
        if host.request == nil, host.position < setting.program.operations[x].count {
            moves.append(.submits(x))
            if hosts.count > 1, newest(for: x) > core.clock.last { moves.append(.readsList(x)) }
        }
        // What is on the wire when its caller gives up may still arrive: no rule can help that.
        if host.request != nil, deadlines < setting.deadlines, host.primaryAction == nil {
            moves.append(.expires(x))
        }
        if host.append != nil {
            moves.append(.appended(x))
            if logFaults < setting.logFaults {
                for fault in ExplorationMove.LogFault.allCases { moves.append(.appendFails(x, fault)) }
                if !core.isLogHanging { moves.append(.logHangs(x)) }
            }
        }
        if setting.trims, core.primary.phase == .up, core.backups[0].phase == .following,
            min(core.primary.durableMark, core.backups[0].durableMark) >= host.logFirst
        {
            moves.append(.ages(x))
        }
    }

    private func addProviderMoves(_ x: Int, _ core: ChainCore, to moves: inout [ExplorationMove]) {
        let host = hosts[x]
        switch (host.primaryAction, host.isPrimaryAlive) {
        case (.some, true): moves.append(.primaryAnswers(x))
        case (.some, false): moves += [.primaryFails(x, isKnown: true), .primaryFails(x, isKnown: false)]
        case (.none, false) where core.primary.phase != .connecting: moves.append(.noticesPrimary(x))
        default: break
        }
        switch (host.backupAction, host.isBackupAlive) {
        case (.some, true): moves.append(.backupAnswers(x))
        case (.some, false): moves.append(.backupFails(x))
        case (.none, false) where core.backups[0].phase != .connecting: moves.append(.noticesBackup(x))
        default: break
        }
        for consumer in [Consumer.primary, .backup(0), .log] where host.wakes.contains(consumer) {
            moves.append(.wakes(x, consumer))
        }
    }

    private func addCrashes(_ x: Int, to moves: inout [ExplorationMove]) {
        guard crashes < setting.crashes else { return }
        let host = hosts[x]
        for appended in 0...(host.append?.count ?? 0) {
            for primary in host.primaryAction != nil && host.isPrimaryAlive ? [false, true] : [false] {
                for backup in host.backupAction != nil && host.isBackupAlive ? [false, true] : [false] {
                    for retries in host.request != nil ? [true, false] : [false] {
                        moves.append(
                            .crashes(
                                x, appended: appended, primary: primary, backup: backup, retries: retries))
                    }
                }
            }
        }
    }

    private func addPrimaryOutages(to moves: inout [ExplorationMove]) {
        if isPrimaryUp, cutOff == nil, outages < setting.outages {
            let busy = hosts.indices.filter { hosts[$0].primaryAction != nil && hosts[$0].isPrimaryAlive }
            for effects in Self.subsets(of: busy) { moves.append(.primaryGoesDown(effects: effects)) }
            if hosts.count > 1, setting.cuts {
                for x in hosts.indices {
                    moves.append(.cutsOff(x, effect: false))
                    if busy.contains(x) { moves.append(.cutsOff(x, effect: true)) }
                }
            }
            let canBeSetBack = setting.loss == .setBack || setting.loss == .setBackUnnoticed
            if canBeSetBack, copy == nil { moves.append(.copiesPrimary) }
        }
        guard !isPrimaryUp || cutOff != nil else { return }
        moves.append(.primaryReturns(.kept))
        guard !isPrimaryUp else { return }
        switch setting.loss {
        case .none: break
        case .wiped: moves.append(.primaryReturns(.wiped))
        case .setBack: if copy != nil { moves.append(.primaryReturns(.setBack)) }
        case .setBackUnnoticed: if copy != nil { moves.append(.primaryReturns(.setBackUnnoticed)) }
        }
    }

    private func addBackupOutages(to moves: inout [ExplorationMove]) {
        if isBackupUp, backupOutages < setting.backupOutages {
            let busy = hosts.indices.filter { hosts[$0].backupAction != nil && hosts[$0].isBackupAlive }
            for effects in Self.subsets(of: busy) { moves.append(.backupGoesDown(effects: effects)) }
        }
        guard !isBackupUp else { return }
        moves.append(.backupReturns(isWiped: false))
        if setting.wipesBackup { moves.append(.backupReturns(isWiped: true)) }
    }

    private static func subsets(of hosts: [Int]) -> [UInt8] {
        hosts.reduce([0]) { subsets, x in subsets + subsets.map { $0 | 1 << UInt8(x) } }
    }

    /// The highest version that a host would see if it read.
    private func newest(for x: Int) -> Version {
        guard let core = hosts[x].core else { return .zero }
        if core.primary.phase == .up, hosts[x].isPrimaryAlive { return primary.list.lastID }
        return hosts[x].isBackupAlive && core.backups[0].phase == .following ? backup.list.lastID : .zero
    }
}

// MARK: making a move

extension ExplorationState {
    /// The state after a move.
    func after(_ move: ExplorationMove) -> ExplorationState {
        var next = self
        next.make(move)
        return next
    }

    private mutating func make(_ move: ExplorationMove) {
        switch move {
        case .submits(let x): submit(x)
        case .expires(let x):
            deadlines += 1
            if let request = hosts[x].request { deliver(.deadlinePassed(request), to: x) }
        case .readsList(let x):
            let version = newest(for: x)
            let item = Record(namespace: "", key: "", id: version, version: version)
            hosts[x].core?.observe([item], at: setting.milliseconds(of: x))
        case .appended(let x): finishAppend(x)
        case .logHangs(let x):
            logFaults += 1
            deliver(.logHangs, to: x)
        case .appendFails(let x, let fault): failAppend(x, fault)
        case .primaryAnswers(let x): answerPrimary(x)
        case .primaryFails(let x, let isKnown): failPrimary(x, isKnown: isKnown)
        case .noticesPrimary(let x): failPrimary(x, isKnown: true)
        case .backupAnswers(let x): answerBackup(x)
        case .backupFails(let x), .noticesBackup(let x): failBackup(x)
        case .wakes(let x, let consumer): wake(x, consumer)
        case .ages(let x): deliver(.aged(through: hosts[x].last), to: x)
        case .crashes(let x, let appended, let onPrimary, let onBackup, let retries):
            if onPrimary { _ = takeEffect(onPrimary: x) }
            if onBackup { _ = takeEffect(onBackup: x) }
            crash(x, appended: appended, retries: retries)
        case .restarts(let x): start(x)
        case .primaryGoesDown(let effects): breakPrimary(for: Array(hosts.indices), effects: effects)
        case .cutsOff(let x, let effect):
            cutOff = x
            breakPrimary(for: [x], effects: effect ? 1 << UInt8(x) : 0)
        case .primaryReturns(let back): returnPrimary(back)
        case .copiesPrimary: copy = primary
        case .backupGoesDown(let effects): breakBackup(effects: effects)
        case .backupReturns(let isWiped):
            isBackupUp = true
            if isWiped { backup = ExplorationStore(hostCount: hosts.count) }
        }
    }

    private mutating func finishAppend(_ x: Int) {
        hosts[x].log.append(contentsOf: hosts[x].append ?? [])
        hosts[x].append = nil
        deliver(.logAppended, to: x)
    }

    private mutating func failAppend(_ x: Int, _ fault: ExplorationMove.LogFault) {
        logFaults += 1
        if fault == .kept { hosts[x].log.append(contentsOf: hosts[x].append ?? []) }
        hosts[x].append = nil
        deliver(.logFailed(fault == .refused ? .gone : .lost), to: x)
    }

    private mutating func breakPrimary(for cut: [Int], effects: UInt8) {
        outages += 1
        if cut.count == hosts.count { isPrimaryUp = false }
        // All effects come before anybody hears of the outage.
        for x in cut where effects & 1 << UInt8(x) != 0 { _ = takeEffect(onPrimary: x) }
        for x in cut {
            hosts[x].isPrimaryAlive = false
            if hosts[x].primaryAction != nil { failPrimary(x, isKnown: false) }
        }
    }

    private mutating func returnPrimary(_ back: ExplorationMove.Return) {
        isPrimaryUp = true
        cutOff = nil
        if back == .kept {
            copy = outages < setting.outages ? copy : nil
            return
        }
        hasLostData = true
        history.acknowledgedAtLoss = history.acknowledged
        let incarnation = primary.incarnation
        switch back {
        case .kept: break
        case .wiped: primary = ExplorationStore(hostCount: hosts.count)
        case .setBack, .setBackUnnoticed: primary = copy ?? primary
        }
        primary.incarnation = incarnation + (back == .setBackUnnoticed ? 0 : 1)
        copy = nil
    }

    private mutating func breakBackup(effects: UInt8) {
        backupOutages += 1
        isBackupUp = false
        for x in hosts.indices where effects & 1 << UInt8(x) != 0 { _ = takeEffect(onBackup: x) }
        for x in hosts.indices {
            hosts[x].isBackupAlive = false
            if hosts[x].backupAction != nil { failBackup(x) }
        }
    }
}
