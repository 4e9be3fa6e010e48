internal import HoldfastProviderKit

/// How a query is read from the file: which streams there are, and what they are bound to.
///
/// Parameters: 1 namespace, 2 key prefix, 3 what comes after every key with that prefix, 4 to 6 the place to
/// resume at (namespace, key, id), 7 the scalar that is looked for.
struct SQLiteScanPlan {
    private let query: ScanQuery
    private let index: (index: SQLiteFieldIndex, json: BorrowedBytes)?
    private let isReversed: Bool
    private let isDocumentsOnly: Bool
    private let isItemsOnly: Bool
    /// The lowest text above every key with the prefix, or nothing when there is none.
    private let upperBound: OwnedBytes?
    private let columns = "SELECT ns, key, id, version, flags, expires, value FROM records"

    /// Whether an index gives the candidates.
    var usesIndex: Bool { index != nil }

    /// Chooses an index, if one helps.
    init(_ query: ScanQuery, _ indexes: SQLiteFieldIndexes) {
        self.query = query
        isReversed = query.scope.contains(.reversed)
        upperBound = Self.upperBound(of: query.keyPrefix)
        index = Self.index(for: query, indexes)
        let kinds = query.scope.intersection([.documents, .items])
        isItemsOnly = kinds == .items
        isDocumentsOnly = kinds == .documents && index == nil
    }

    private static func index(
        for query: ScanQuery, _ indexes: SQLiteFieldIndexes
    ) -> (index: SQLiteFieldIndex, json: BorrowedBytes)? {
        if indexes.isEmpty || query.matches.isEmpty { return nil }
        guard let held = indexes.byNamespace[OwnedBytes(copying: query.namespace)] else {
            return nil
        }
        for match in query.matches {
            guard let index = held.first(where: { OwnedBytes($0.field).isEqual(to: match.field) }) else {
                continue
            }
            // A scalar that SQLite reads differently is found by reading the namespace.
            var scan = SQLiteFieldScan(fields: [])
            let isIrregular = unsafe match.json.withUnsafeBytes { unsafe scan.isIrregular($0) }
            if !isIrregular { return (index, match.json) }
        }
        return nil
    }

    /// The streams, bound and not yet run.
    func sources(of store: SQLiteStore) throws(SQLiteError) -> [SQLiteScanSource] {
        var sources: [SQLiteScanSource] = []
        if let index = index?.index {
            let wanted = "CASE WHEN json_valid(?7) THEN json_extract(?7, '$') END"
            for place in [wanted, "x''"] {
                let conditions = [index.condition, "\(index.expression) IS \(place)"]
                sources.append(try source(of: store, conditions, through: index))
            }
        } else {
            sources.append(try source(of: store, query.namespace.isEmpty ? [] : ["ns = ?1"]))
        }
        // A floor has no value, so it matches nothing.
        if query.scope.contains(.raw), query.matches.isEmpty { sources.append(try floors(of: store)) }
        return sources
    }

    private func source(
        of store: SQLiteStore, _ first: [String], through index: SQLiteFieldIndex? = nil
    ) throws(SQLiteError) -> SQLiteScanSource {
        var conditions = first + prefixConditions
        let sign = isReversed ? "<" : ">"
        if query.after != nil || isDocumentsOnly {
            conditions.append(
                query.namespace.isEmpty ? "(ns, key, id) \(sign) (?4, ?5, ?6)" : "(key, id) \(sign) (?5, ?6)")
        }
        // A raw scan of neither kind has only floors.
        if query.scope.isDisjoint(with: [.documents, .items]) { conditions.append("0") }
        if isItemsOnly { conditions.append("id > x''") }
        if query.scope.contains(.documents), !query.scope.contains(.items), !isDocumentsOnly {
            conditions.append("id = x''")
        }
        let direction = isReversed ? " DESC" : ""
        let order = (query.namespace.isEmpty ? ["ns", "key", "id"] : ["key", "id"]).map { $0 + direction }
        let filter = conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))"
        let statement = try store.scanStatement(
            "\(columns)\(filter) ORDER BY \(order.joined(separator: ", "))")
        bind(statement, filter)
        return SQLiteScanSource(statement, isReversed: isReversed, isDocumentsOnly: isDocumentsOnly)
    }

    private func floors(of store: SQLiteStore) throws(SQLiteError) -> SQLiteScanSource {
        var conditions = query.namespace.isEmpty ? [] : ["ns = ?1"]
        conditions += prefixConditions
        if let after = query.after {
            // In reverse the floor of the key is still ahead, unless its document was the last one.
            let sign = isReversed ? (after.id.isZero ? "<" : "<=") : ">"
            conditions.append(query.namespace.isEmpty ? "(ns, key) \(sign) (?4, ?5)" : "key \(sign) ?5")
        }
        let direction = isReversed ? " DESC" : ""
        let order = (query.namespace.isEmpty ? ["ns", "key"] : ["key"]).map { $0 + direction }
        let filter = conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))"
        let statement = try store.scanStatement(
            "SELECT ns, key, x'', version, \(RecordFlags.floor.rawValue), 0, x'' FROM floors\(filter) "
                + "ORDER BY \(order.joined(separator: ", "))")
        bind(statement, filter)
        return SQLiteScanSource(statement, isReversed: isReversed, isDocumentsOnly: false)
    }

    // MARK: - Parameters

    private var prefixConditions: [String] {
        if query.keyPrefix.isEmpty { return [] }
        return upperBound == nil ? ["key >= ?2"] : ["key >= ?2", "key < ?3"]
    }

    private static func upperBound(of prefix: BorrowedBytes) -> OwnedBytes? {
        var bytes = prefix.array
        while let last = bytes.popLast() {
            if last < 0xFF { return OwnedBytes(copying: bytes + [last + 1]) }
        }
        return nil
    }

    /// Binds the parameters that a statement has, borrowed from the query and from this plan.
    private func bind(_ statement: SQLiteStatement, _ filter: String) {
        func binds(_ position: Int32) -> Bool { filter.contains("?\(position)") }
        if binds(1) { statement.bind(1, text: query.namespace) }
        if binds(2) { statement.bind(2, text: query.keyPrefix) }
        if binds(3), let upperBound { statement.bind(3, text: upperBound.borrowed) }
        if let json = index?.json, binds(7) { statement.bind(7, text: json) }
        if let after = query.after {
            if binds(4) { statement.bind(4, text: after.address.namespace) }
            if binds(5) { statement.bind(5, text: after.address.key) }
            if binds(6) { bind(statement, after.id) }
        } else if isDocumentsOnly, binds(5) {
            bindEdge(statement)
        }
    }

    private func bind(_ statement: SQLiteStatement, _ id: Version) {
        if id.isZero {
            statement.bind(6, blob: .empty)
        } else {
            statement.bind(6, version: id)
        }
    }

    /// Before the first place, or behind the last: a BLOB sorts above every TEXT, an empty TEXT below.
    private func bindEdge(_ statement: SQLiteStatement) {
        let edge = isReversed ? SQLiteStore.aboveEveryID.borrowed : .empty
        for position: Int32 in [4, 5] {
            if isReversed {
                statement.bind(position, blob: edge)
            } else {
                statement.bind(position, text: edge)
            }
        }
        statement.bind(6, blob: edge)
    }
}
