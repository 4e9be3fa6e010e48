internal import HoldfastProviderKit
internal import HoldfastSupport

/// A query as one statement of SQL that answers it exactly, or nothing where there is none.
struct PostgresSelectPlan {
    /// What one column of a group gives.
    enum Column {
        /// The digits of a sort key.
        case digits
        /// The key of the record.
        case key
    }

    /// The statement.
    let request: PostgresRequest
    /// The columns before the count, where records are grouped.
    let columns: [Column]
    /// Whether it relies on every record of the namespace being filed.
    let usesFields: Bool

    /// Plans a query.
    init?(_ select: Select, _ facets: PostgresFacets, _ tables: PostgresTables, now: Int64) {
        let namespace = OwnedBytes(copying: select.namespace)
        defer { withExtendedLifetime(namespace) {} }
        let filter = PostgresSelectFilter(namespace: namespace.borrowed, facets: facets)
        var sql = PostgresQueryText()
        sql.conditions.append("ns = \(sql.bytes(select.namespace))")
        if let key = select.key {
            sql.conditions.append("key = \(sql.bytes(key))")
        } else if !select.prefix.isEmpty {
            sql.conditions.append("key >= \(sql.bytes(select.prefix))")
            if let bound = PostgresScanPlan.upperBound(of: select.prefix) {
                sql.conditions.append("key < \(sql.bytes(bound))")
            }
        }
        switch select.scope {
        case .documents: sql.conditions.append("id = ''")
        case .items: sql.conditions.append("id > ''")
        case .all: break
        }
        sql.conditions.append("flags & 2 = 0 AND (expires = 0 OR expires > \(sql.integer(now)))")
        if let wanted = select.filter {
            guard let condition = filter.sql(wanted) else { return nil }
            sql.conditions.append("(\(condition))")
        }
        guard let answer = Answer(select, filter, &sql) else { return nil }
        columns = answer.columns
        usesFields = (sql.conditions + [answer.list, answer.tail]).contains { $0.contains("facets") }
        // What the indexes of fields are over.
        if usesFields { sql.conditions.append("facets IS NOT NULL") }
        request = sql.request("SELECT \(answer.list) FROM \(tables.records)", tail: answer.tail)
    }

    /// What is selected, and in which order or groups.
    private struct Answer {
        let columns: [Column]
        let list: String
        let tail: String

        init?(_ select: Select, _ filter: PostgresSelectFilter, _ sql: inout PostgresQueryText) {
            switch select.answer {
            case .count: (columns, list, tail) = ([], "count(*)", "")
            case .groups(let grouping):
                guard let (columns, names) = PostgresSelectPlan.columns(of: grouping, filter) else {
                    return nil
                }
                self.columns = columns
                list = (names + ["count(*)"]).joined(separator: ", ")
                tail = names.isEmpty ? "" : " GROUP BY \(names.joined(separator: ", "))"
            case .records(let hasValues):
                guard let parts = PostgresSelectPlan.order(of: select, filter) else { return nil }
                if let after = select.after {
                    sql.conditions.append(PostgresSelectPlan.condition(after, parts))
                }
                let order = parts.map { $0.isDescending ? "\($0.sql) DESC" : $0.sql }.joined(separator: ", ")
                columns = []
                list = "ns, key, id, version, flags, expires, \(hasValues ? "value" : "''::bytea")"
                tail = " ORDER BY \(order) LIMIT \(select.limit) OFFSET \(select.offset)"
            }
        }
    }

    // MARK: order

    /// One part of the order, and what it is of the record that a page goes on behind.
    private struct Part {
        let sql: String
        let isDescending: Bool
        let place: String
    }

    private static func order(of select: Select, _ filter: PostgresSelectFilter) -> [Part]? {
        let after = select.after
        func bytes(_ bytes: [UInt8]) -> String { "'\\x\(PostgresFacets.literal(bytes))'::bytea" }
        var parts: [Part] = []
        // Where the order is that of the table, its own columns say it.
        for (index, part) in (select.scanIsReversed == nil ? select.order : []).enumerated() {
            let place = after.map { $0.order[index] } ?? []
            switch part.by {
            case .value:
                guard let key = filter.key(part.by) else { return nil }
                parts.append(
                    Part(
                        sql: key, isDescending: part.isDescending, place: "'\(PostgresFacets.literal(place))'"
                    ))
            case .key:
                // A long key is cut in the order, which the whole key behind it in the same direction makes up for.
                guard index == select.order.count - 1 else { return nil }
            case .id, .version, .time, .changed: return nil
            }
        }
        let isDescending = select.isTieDescending
        let isDocument = after?.id == SelectID(high: 0, low: 0)
        parts.append(Part(sql: "key", isDescending: isDescending, place: bytes(after?.key ?? [])))
        parts.append(
            Part(sql: "id", isDescending: isDescending, place: bytes(isDocument ? [] : after?.id.bytes ?? []))
        )
        return parts
    }

    /// What comes behind a place: one comparison of rows where all parts have one direction, which an index answers.
    private static func condition(_ after: Select.Place, _ parts: [Part])
        -> String
    {
        let sign = { (part: Part) in part.isDescending ? "<" : ">" }
        if Set(parts.map(\.isDescending)).count == 1, let first = parts.first {
            let columns = parts.map(\.sql).joined(separator: ", ")
            return "(\(columns)) \(sign(first)) (\(parts.map(\.place).joined(separator: ", ")))"
        }
        var condition = "false"
        for part in parts.reversed() {
            condition =
                "(\(part.sql) \(sign(part)) \(part.place) OR (\(part.sql) = \(part.place) AND \(condition)))"
        }
        return condition
    }

    // MARK: groups

    private static func columns(
        of grouping: SelectGrouping, _ filter: PostgresSelectFilter
    ) -> ([Column], [String])? {
        var columns: [Column] = []
        var names: [String] = []
        for operand in SelectGroups.outputs(of: grouping) {
            switch operand {
            case .key:
                columns.append(.key)
                names.append("key")
            case .value:
                guard let key = filter.key(operand) else { return nil }
                columns.append(.digits)
                names.append(key)
            case .id, .version, .time, .changed: return nil
            }
        }
        return (columns, names)
    }

    /// The sort keys of a row of groups.
    func keys(_ result: PostgresResult, _ row: Int) throws(ProviderError) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        for (index, column) in columns.enumerated() {
            let bytes = result.bytes(row, Int32(index)).array
            switch column {
            case .key: keys.append(SortKey.of(string: bytes, isCut: true))
            case .digits:
                guard let key = SelectText.bytes(hexadecimal: bytes) else {
                    throw ProviderError(.corrupt, "a stored sort key is not of hexadecimal digits")
                }
                keys.append(key)
            }
        }
        return keys
    }
}

@available(*, unavailable) extension PostgresSelectPlan: Sendable {}
