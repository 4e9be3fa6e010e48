/// Everything that a store holds at one address, and the merge rule that decides it.
///
/// The state is a function of the set of changes, not of their order or number: apply is commutative, associative and
/// idempotent. The chain merges its overlay with it; a plugin may have the same rule in SQL or Lua.
public struct KeyState: Hashable, Sendable {
    /// The document, also when it is a tombstone.
    public private(set) var document: Record?
    /// The items by ascending id, tombstones among them.
    public private(set) var items: [Record]
    /// Puts at or below it change nothing.
    public private(set) var floor: Version

    /// An address that holds nothing, or what a store answered for it, in ascending order of ids.
    public init(document: Record? = nil, items: [Record] = [], floor: Version = .zero) {
        self.document = document
        self.items = items
        self.floor = floor
    }

    /// The highest id of the list, tombstones and the floor included: what a new item must be above.
    public var lastID: Version { max(items.last?.id ?? .zero, floor) }

    /// Applies one change by plain merge.
    ///
    /// - Returns: whether anything changed.
    @discardableResult
    public mutating func merge(_ change: Change) -> Bool {
        switch change.kind {
        case .put: put(change.record)
        case .drop: drop(upTo: change.record.version)
        case .check: false
        }
    }

    /// Applies one change if its condition holds.
    ///
    /// - Parameters:
    ///   - change: its version is assigned.
    ///   - milliseconds: the wall clock, for expiry.
    /// - Returns: the outcome; only ``ChangeOutcome/applied`` changes anything.
    public mutating func apply(_ change: Change, at milliseconds: Int64) -> ChangeOutcome {
        if let refusal = refusal(of: change, at: milliseconds) { return refusal }
        return merge(change) || change.kind == .check ? .applied : .unchanged
    }

    private mutating func put(_ record: Record) -> Bool {
        guard !record.id.isZero else {
            guard record.version > floor, record.version > document?.version ?? .zero else { return false }
            document = record
            return true
        }
        guard record.id > floor else { return false }
        let position = position(of: record.id)
        if position < items.count, items[position].id == record.id {
            guard record.version > items[position].version else { return false }
            items[position] = record
        } else {
            items.insert(record, at: position)
        }
        return true
    }

    private mutating func drop(upTo version: Version) -> Bool {
        let count = position(of: version.successor)
        let takesDocument = document.map { $0.version <= version } ?? false
        guard version > floor || count > 0 || takesDocument else { return false }
        items.removeFirst(count)
        if takesDocument { document = nil }
        floor = max(floor, version)
        return true
    }

    private func position(of id: Version) -> Int {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func item(_ id: Version) -> Record? {
        let position = position(of: id)
        return position < items.count && items[position].id == id ? items[position] : nil
    }

    private func refusal(of change: Change, at milliseconds: Int64) -> ChangeOutcome? {
        let record = change.record
        if change.kind == .put {
            let stored = change.isItem ? item(record.id) : document
            if let stored, stored.version == record.version { return .unchanged }
        }
        switch change.condition {
        case .none: return nil
        case .version(let expected):
            let current = change.isItem ? lastItemID : visibleDocumentVersion(at: milliseconds)
            guard current == expected else { return .conflict(seen: current) }
            // What is merged below what is there would be gone, and yet be acknowledged.
            return change.kind == .put ? staleness(of: change) : nil
        case .exists:
            guard let stored = item(record.id), stored.isVisible(at: milliseconds) else { return .notFound }
            return record.version > stored.version ? nil : .stale(seen: stored.version)
        case .newest: return staleness(of: change)
        }
    }

    private func staleness(of change: Change) -> ChangeOutcome? {
        let record = change.record
        let highest: Version
        if change.kind == .drop {
            highest = lastItemID
            return record.version < highest ? .stale(seen: highest) : nil
        } else if !change.isItem {
            highest = max(document?.version ?? .zero, floor)
        } else if let stored = item(record.id) {
            highest = stored.version
        } else {
            highest = lastID
            return record.id <= highest ? .stale(seen: highest) : nil
        }
        return record.version <= highest ? .stale(seen: highest) : nil
    }

    private var lastItemID: Version { items.last?.id ?? .zero }

    private func visibleDocumentVersion(at milliseconds: Int64) -> Version {
        guard let document, document.isVisible(at: milliseconds) else { return .zero }
        return document.version
    }
}

extension Version {
    /// The next higher version; the highest is its own successor.
    public var successor: Version {
        if low < .max { return Version(high: high, low: low + 1) }
        return high < .max ? Version(high: high + 1, low: 0) : self
    }
}
