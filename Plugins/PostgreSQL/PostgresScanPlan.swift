internal import HoldfastProviderKit

/// Where a scan stands: it goes on strictly behind this place.
struct PostgresScanPlace: Hashable, Sendable {
    let namespace: OwnedBytes
    let key: OwnedBytes
    /// Zero for the document and the floor of the key.
    let id: Version

    /// The order of (namespace, key, id).
    func precedes(_ other: Self) -> Bool {
        if namespace != other.namespace { return namespace < other.namespace }
        return key == other.key ? id < other.id : key < other.key
    }
}

/// How one page of a query is read: the SQL and its parameters.
struct PostgresScanPlan {
    private let query: ScanQuery
    private let isReversed: Bool
    private let facetCondition: String?
    private let upperBound: [UInt8]?

    /// Plans a query.
    ///
    /// - Parameters:
    ///   - query: what is asked.
    ///   - facets: the declared fields.
    ///   - usesFacets: whether everything in the namespace is filed under them.
    init(_ query: ScanQuery, _ facets: PostgresFacets, usesFacets: Bool) {
        self.query = query
        isReversed = query.scope.contains(.reversed)
        facetCondition = usesFacets ? facets.condition(for: query) : nil
        upperBound = Self.upperBound(of: query.keyPrefix.array)
    }

    /// Whether floors are part of the answer: they have no value, so they match nothing.
    var hasFloors: Bool { query.scope.contains(.raw) && query.matches.isEmpty }

    /// Whether records are part of the answer.
    var hasRecords: Bool { !query.scope.isDisjoint(with: [.documents, .items]) }

    /// A page of records.
    func records(
        _ tables: PostgresTables, after place: PostgresScanPlace?, limit: Int, now: Int64
    ) -> PostgresRequest {
        var sql = PostgresQueryText()
        common(&sql, place, columns: ["ns", "key", "id"])
        switch query.scope.intersection([.documents, .items]) {
        case .documents: sql.conditions.append("id = ''")
        case .items: sql.conditions.append("id > ''")
        default: break
        }
        if !query.scope.contains(.raw) {
            sql.conditions.append("flags & 2 = 0")
            sql.conditions.append("(expires = 0 OR expires > \(sql.integer(now)))")
        }
        if !query.matches.isEmpty { sql.conditions.append("flags & 3 = 0") }
        if let facetCondition { sql.conditions.append(facetCondition) }
        // The values of what is filtered are needed to compare them.
        let isBare = query.scope.contains(.keysOnly) && query.matches.isEmpty
        let value = isBare ? "''::bytea" : "value"
        return sql.request(
            "SELECT ns, key, id, version, flags, expires, \(value) FROM \(tables.records)",
            order: orderColumns(["ns", "key", "id"]), limit: limit)
    }

    /// A page of floors.
    func floors(_ tables: PostgresTables, after place: PostgresScanPlace?, limit: Int) -> PostgresRequest {
        var sql = PostgresQueryText()
        sql.conditions.append("floor <> ''")
        common(&sql, place, columns: ["ns", "key"])
        return sql.request(
            "SELECT ns, key, ''::bytea, floor, \(RecordFlags.floor.rawValue)::bigint, 0::bigint, ''::bytea "
                + "FROM \(tables.heads)", order: orderColumns(["ns", "key"]), limit: limit)
    }

    private func common(_ sql: inout PostgresQueryText, _ place: PostgresScanPlace?, columns: [String]) {
        let hasNamespace = !query.namespace.isEmpty
        if hasNamespace { sql.conditions.append("ns = \(sql.bytes(query.namespace.array))") }
        if !query.keyPrefix.isEmpty {
            sql.conditions.append("key >= \(sql.bytes(query.keyPrefix.array))")
            if let upperBound { sql.conditions.append("key < \(sql.bytes(upperBound))") }
        }
        guard let place else { return }
        let isFloor = columns.count == 2
        // In reverse the floor of a key is still ahead when an item of it was the last one.
        let sign = isReversed ? (isFloor && !place.id.isZero ? "<=" : "<") : ">"
        var values = [sql.bytes(place.key.borrowed.array)]
        if !isFloor { values.append(sql.version(place.id)) }
        if !hasNamespace { values.insert(sql.bytes(place.namespace.borrowed.array), at: 0) }
        let names =
            hasNamespace ? columns.dropFirst().joined(separator: ", ") : columns.joined(separator: ", ")
        sql.conditions.append("(\(names)) \(sign) (\(values.joined(separator: ", ")))")
    }

    private func orderColumns(_ columns: [String]) -> String {
        let own = query.namespace.isEmpty ? columns : Array(columns.dropFirst())
        return own.map { isReversed ? "\($0) DESC" : $0 }.joined(separator: ", ")
    }

    /// The lowest bytes above everything with a prefix, or nothing where there are none.
    static func upperBound(of prefix: [UInt8]) -> [UInt8]? {
        var bytes = prefix
        while let last = bytes.popLast() {
            if last < 0xFF { return bytes + [last + 1] }
        }
        return nil
    }
}

@available(*, unavailable) extension PostgresScanPlan: Sendable {}

/// SQL that is put together of conditions, each value a parameter.
struct PostgresQueryText {
    var conditions: [String] = []
    private var parameters = PostgresParameters()

    /// Adds a parameter and gives its name.
    mutating func bytes(_ value: [UInt8]) -> String {
        parameters.add(bytes: value)
        return "$\(parameters.count)::bytea"
    }

    /// Adds a parameter and gives its name.
    mutating func version(_ value: Version) -> String {
        parameters.add(value)
        return "$\(parameters.count)::bytea"
    }

    /// Adds a parameter and gives its name.
    mutating func integer(_ value: Int64) -> String {
        parameters.add(value)
        return "$\(parameters.count)::bigint"
    }

    /// The whole statement.
    func request(_ head: String, order: String, limit: Int) -> PostgresRequest {
        let filter = conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))"
        return PostgresRequest(sql: "\(head)\(filter) ORDER BY \(order) LIMIT \(limit)", parameters)
    }

    /// The whole statement with what stands behind the conditions.
    func request(_ head: String, tail: String = "") -> PostgresRequest {
        let filter = conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))"
        return PostgresRequest(sql: "\(head)\(filter)\(tail)", parameters)
    }
}
