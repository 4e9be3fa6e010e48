import HoldfastChain
import HoldfastModel

/// One host: the core, its log, and what the core has asked for and not heard of.
struct ExplorationHost {
    /// Nothing while it is crashed.
    var core: ChainCore?
    var log: [LogEntry] = []
    /// The lowest position that the log still holds.
    var logFirst: LogSequenceNumber = 1

    var append: [LogEntry]?
    var primaryAction: ChainAction?
    var isPrimaryAlive = false
    var backupAction: ChainAction?
    var isBackupAlive = false
    var wakes: Set<Consumer> = []

    /// The next operation of the program.
    var position = 0
    /// What the caller waits for.
    var request: RequestID?
    /// The caller tries once more what it does not know the outcome of.
    var isRetry = false

    var last: LogSequenceNumber { logFirst - 1 + LogSequenceNumber(log.count) }

    func entry(_ lsn: LogSequenceNumber) -> LogEntry { log[Int(lsn - logFirst)] }

    /// Whether a clear is being appended.
    var isLoggingClear: Bool {
        (append ?? []).contains { entry in
            guard case .changes(let changes, _) = entry.body else { return false }
            return changes.contains { $0.kind == .drop }
        }
    }

    /// What a restart reads.
    var scan: LogScan {
        var scan = LogScan()
        scan.first = logFirst
        scan.last = logFirst - 1
        for (offset, entry) in log.enumerated() { scan.add(entry, at: logFirst + UInt64(offset)) }
        scan.settle()
        return scan
    }

    /// Loses what is in memory.
    mutating func crash(keeping appended: Int) {
        log.append(contentsOf: append?.prefix(appended) ?? [])
        core = nil
        append = nil
        primaryAction = nil
        backupAction = nil
        isPrimaryAlive = false
        isBackupAlive = false
        wakes = []
        request = nil
    }

    mutating func trim(before lsn: LogSequenceNumber) {
        log.removeFirst(Int(lsn - logFirst))
        logFirst = lsn
    }
}

extension ExplorationHost {
    func hashEssence(into hasher: inout Hasher) {
        hasher.combine(core != nil)
        core?.hashEssence(into: &hasher)
        hasher.combine(logFirst)
        hasher.combine(log.count)
        for entry in log { entry.hashEssence(into: &hasher) }
        hasher.combine(append?.count)
        for entry in append ?? [] { entry.hashEssence(into: &hasher) }
        primaryAction.hashEssence(into: &hasher)
        backupAction.hashEssence(into: &hasher)
        hasher.combine(isPrimaryAlive)
        hasher.combine(isBackupAlive)
        hasher.combine(wakes)
        hasher.combine(position)
        hasher.combine(request)
        hasher.combine(isRetry)
    }
}

extension LogEntry {
    /// The versions say it all: no two entries of a search carry the same.
    fileprivate func hashEssence(into hasher: inout Hasher) {
        hasher.combine(resolvedThrough)
        switch body {
        case .abort(let lsn): hasher.combine(lsn)
        case .changes(let changes, let supersedes):
            hasher.combine(changes.last?.record.version)
            hasher.combine(supersedes)
        }
    }
}

extension ChainAction? {
    /// The action without the number of its connection: what comes over an earlier one is not kept here.
    fileprivate func hashEssence(into hasher: inout Hasher) {
        switch self {
        case .none: hasher.combine(0)
        case .applyPrimary(_, let entries, let mark):
            hasher.combine(1)
            hasher.combine(entries.map(\.lsn))
            hasher.combine(mark)
        case .replayPrimary(_, let from, let through, let excluding, let mark):
            hasher.combine(2)
            hasher.combine(from)
            hasher.combine(through)
            hasher.combine(excluding)
            hasher.combine(mark)
        case .resyncPrimary: hasher.combine(3)
        case .readPrimaryMarks: hasher.combine(4)
        case .applyBackup(_, _, let from, let through, let excluding, let mark):
            hasher.combine(5)
            hasher.combine(from)
            hasher.combine(through)
            hasher.combine(excluding)
            hasher.combine(mark)
        case .resyncBackup(_, _, let mark):
            hasher.combine(6)
            hasher.combine(mark)
        case .some(let other): hasher.combine(other)
        }
    }
}

// MARK: words

extension ExplorationHost {
    func operationName(_ setting: ExplorationSetting, _ x: Int) -> String {
        let operation = setting.program.operations[x][position]
        return String(UnicodeScalar(operation.name))
    }

    var appendWords: String { (append ?? []).map(Self.words).joined(separator: " ") }

    var primaryWords: String {
        switch primaryAction {
        case .applyPrimary(_, let entries, let mark):
            "\(entries.map { Self.words($0.changes) }.joined(separator: " ")) mark \(mark.lsn) \(mark.phase)"
        case .replayPrimary(_, let from, let through, let excluding, let mark):
            "replay \(from)...\(through) without \(excluding.sorted()) mark \(mark.lsn)"
        case .resyncPrimary: "resync"
        default: "\(primaryAction.map { "\($0)" } ?? "nothing")"
        }
    }

    var backupWords: String {
        switch backupAction {
        case .applyBackup(_, _, let from, let through, let excluding, _):
            "\(from)...\(through) without \(excluding.sorted())"
        case .resyncBackup(_, _, let mark): "resync to \(mark.lsn)"
        default: "nothing"
        }
    }

    private static func words(_ entry: LogEntry) -> String {
        switch entry.body {
        case .abort(let lsn): "abort(\(lsn))"
        case .changes(let changes, let supersedes):
            words(changes) + (supersedes.map { " for \($0)" } ?? "") + " r\(entry.resolvedThrough)"
        }
    }

    static func words(_ changes: [Change]) -> String {
        guard let change = changes.last else { return "nothing" }
        let name = change.kind == .drop ? "X" : String(UnicodeScalar(change.record.value[0]))
        let version = change.record.version
        return "\(name)@\(version.milliseconds).\(version.counter)"
    }
}
