internal import HoldfastProviderKit
internal import HoldfastSupport

/// A record that a scan found, with an address of its own.
struct FoundRecord: Sendable {
    let namespace: OwnedBytes
    let key: OwnedBytes
    let record: StoredRecord

    /// The address, lent for as long as this value is alive.
    var address: BorrowedAddress { BorrowedAddress(namespace: namespace.borrowed, key: key.borrowed) }

    /// Whether the value has what a query asks for.
    func matches(_ matches: MatchBuffer, _ host: HostServices) -> Bool {
        matches.isEmpty || !record.flags.contains(.bytes) && host.matches(record.value.borrowed, matches)
    }
}

/// A walk in the order of a query, one page of records at a time, so that nobody waits long for the lock.
struct MemoryScan {
    private struct Place: Sendable {
        let namespace: OwnedBytes
        let key: OwnedBytes
        let id: Version
    }

    /// How many records are looked at while the lock is held.
    private static let pageCount = 256

    private let query: ScanQuery
    private let milliseconds: Int64
    private var after: Place?
    private var isFinished: Bool
    private var remaining: UInt64
    private var lastFloor: FoundRecord?

    init(_ query: ScanQuery, at milliseconds: Int64) {
        self.query = query
        self.milliseconds = milliseconds
        remaining = query.limit
        isFinished = query.limit == 0
        after = query.after.map {
            Place(
                namespace: OwnedBytes(copying: $0.address.namespace),
                key: OwnedBytes(copying: $0.address.key),
                id: $0.id)
        }
    }

    /// Counts a record against the limit; a floor and the document of its key count once.
    ///
    /// - Returns: whether the limit has room for it.
    mutating func takes(_ found: FoundRecord) -> Bool {
        if found.record.id.isZero, let lastFloor, lastFloor.key == found.key,
            lastFloor.namespace == found.namespace
        {
            return true
        }
        guard remaining > 0 else { return false }
        remaining -= 1
        lastFloor = found.record.flags.contains(.floor) ? found : nil
        return true
    }

    /// The next records, or nothing after the last.
    mutating func nextPage(of space: MemorySpace) -> [FoundRecord]? {
        guard !isFinished else { return nil }
        let (page, last) = space.contents.withLock { collect($0) }
        after = last
        isFinished = last == nil
        return page
    }

    private func collect(_ contents: MemorySpace.Contents) -> ([FoundRecord], Place?) {
        var page: [FoundRecord] = []
        var budget = Self.pageCount
        for namespace in namespaces(contents) {
            let keys = namespace.inOrder()
            for index in indexes(of: keys, in: namespace.name) {
                let key = keys[index]
                guard let entry = namespace.find(key.borrowed) else { continue }
                let cursor = after.flatMap { $0.namespace == namespace.name && $0.key == key ? $0.id : nil }
                let last = walk(entry, from: cursor, &budget) { record in
                    page.append(FoundRecord(namespace: namespace.name, key: key, record: record))
                }
                if let last { return (page, Place(namespace: namespace.name, key: key, id: last)) }
            }
        }
        return (page, nil)
    }

    private func namespaces(_ contents: MemorySpace.Contents) -> [MemoryNamespace] {
        if !query.namespace.isEmpty {
            return contents.namespaces[LookupKey(query.namespace)].map { [$0] } ?? []
        }
        guard query.scope.contains(.raw) else { return [] }
        let isReversed = query.scope.contains(.reversed)
        return contents.namespaces.values
            .filter { namespace in
                guard let after else { return true }
                return isReversed ? namespace.name <= after.namespace : namespace.name >= after.namespace
            }
            .sorted { isReversed ? $1.name < $0.name : $0.name < $1.name }
    }

    /// The keys that are still ahead, the one of the cursor among them, in the order of the walk.
    private func indexes(of keys: [OwnedBytes], in namespace: OwnedBytes) -> StrideTo<Int> {
        let prefix = query.keyPrefix
        let place = after.flatMap { $0.namespace == namespace ? $0.key : nil }
        var lower = keys.partition { $0.borrowed < prefix }
        var upper = keys.partition { $0.borrowed < prefix || $0.borrowed.hasPrefix(prefix) }
        guard query.scope.contains(.reversed) else {
            if let place { lower = max(lower, keys.partition { $0 < place }) }
            return stride(from: lower, to: max(lower, upper), by: 1)
        }
        if let place { upper = min(upper, keys.partition { $0 <= place }) }
        return stride(from: upper - 1, to: min(upper, lower) - 1, by: -1)
    }

    /// Visits the records of one key.
    ///
    /// - Returns: the id of the last record visited when the budget was used up, nothing at the end of the key.
    private func walk(
        _ entry: MemoryKey, from cursor: Version?, _ budget: inout Int, _ visit: (StoredRecord) -> Void
    ) -> Version? {
        let isReversed = query.scope.contains(.reversed)
        if isReversed, let cursor, cursor.isZero { return nil }
        if !isReversed, cursor == nil {
            head(of: entry).forEach(visit)
            budget -= 1
            if budget <= 0 { return .zero }
        }
        if query.scope.contains(.items) {
            let range = isReversed ? ListRange(before: cursor ?? .zero) : ListRange(after: cursor ?? .zero)
            let indexes = entry.indexes(in: range)
            for step in 0..<indexes.count {
                let item = entry.items[isReversed ? indexes.upperBound - 1 - step : indexes.lowerBound + step]
                if isWanted(item) { visit(item) }
                budget -= 1
                if budget <= 0 { return item.id }
            }
        }
        guard isReversed else { return nil }
        head(of: entry).reversed().forEach(visit)
        budget -= 1
        return budget <= 0 ? .zero : nil
    }

    /// The floor and the document, which share the id zero.
    private func head(of entry: MemoryKey) -> [StoredRecord] {
        var head: [StoredRecord] = []
        if query.scope.contains(.raw), !entry.floor.isZero { head.append(StoredRecord(floor: entry.floor)) }
        if query.scope.contains(.documents), let document = entry.document, isWanted(document) {
            head.append(document)
        }
        return head
    }

    private func isWanted(_ record: StoredRecord) -> Bool {
        query.scope.contains(.raw) || record.isVisible(at: milliseconds)
    }
}

extension [OwnedBytes] {
    /// The index of the first element for which a predicate fails that holds for a run at the start.
    fileprivate func partition(where isBefore: (OwnedBytes) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
