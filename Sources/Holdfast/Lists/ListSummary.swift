internal import HoldfastChain
public import HoldfastModel

/// How long a list is, and when it was last added to.
public struct ListSummary: Hashable, Sendable {
    /// Which list.
    public let key: String
    /// Items that a reader sees.
    public private(set) var itemCount = 0
    /// The id of the oldest item, or nothing.
    public private(set) var firstID: Version?
    /// The id of the newest item, or nothing.
    public private(set) var lastID: Version?

    /// When the oldest item arrived.
    public var firstAppendedAt: Timestamp? { firstID.map(Timestamp.init) }
    /// When the newest item arrived.
    public var lastAppendedAt: Timestamp? { lastID.map(Timestamp.init) }

    init(key: String) { self.key = key }

    /// The list that a row of a provider's sums up, or nothing.
    init?(_ row: DomainRow) {
        guard let key = row.text("key"), let count = row.count("count"), let first = row.version("first"),
            let last = row.version("last"), count > 0, !first.isZero, first <= last,
            count > 1 || first == last
        else { return nil }
        self.key = key
        itemCount = count
        firstID = first
        lastID = last
    }

    mutating func add(_ id: Version) {
        itemCount += 1
        firstID = firstID ?? id
        lastID = id
    }
}

/// Summaries in the making, from records in the order of key and id.
struct ListTally: RecordTally {
    let limit: Int
    private var complete: [ListSummary] = []
    private var current: ListSummary?
    private var lastRecord: Record?

    init(limit: Int) { self.limit = limit }

    /// Counts a record, unless it belongs to a list beyond the limit: then no more are wanted.
    mutating func add(_ record: Record) throws(HoldfastError) -> Bool {
        if record.key != lastRecord?.key {
            if let current { complete.append(current) }
            current = nil
            guard complete.count < limit else { return false }
            current = ListSummary(key: try record.keyText)
        }
        current?.add(record.id)
        lastRecord = record
        return true
    }

    /// Counts a list, unless there are as many as are wanted.
    mutating func add(_ list: ListSummary) -> Bool {
        guard complete.count < limit else { return false }
        complete.append(list)
        lastRecord = Record(namespace: .empty, key: Bytes(list.key))
        return true
    }

    var elements: [ListSummary] { complete + (current.map { [$0] } ?? []) }

    func next(_ question: ScanQuestion) -> Cursor? { lastRecord.map(question.cursor(afterKeyOf:)) }
}
