import HoldfastChain
import HoldfastModel

/// One thing that a caller does.
struct ExplorationOperation: Hashable {
    /// The message, or the name of the clear.
    let name: UInt8
    let isClear: Bool
    /// The number of its idempotency key.
    let key: UInt8

    static func save(_ name: Character) -> ExplorationOperation {
        let name = name.asciiValue ?? 0
        let key: UInt8 = name == UInt8(ascii: "a") ? 0 : name == UInt8(ascii: "b") ? 1 : 2
        return ExplorationOperation(name: name, isClear: false, key: key)
    }

    static let clear = ExplorationOperation(name: UInt8(ascii: "X"), isClear: true, key: 3)

    /// The changes of the request.
    var changes: [Change] {
        let list = ExplorationStore.list
        let claim = IdempotencyRecord.claim(ExplorationStore.address(ofKey: key), expiresAt: 0)
        let record = Record(namespace: list.namespace, key: list.key, value: isClear ? .empty : Bytes([name]))
        return [claim, Change(isClear ? .drop : .put, record, if: .newest, isItem: !isClear)]
    }
}

/// What the callers of each host do, in order.
enum ExplorationProgram: String, CaseIterable {
    case one, t1, t2, t3, t4, pair, clearing

    var operations: [[ExplorationOperation]] {
        switch self {
        case .one: [[.save("a"), .save("b"), .clear, .save("d")]]
        case .t1: [[.save("a"), .clear], [.save("b")]]
        case .t2: [[.save("a"), .save("d")], [.save("b")]]
        case .t3: [[.save("a")], [.save("b"), .clear]]
        // The same idempotency key through both hosts.
        case .t4: [[.save("a")], [.save("a"), .save("b")]]
        // The smallest that show what becomes of two hosts after a crash and a loss of data.
        case .pair: [[.save("a")], [.save("b")]]
        case .clearing: [[.clear], [.save("b")]]
        }
    }

    var hostCount: Int { operations.count }
    /// Whether two callers save the same message.
    var repeatsMessage: Bool { self == .t4 }
}

/// What one search explores: a program, what may go wrong, and which mechanisms are on.
struct ExplorationSetting {
    /// What may become of the data of a provider in an outage.
    enum Loss { case none, wiped, setBack, setBackUnnoticed }

    var program: ExplorationProgram
    var policy = ChainPolicy()
    var crashes = 0
    var outages = 0
    /// Whether one host alone may lose the primary.
    var cuts = true
    var loss = Loss.none
    var backupOutages = 0
    var wipesBackup = false
    var deadlines = 0
    var logFaults = 0
    var trims = false
    var floors = true
    /// How many entries one replay takes.
    var replayChunk = Int.max
    /// Whether changes and mark move in one commit.
    var isAtomic = true
    var ack = AckLevel.primary

    init(
        _ program: ExplorationProgram, accepts: Bool = false, crashes: Int = 0, outages: Int = 0,
        loss: Loss = .none, backupOutages: Int = 0, deadlines: Int = 0
    ) {
        self.program = program
        self.crashes = crashes
        self.outages = outages
        self.loss = loss
        self.backupOutages = backupOutages
        self.deadlines = deadlines
        policy.acceptsWhileDown = accepts
        policy.isShared = program.hostCount > 1
        policy.failureCountMax = 1
    }

    /// The same with a part of it changed.
    func with(_ change: (inout ExplorationSetting) -> Void) -> ExplorationSetting {
        var copy = self
        change(&copy)
        return copy
    }

    /// The wall clocks stand still, one of them behind.
    func milliseconds(of host: Int) -> UInt64 { host == 0 ? 1_000 : 1_010 }
}

extension ExplorationSetting: CustomStringConvertible {
    var description: String {
        var words = [program.rawValue, policy.acceptsWhileDown ? "accept" : "reject"]
        if crashes > 0 { words.append("crashes \(crashes)") }
        if outages > 0 { words.append("outages \(outages)\(loss == .none ? "" : " (\(loss))")") }
        if backupOutages > 0 {
            words.append("backup outages \(backupOutages)\(wipesBackup ? " (wiped)" : "")")
        }
        if deadlines > 0 { words.append("deadlines \(deadlines)") }
        if logFaults > 0 { words.append("log faults \(logFaults)") }
        if trims { words.append("trim") }
        if !isAtomic { words.append("not atomic") }
        if ack != .primary { words.append("ack \(ack.rawValue)") }
        return words.joined(separator: ", ")
    }
}
