import HoldfastChain
import HoldfastModel

/// A core whose actions are kept until a test says what becomes of them.
struct CoreBench {
    static let log = "the log"
    static let list = Address(namespace: "messages", key: "list")

    private(set) var core: ChainCore
    private(set) var actions: [ChainAction] = []
    private(set) var answers: [RequestID: CoreAnswer] = [:]

    init(
        _ policy: ChainPolicy = ChainPolicy(), backupCount: Int = 0, log entries: [LogEntry] = []
    ) {
        var scan = LogScan()
        for (offset, entry) in entries.enumerated() { scan.add(entry, at: UInt64(offset) + 1) }
        scan.settle()
        core = ChainCore(policy: policy, logID: Self.log, scan: scan, backupCount: backupCount, node: 1)
        keep(core.start())
    }

    /// A core that serves, with backups that follow.
    static func up(_ policy: ChainPolicy = ChainPolicy(), backupCount: Int = 0, isDurable: Bool = true)
        -> CoreBench
    {
        var bench = CoreBench(policy, backupCount: backupCount)
        for index in 0..<backupCount { bench.connectBackup(index, isDurable: isDurable) }
        bench.connectPrimary(isDurable: isDurable)
        return bench
    }

    /// The wall clock, in Unix milliseconds.
    var now: UInt64 = 1_000

    mutating func step(_ event: ChainEvent) { keep(core.step(event, at: now)) }

    private mutating func keep(_ more: [ChainAction]) {
        for action in more {
            if case .answer(let request, let answer) = action {
                answers[request] = answer
            } else {
                actions.append(action)
            }
        }
    }

    /// Takes the first action that something can be made of.
    mutating func take<Found>(_ find: (ChainAction) -> Found?) -> Found? {
        for (position, action) in actions.enumerated() {
            guard let found = find(action) else { continue }
            actions.remove(at: position)
            return found
        }
        return nil
    }

    /// What was measured of log and primary.
    mutating func set(_ pace: BatchPace) { core.pace = pace }

    /// The log is full.
    mutating func drop() { core.dropUnreachableBackups() }

    // MARK: connections

    mutating func connectPrimary(
        mark lsn: LogSequenceNumber = 0, incarnation: String = "first", isDurable: Bool = true,
        foreign: [Mark] = []
    ) {
        let own = Mark(log: Self.log, lsn: lsn, incarnation: "first", phase: .serving)
        let view = ProviderView(
            incarnation: incarnation, isAtomic: true, isDurable: isDurable, marks: [own] + foreign)
        step(.primaryConnected(core.primary.generation, view))
    }

    mutating func connectBackup(_ index: Int, mark lsn: LogSequenceNumber = 0, isDurable: Bool = true) {
        let own = Mark(log: Self.log, lsn: lsn, incarnation: "first", phase: .serving)
        let view = ProviderView(incarnation: "first", isAtomic: true, isDurable: isDurable, marks: [own])
        step(.backupConnected(index, generation: core.backups[index].generation, view))
    }

    mutating func failPrimary(
        _ flags: HoldfastError.Flags = .retryable, code: HoldfastError.Code = .unavailable
    ) {
        step(.primaryFailed(core.primary.generation, HoldfastError(code, "gone", flags: flags)))
    }

    // MARK: requests

    static func put(_ text: String) -> Change {
        Change(
            .put, Record(namespace: list.namespace, key: list.key, value: Bytes(text)), if: .newest,
            isItem: true)
    }

    static let clear = Change(.drop, Record(namespace: list.namespace, key: list.key), if: .newest)

    mutating func submit(_ id: RequestID, _ changes: [Change], key: String? = nil, ack: AckLevel = .primary) {
        let address = key.map { Address(namespace: IdempotencyRecord.namespace, key: Bytes($0)) }
        let claim = address.map { [IdempotencyRecord.claim($0, expiresAt: 0)] } ?? []
        step(.submitted([CoreRequest(id: id, changes: claim + changes, idempotency: address, ack: ack)]))
    }

    // MARK: what is under way

    /// The append that is under way becomes durable.
    @discardableResult
    mutating func finishAppend() -> [LogEntry] {
        guard let entries = take({ if case .append(let entries) = $0 { entries } else { nil } }) else {
            return []
        }
        step(.logAppended)
        return entries
    }

    /// The entries that are under way to the primary.
    mutating func takeApply() -> [PrimaryEntry]? {
        take { if case .applyPrimary(_, let entries, _) = $0 { entries } else { nil } }
    }

    /// Everything that is under way to the primary stands.
    mutating func finishApply() {
        guard let entries = takeApply() else { return }
        step(.primaryApplied(core.primary.generation, entries.map { $0.changes.map { _ in .applied } }))
    }

    /// The range that is under way to a backup.
    mutating func takeBackup(_ index: Int) -> ClosedRange<LogSequenceNumber>? {
        take {
            guard case .applyBackup(index, _, let from, let through, _, _) = $0 else { return nil }
            return from...through
        }
    }

    mutating func finishBackup(_ index: Int) {
        guard let range = takeBackup(index) else { return }
        step(.backupApplied(index, generation: core.backups[index].generation, through: range.upperBound))
    }

    /// Positions that an append aborts.
    static func aborted(_ entries: [LogEntry]) -> [LogSequenceNumber] {
        entries.compactMap { if case .abort(let lsn) = $0.body { lsn } else { nil } }
    }

    func refusal(of request: RequestID) -> HoldfastError? {
        if case .refused(let error) = answers[request] { error } else { nil }
    }

    func level(of request: RequestID) -> AckLevel? {
        if case .stored(_, let level, _) = answers[request] { level } else { nil }
    }
}
