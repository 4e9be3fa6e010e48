import HoldfastChain

/// One thing that happens next.
enum ExplorationMove: Hashable {
    /// What becomes of an append whose caller does not hear of success.
    enum LogFault: CaseIterable { case refused, lost, kept }
    /// What a primary holds when it returns.
    enum Return { case kept, wiped, setBack, setBackUnnoticed }

    case submits(Int), expires(Int), readsList(Int)
    case appended(Int), logHangs(Int), appendFails(Int, LogFault)
    case primaryAnswers(Int), primaryFails(Int, isKnown: Bool), noticesPrimary(Int)
    case backupAnswers(Int), backupFails(Int), noticesBackup(Int)
    case wakes(Int, Consumer), ages(Int)
    /// What was under way has had its effect or not.
    case crashes(Int, appended: Int, primary: Bool, backup: Bool, retries: Bool)
    case restarts(Int)
    /// The bits are the hosts whose operation still took effect.
    case primaryGoesDown(effects: UInt8), cutsOff(Int, effect: Bool), primaryReturns(Return), copiesPrimary
    case backupGoesDown(effects: UInt8), backupReturns(isWiped: Bool)

    /// Whether it is a thing that need not happen.
    var isFault: Bool {
        switch self {
        case .submits, .appended, .primaryAnswers, .noticesPrimary, .backupAnswers, .backupFails,
            .noticesBackup,
            .wakes, .restarts, .primaryReturns(.kept), .backupReturns(isWiped: false):
            false
        case .primaryFails: false
        default: true
        }
    }
}

extension ExplorationMove {
    /// The move in words, in the state that it was made in.
    func words(in state: ExplorationState) -> String {
        switch self {
        case .submits(let x): "\(Self.name(x)) submits \(state.hosts[x].operationName(state.setting, x))"
        case .expires(let x): "\(Self.name(x)) deadline passes"
        case .readsList(let x): "\(Self.name(x)) reads"
        case .appended(let x): "\(Self.name(x)) logs \(state.hosts[x].appendWords)"
        case .logHangs(let x): "\(Self.name(x)) log hangs on \(state.hosts[x].appendWords)"
        case .appendFails(let x, let fault):
            "\(Self.name(x)) log fails on \(state.hosts[x].appendWords), \(fault)"
        case .primaryAnswers(let x): "\(Self.name(x)) primary does \(state.hosts[x].primaryWords)"
        case .primaryFails(let x, let isKnown):
            "\(Self.name(x)) primary fails on \(state.hosts[x].primaryWords)\(isKnown ? ", surely not done" : "")"
        case .noticesPrimary(let x): "\(Self.name(x)) notices the dead connection"
        case .backupAnswers(let x): "\(Self.name(x)) backup does \(state.hosts[x].backupWords)"
        case .backupFails(let x): "\(Self.name(x)) backup fails on \(state.hosts[x].backupWords)"
        case .noticesBackup(let x): "\(Self.name(x)) notices that the backup is gone"
        case .wakes(let x, let consumer): "\(Self.name(x)) wakes for \(consumer)"
        case .ages(let x): "\(Self.name(x)) trims"
        case .crashes(let x, let appended, let primary, let backup, let retries):
            "\(Self.name(x)) CRASHES (\(appended) logged\(primary ? ", primary did it" : "")"
                + "\(backup ? ", backup did it" : ""), \(retries ? "retry" : "give up"))"
        case .restarts(let x): "\(Self.name(x)) restarts"
        case .primaryGoesDown(let effects): "PRIMARY DOWN\(effects == 0 ? "" : ", done by \(effects)")"
        case .cutsOff(let x, let effect): "PRIMARY CUT OFF from \(Self.name(x))\(effect ? ", done" : "")"
        case .primaryReturns(let back): "primary returns \(back)"
        case .copiesPrimary: "a copy of the primary is kept"
        case .backupGoesDown(let effects): "BACKUP DOWN\(effects == 0 ? "" : ", done by \(effects)")"
        case .backupReturns(let isWiped): "backup returns\(isWiped ? " wiped" : "")"
        }
    }

    private static func name(_ host: Int) -> String { host == 0 ? "A:" : "B:" }
}
