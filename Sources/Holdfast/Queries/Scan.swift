internal import HoldfastChain
internal import HoldfastModel

/// Which records of a namespace are wanted, and in which order.
public struct Scan: Hashable, Sendable {
    /// In which direction a scan runs.
    public enum Order: Hashable, Sendable, CaseIterable {
        /// By key and then id, rising, in the order of their bytes.
        case ascending
        /// The other way round.
        case descending
    }

    /// Only keys that begin so; empty is all.
    public var prefix: String
    /// All must hold.
    public var filters: [Filter]
    /// See ``Order-swift.enum``.
    public var order: Order
    /// Leaves the values where they are: answers have keys, ids and times, and empty bytes.
    public var keysOnly: Bool

    /// Makes a scan.
    public init(
        prefix: String = "", where filters: [Filter] = [], order: Order = .ascending, keysOnly: Bool = false
    ) {
        self.prefix = prefix
        self.filters = filters
        self.order = order
        self.keysOnly = keysOnly
    }

    /// How many records a stream fetches at once.
    static let streamPageCount = 1000
}

/// A scan that was checked, and what its cursors are sealed with.
struct ScanQuestion: Sendable {
    private var query: Query

    init(_ scan: Scan, of what: Query.Scope, in namespace: Namespace) throws(HoldfastError) {
        var scope = what
        if scan.keysOnly { scope.insert(.keysOnly) }
        if scan.order == .descending { scope.insert(.reversed) }
        query = Query(
            namespace: try namespace.checked(), keyPrefix: try namespace.prefix(scan.prefix),
            matches: try scan.filters.map { filter throws(HoldfastError) in try filter.match() }, scope: scope
        )
    }

    func query(limit: Int, after cursor: Cursor?) throws(HoldfastError) -> Query {
        var query = query
        query.limit = UInt64(limit)
        if let cursor {
            let place = try cursor.place(in: seal)
            query.after = Query.Cursor(
                address: Address(namespace: query.namespace, key: place.key), id: place.id)
        }
        return query
    }

    func cursor(after record: Record) -> Cursor { Cursor(key: record.key, id: record.id, question: seal) }

    /// A cursor past everything at the key of a record, in ascending order.
    func cursor(afterKeyOf record: Record) -> Cursor { Cursor(key: record.key, id: .max, question: seal) }

    /// What decides the meaning of a cursor: all of the question but limit and values.
    private var seal: [UInt8] {
        var seal = [UInt8(truncatingIfNeeded: query.scope.subtracting(.keysOnly).rawValue)]
        let parts =
            [query.namespace, query.keyPrefix] + query.matches.flatMap { [Bytes($0.field), $0.json] }
        for part in parts { seal += Array(String(part.count).utf8) + [0] + part.array }
        return seal
    }
}

extension HistoryStore {
    /// One page of a scan.
    func page(
        _ question: ScanQuestion, limit: Int?, after cursor: Cursor?, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<Record, Cursor> {
        let limit = try PageLimit.checked(limit)
        let query = try question.query(limit: limit, after: cursor)
        let options = try Edge.checked(options)
        guard limit > 0 else { return Page([], next: nil) }
        let answer = try await backend.query(query, options)
        guard answer.records.count <= limit else {
            throw HoldfastError(
                .internal, "the backend answered \(answer.records.count) records for \(limit)")
        }
        let isFull = answer.records.count == limit
        return Page(
            answer.records, next: isFull ? answer.records.last.map(question.cursor(after:)) : nil,
            source: answer.source, degradations: answer.degradations)
    }
}
