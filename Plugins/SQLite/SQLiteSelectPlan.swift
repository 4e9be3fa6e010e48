internal import HoldfastProviderKit
internal import HoldfastSupport

/// A query as one statement of SQL.
///
/// Namespace, keys, scope and visibility are conditions on columns. The filter and the order are
/// `holdfast_place`, see ``SQLiteSelectFunction``; where the order is that of the table, the table's own order is used, and
/// SQLite stops at the last row of the page. A comparison with a declared field gives candidates from its index.
struct SQLiteSelectPlan {
    private static let place = "holdfast_place(key, id, version, flags, value)"
    private static let candidateCountMax = 64

    /// The statement.
    let sql: String
    /// The parameters, from 1.
    private let parameters: Parameters

    /// Texts, BLOBs and integers, each with its name in the statement.
    private struct Parameters {
        enum Value {
            case text(OwnedBytes)
            case blob(OwnedBytes)
            case integer(Int64)
        }

        private(set) var values: [Value] = []

        mutating func text(_ bytes: [UInt8]) -> String { add(.text(OwnedBytes(copying: bytes))) }
        mutating func blob(_ bytes: [UInt8]) -> String { add(.blob(OwnedBytes(copying: bytes))) }
        mutating func integer(_ value: Int64) -> String { add(.integer(value)) }

        private mutating func add(_ value: Value) -> String {
            values.append(value)
            return "?\(values.count)"
        }
    }

    /// Plans a query over a store that has some indexes.
    init(_ select: Select, _ indexes: SQLiteFieldIndexes, now: Int64) {
        var parameters = Parameters()
        let words = Self.words(for: select, indexes)
        let isByArrival = words != nil && select.order.count == 1 && select.order.first?.by == .id
        var conditions = Self.conditions(select, isByArrival: isByArrival, &parameters)
        var table = "records"
        if let words {
            table = Self.table(parameters.text(words), conditions, isByArrival ? Self.arrival(select) : nil)
            conditions = []
        } else if let (index, scalars) = Self.index(for: select, indexes) {
            let wanted = scalars.map { "json_extract(\(parameters.text($0)), '$')" } + ["x''"]
            conditions.append(
                "\(index.condition) AND \(index.expression) IN (\(wanted.joined(separator: ", ")))")
        }
        conditions.append("flags & 2 = 0 AND (expires = 0 OR expires > \(parameters.integer(now)))")
        if select.filter != nil || select.after != nil { conditions.append("\(Self.place) IS NOT NULL") }
        let source = "FROM \(table) WHERE \(conditions.joined(separator: " AND "))"
        switch select.answer {
        case .count: sql = "SELECT count(*) \(source)"
        case .groups: sql = "SELECT \(Self.place), count(*) \(source) GROUP BY 1"
        case .records(let hasValues):
            let value = hasValues ? "value" : "x''"
            let limit = parameters.integer(Int64(select.limit))
            let page = "LIMIT \(limit) OFFSET \(parameters.integer(Int64(select.offset)))"
            // Candidates that come in the order of arrival are compared only until the page is full.
            let order = isByArrival ? "" : "ORDER BY \(Self.order(select)) "
            sql = "SELECT ns, key, id, version, flags, expires, \(value) \(source) \(order)\(page)"
        }
        self.parameters = parameters
    }

    /// Plans to sum up lists: of each its key, how many items it has, and the ids of the first and the last.
    init(summingUp select: Select, now: Int64) {
        var parameters = Parameters()
        var conditions = Self.conditions(select, isByArrival: false, &parameters)
        conditions.append("flags & 2 = 0 AND (expires = 0 OR expires > \(parameters.integer(now)))")
        sql = """
            SELECT key, count(*), min(id), max(id) FROM records WHERE \(conditions.joined(separator: " AND "))
            GROUP BY key ORDER BY key LIMIT \(parameters.integer(Int64(select.limit)))
            """
        self.parameters = parameters
    }

    /// What namespace, keys, scope and place say of columns.
    private static func conditions(
        _ select: Select, isByArrival: Bool, _ parameters: inout Parameters
    ) -> [String] {
        var conditions = ["ns = \(parameters.text(select.namespace))"]
        if let key = select.key {
            conditions.append("key = \(parameters.text(key))")
        } else if !select.prefix.isEmpty {
            conditions.append("key >= \(parameters.text(select.prefix))")
            if let bound = upperBound(of: select.prefix) {
                conditions.append("key < \(parameters.text(bound))")
            }
        }
        switch select.scope {
        case .documents: conditions.append("id = x''")
        case .items: conditions.append("id > x''")
        case .all: break
        }
        let isReversed = isByArrival ? select.isTieDescending : select.scanIsReversed
        if let after = select.after, let isReversed {
            let isDocument = after.id == SelectID(high: 0, low: 0)
            let key = parameters.text(after.key)
            let id = parameters.blob(isDocument ? [] : after.id.bytes)
            let (columns, values) = isByArrival ? ("id, key", "\(id), \(key)") : ("key, id", "\(key), \(id)")
            conditions.append("(\(columns)) \(isReversed ? "<" : ">") (\(values))")
        }
        return conditions
    }

    // MARK: words

    /// What to look up in the index of words, or nothing where there is none or a field's finds less.
    private static func words(for select: Select, _ indexes: SQLiteFieldIndexes) -> [UInt8]? {
        guard !indexes.withWords.isEmpty, indexes.withWords.contains(namespace(of: select)) else {
            return nil
        }
        return SQLiteWordIndex.question(select)
    }

    private static func namespace(of select: Select) -> OwnedBytes {
        OwnedBytes(String(decoding: select.namespace, as: UTF8.self))
    }

    private static func arrival(_ select: Select) -> String {
        select.isTieDescending ? "id DESC, key DESC" : "id, key"
    }

    /// The records that the index of words gives, in an order where one is asked for.
    private static func table(_ words: String, _ conditions: [String], _ order: String?) -> String {
        // The limit, which is none, keeps SQLite from leaving out the order of what it joins.
        let tail = order.map { "ORDER BY \($0) LIMIT -1" } ?? ""
        return """
            (SELECT ns AS in_ns, key AS in_key, id AS in_id FROM \(SQLiteWordIndex.candidates)
            WHERE word_index MATCH \(words) AND \(conditions.joined(separator: " AND ")) \(tail))
            CROSS JOIN records ON ns = in_ns AND key = in_key AND id = in_id
            """
    }

    private static func order(_ select: Select) -> String {
        guard let isReversed = select.scanIsReversed else { return place }
        return isReversed ? "key DESC, id DESC" : "key, id"
    }

    /// An index whose entries for some scalars, and for what SQLite reads in another way, are all that can match.
    private static func index(
        for select: Select, _ indexes: SQLiteFieldIndexes
    ) -> (SQLiteFieldIndex, [[UInt8]])? {
        guard let held = indexes.byNamespace[namespace(of: select)], let filter = select.filter else {
            return nil
        }
        let parts = if case .and(let filters) = filter { filters } else { [filter] }
        for part in parts {
            let scalars: [SelectScalar]
            let operand: SelectOperand
            switch part {
            case .compare(let left, .equal, let scalar): (operand, scalars) = (left, [scalar])
            case .isIn(let left, let several): (operand, scalars) = (left, several)
            default: continue
            }
            // A member of an object, not the position in an array.
            guard case .value(let tokens) = operand, tokens.count == 1, let name = tokens.first,
                name.contains(where: { !(48...57).contains($0) }), scalars.count <= candidateCountMax,
                let index = held.first(where: { $0.field.utf8.elementsEqual(name) }),
                scalars.allSatisfy(isRegular)
            else { continue }
            return (index, scalars.map(\.json))
        }
        return nil
    }

    /// Whether SQLite reads a scalar as the host does; `null` is filed with what has no such member.
    private static func isRegular(_ scalar: SelectScalar) -> Bool {
        var scan = SQLiteFieldScan(fields: [])
        let isIrregular = unsafe scalar.json.withUnsafeBytes { unsafe scan.isIrregular($0) }
        return !isIrregular && scalar.key != SortKey.null
    }

    private static func upperBound(of prefix: [UInt8]) -> [UInt8]? {
        var bytes = prefix
        while let last = bytes.popLast() {
            if last < 0xFF { return bytes + [last + 1] }
        }
        return nil
    }

    /// Binds the parameters, which stay the plan's.
    func bind(_ statement: SQLiteStatement) {
        for (index, parameter) in parameters.values.enumerated() {
            switch parameter {
            case .text(let bytes): statement.bind(Int32(index + 1), text: bytes.borrowed)
            case .blob(let bytes): statement.bind(Int32(index + 1), blob: bytes.borrowed)
            case .integer(let value): statement.bind(Int32(index + 1), value)
            }
        }
    }
}
