import DequeModule
import HoldfastModel

/// The end of the log in memory: what backups still need, and where each address occurs in it.
///
/// Values are kept up to a limit; beyond it an entry keeps its addresses only, and its changes are read from the log.
struct LogTail {
    private struct Entry {
        var lsn: LogSequenceNumber
        var changes: [Change]?
        var addresses: [Address]
        var byteCount: Int
    }

    private static let byteCountMax = 64 << 20

    private var entries: Deque<Entry> = []
    private var index: [Address: [LogSequenceNumber]] = [:]
    private var cachedByteCount = 0
    /// Everything after this position is indexed.
    private(set) var indexedAfter: LogSequenceNumber
    /// The first entry whose changes may be cached.
    private var firstCached = 0

    init(after lsn: LogSequenceNumber) { indexedAfter = lsn }

    /// The last position that is indexed.
    var last: LogSequenceNumber { entries.last?.lsn ?? indexedAfter }

    /// Adds the next entry.
    mutating func append(_ entry: LogEntry, at lsn: LogSequenceNumber) {
        let made = Self.entry(entry, at: lsn)
        entries.append(made)
        cachedByteCount += made.byteCount
        for address in made.addresses { index[address, default: []].append(lsn) }
        evict()
    }

    /// Adds entries before the first one; they come in ascending order and end where the index begins.
    mutating func prepend(_ older: [(LogSequenceNumber, LogEntry)], after lsn: LogSequenceNumber) {
        var earlier: [Address: [LogSequenceNumber]] = [:]
        for (lsn, entry) in older.reversed() {
            var made = Self.entry(entry, at: lsn)
            made.changes = nil
            entries.prepend(made)
            firstCached += 1
            for address in made.addresses { earlier[address, default: []].append(lsn) }
        }
        for (address, lsns) in earlier {
            index[address, default: []].insert(contentsOf: lsns.reversed(), at: 0)
        }
        indexedAfter = lsn
    }

    private static func entry(_ entry: LogEntry, at lsn: LogSequenceNumber) -> Entry {
        guard case .changes(let changes, _) = entry.body else {
            return Entry(lsn: lsn, changes: [], addresses: [], byteCount: 0)
        }
        let addresses = changes.count == 1 ? [changes[0].address] : Array(Set(changes.map(\.address)))
        let byteCount = changes.reduce(0) { $0 + $1.record.value.count }
        return Entry(lsn: lsn, changes: changes, addresses: addresses, byteCount: byteCount)
    }

    private mutating func evict() {
        while cachedByteCount > Self.byteCountMax, firstCached < entries.count {
            entries[firstCached].changes = nil
            cachedByteCount -= entries[firstCached].byteCount
            firstCached += 1
        }
    }

    /// Lets go of what every backup has.
    mutating func trim(through lsn: LogSequenceNumber) {
        while let entry = entries.first, entry.lsn <= lsn {
            entries.removeFirst()
            if firstCached > 0 { firstCached -= 1 } else { cachedByteCount -= entry.byteCount }
            for address in entry.addresses { forget(entry.lsn, at: address) }
        }
        indexedAfter = max(indexedAfter, lsn)
    }

    private mutating func forget(_ lsn: LogSequenceNumber, at address: Address) {
        guard var lsns = index.removeValue(forKey: address) else { return }
        lsns.removeAll { $0 == lsn }
        if !lsns.isEmpty { index[address] = lsns }
    }

    /// Forgets everything: the end of the log is somewhere else.
    mutating func reset(after lsn: LogSequenceNumber) { self = LogTail(after: lsn) }

    /// The positions after one at which an address occurs.
    func positions(of address: Address, after lsn: LogSequenceNumber) -> [LogSequenceNumber] {
        (index[address] ?? []).filter { $0 > lsn }
    }

    /// The addresses of a namespace that occur, with their positions after one.
    func addresses(
        in namespace: Bytes, prefix: Bytes, after lsn: LogSequenceNumber
    ) -> [Address: [LogSequenceNumber]] {
        index.filter { $0.key.namespace == namespace && $0.key.key.hasPrefix(prefix) }
            .mapValues { lsns in lsns.filter { $0 > lsn } }
            .filter { !$0.value.isEmpty }
    }

    /// The changes of an entry, if they are in memory.
    func changes(at lsn: LogSequenceNumber) -> [Change]? {
        guard let first = entries.first, lsn >= first.lsn, lsn - first.lsn < UInt64(entries.count) else {
            return nil
        }
        return entries[Int(lsn - first.lsn)].changes
    }
}
