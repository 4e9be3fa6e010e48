import HoldfastModel
import HoldfastSupport

/// A log in memory; with a defect, something that the suite must find.
final class ReferenceLogProvider: LogProvider, Sendable {
    let name = "reference"
    let type = "reference"
    fileprivate let defect: LogDefect?
    fileprivate let contents = Guarded(ReferenceLogContents())

    init(defect: LogDefect? = nil) { self.defect = defect }

    func open(_ context: CallContext) async throws(HoldfastError) -> any LogStore { ReferenceLog(self) }
}

/// What a log may get wrong.
enum LogDefect: String, CaseIterable {
    case startsAtZero, skipsAnLSN, losesEmptyEntries, cutsAtNUL, pageIsEmptyWhenSmall, pageIgnoresSize
    case trimsOneTooMany, forgetsLSNWhenEmpty, trimMovesLast, losesLastOnClose, newIdentityOnOpen,
        readsInReverse
    case findsDamage, lostAppends
}

private struct ReferenceLogContents: Sendable {
    var first: UInt64 = 1
    var entries: [Bytes] = []
    var openCount = 0
}

private struct ReferenceLog: LogStore {
    let provider: ReferenceLogProvider
    let info: StoreInfo
    private var defect: LogDefect? { provider.defect }

    init(_ provider: ReferenceLogProvider) {
        self.provider = provider
        let life = provider.contents.withLock { contents in
            contents.openCount += 1
            return provider.defect == .newIdentityOnOpen ? contents.openCount : 0
        }
        info = StoreInfo(capabilities: [.durable], incarnation: "log \(life)")
    }

    func append(_ entries: [Bytes], _ context: CallContext) async throws(HoldfastError) -> UInt64 {
        if defect == .lostAppends {
            var contents = provider.contents.withLock { $0 }
            // Long enough for another append to begin, also where a single thread runs them all.
            for _ in 0..<200 { await Task.yield() }
            contents.entries += entries
            provider.contents.withLock { [contents] in $0 = contents }
            return contents.first + UInt64(contents.entries.count - entries.count)
        }
        return provider.contents.withLock { contents in
            let lsn = contents.first + UInt64(contents.entries.count)
            contents.entries += entries.filter { defect != .losesEmptyEntries || !$0.isEmpty }.map { entry in
                defect == .cutsAtNUL ? Bytes(Array(entry.array.prefix { $0 != 0 })) : entry
            }
            if defect == .skipsAnLSN, lsn == 7 { contents.entries.append(.empty) }
            return defect == .startsAtZero ? lsn - 1 : lsn
        }
    }

    func read(from lsn: UInt64, byteCountMax: Int, _ context: CallContext) async throws(HoldfastError)
        -> [LogRecord]
    {
        let contents = provider.contents.withLock { $0 }
        var page: [LogRecord] = []
        var size = 0
        for (offset, entry) in contents.entries.enumerated() where contents.first + UInt64(offset) >= lsn {
            let isFull = size + entry.count > byteCountMax && defect != .pageIgnoresSize
            if isFull, !page.isEmpty || defect == .pageIsEmptyWhenSmall { break }
            size += entry.count
            page.append(LogRecord(lsn: contents.first + UInt64(offset), payload: entry))
        }
        return defect == .readsInReverse ? page.reversed() : page
    }

    func bounds(_ context: CallContext) async throws(HoldfastError) -> LogBounds {
        provider.contents.withLock {
            LogBounds(first: $0.first, last: $0.first + UInt64($0.entries.count) - 1, byteCount: 0)
        }
    }

    func trim(before lsn: UInt64, _ context: CallContext) async throws(HoldfastError) {
        provider.contents.withLock { contents in
            let wanted = Int(clamping: lsn) - Int(contents.first) + (defect == .trimsOneTooMany ? 1 : 0)
            let count = min(max(0, wanted), contents.entries.count)
            contents.entries.removeFirst(count)
            contents.first += UInt64(count)
            if defect == .forgetsLSNWhenEmpty, contents.entries.isEmpty { contents.first = 1 }
            if defect == .trimMovesLast, lsn > contents.first { contents.first = lsn }
        }
    }

    func verify(_ context: CallContext) async throws(HoldfastError) -> [LogFinding] {
        guard defect == .findsDamage else { return [] }
        return [
            LogFinding(
                kind: .damaged, firstLSN: 1, lastLSN: 1, offset: 0, byteCount: 1, file: "none",
                message: "none")
        ]
    }

    func salvage(_ context: CallContext) async throws(HoldfastError) -> UInt64 {
        throw HoldfastError(.unsupported, "nothing to salvage")
    }

    func close() async {
        guard defect == .losesLastOnClose else { return }
        provider.contents.withLock { contents in
            if !contents.entries.isEmpty { contents.entries.removeLast() }
        }
    }
}
