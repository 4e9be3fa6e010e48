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
    /// The parameters: texts, BLOBs and integers, from 1.
    private(set) var parameters: [Parameter] = []

    enum Parameter {
        case text(OwnedBytes)
        case blob(OwnedBytes)
        case integer(Int64)
    }

    /// Plans a query over a store that has some indexes.
    init(_ select: Select, _ indexes: SQLiteFieldIndexes, now: Int64) {
        var parameters: [Parameter] = []
        func text(_ bytes: [UInt8]) -> String {
            parameters.append(.text(OwnedBytes(copying: bytes)))
            return "?\(parameters.count)"
        }
        func integer(_ value: Int64) -> String {
            parameters.append(.integer(value))
            return "?\(parameters.count)"
        }
        var conditions = ["ns = \(text(select.namespace))"]
        if let key = select.key {
            conditions.append("key = \(text(key))")
        } else if !select.prefix.isEmpty {
            conditions.append("key >= \(text(select.prefix))")
            if let bound = Self.upperBound(of: select.prefix) { conditions.append("key < \(text(bound))") }
        }
        switch select.scope {
        case .documents: conditions.append("id = x''")
        case .items: conditions.append("id > x''")
        case .all: break
        }
        conditions.append("flags & 2 = 0 AND (expires = 0 OR expires > \(integer(now)))")
        if let (index, scalars) = Self.index(for: select, indexes) {
            let wanted = scalars.map { "json_extract(\(text($0)), '$')" } + ["x''"]
            conditions.append(
                "\(index.condition) AND \(index.expression) IN (\(wanted.joined(separator: ", ")))")
        }
        if let after = select.after, let isReversed = select.scanIsReversed {
            let key = text(after.key)
            let isDocument = after.id == SelectID(high: 0, low: 0)
            parameters.append(.blob(OwnedBytes(copying: isDocument ? [] : after.id.bytes)))
            conditions.append("(key, id) \(isReversed ? "<" : ">") (\(key), ?\(parameters.count))")
        }
        if select.filter != nil || select.after != nil { conditions.append("\(Self.place) IS NOT NULL") }
        let source = "FROM records WHERE \(conditions.joined(separator: " AND "))"
        switch select.answer {
        case .count: sql = "SELECT count(*) \(source)"
        case .groups: sql = "SELECT \(Self.place), count(*) \(source) GROUP BY 1"
        case .records(let hasValues):
            let value = hasValues ? "value" : "x''"
            let page = "LIMIT \(integer(Int64(select.limit))) OFFSET \(integer(Int64(select.offset)))"
            sql =
                "SELECT ns, key, id, version, flags, expires, \(value) \(source) ORDER BY \(Self.order(select)) \(page)"
        }
        self.parameters = parameters
    }

    private static func order(_ select: Select) -> String {
        guard let isReversed = select.scanIsReversed else { return place }
        return isReversed ? "key DESC, id DESC" : "key, id"
    }

    /// An index whose entries for some scalars, and for what SQLite reads in another way, are all that can match.
    private static func index(
        for select: Select, _ indexes: SQLiteFieldIndexes
    ) -> (SQLiteFieldIndex, [[UInt8]])? {
        guard let namespace = String(validating: select.namespace, as: UTF8.self),
            let held = indexes.byNamespace[namespace], let filter = select.filter
        else { return nil }
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
        for (index, parameter) in parameters.enumerated() {
            switch parameter {
            case .text(let bytes): statement.bind(Int32(index + 1), text: bytes.borrowed)
            case .blob(let bytes): statement.bind(Int32(index + 1), blob: bytes.borrowed)
            case .integer(let value): statement.bind(Int32(index + 1), value)
            }
        }
    }
}
