/// The groups of a query, and what is computed for each.
package struct SelectGroups: Sendable {
    /// One row of the answer.
    package struct Row: Hashable, Sendable {
        /// The cut keys of what it is grouped by.
        package let by: [[UInt8]]
        package let count: UInt64
        /// JSON text of each aggregate, or nothing where there is none.
        package let figures: [[UInt8]?]
    }

    fileprivate struct Figure {
        var count: UInt64 = 0
        var sum = DecimalSum()
        var low: [UInt8]?
        var high: [UInt8]?
    }

    private struct Group {
        var count: UInt64 = 0
        var figures: [Figure]
    }

    private let grouping: SelectGrouping
    private var groups: [[[UInt8]]: Group] = [:]

    package init(_ grouping: SelectGrouping) { self.grouping = grouping }

    /// Of what keys are wanted: the groups' first, then the aggregates'.
    package static func outputs(of grouping: SelectGrouping) -> [SelectOperand] {
        grouping.by + grouping.aggregates.map(\.operand)
    }

    /// Adds records of equal keys.
    ///
    /// - Parameters:
    ///   - keys: of the outputs.
    ///   - count: how many records.
    /// - Throws: when there are too many groups.
    package mutating func add(_ keys: [[UInt8]], count: UInt64 = 1) throws(SelectError) {
        let by = Array(keys.prefix(grouping.by.count))
        if groups[by] == nil {
            guard groups.count < SelectLimits.groupCountMax else {
                throw SelectError("there are more than \(SelectLimits.groupCountMax) groups: filter them")
            }
            groups[by] = Group(figures: Array(repeating: Figure(), count: grouping.aggregates.count))
        }
        groups[by]?.count += count
        for (index, key) in keys.dropFirst(by.count).enumerated() {
            groups[by]?.figures[index].add(key, count)
        }
    }

    /// The rows in the order of what they are grouped by.
    package var rows: [Row] {
        let sorted = groups.sorted { left, right in
            left.key.lexicographicallyPrecedes(right.key) { $0.lexicographicallyPrecedes($1) }
        }
        return sorted.map { by, group in
            let figures = zip(grouping.aggregates, group.figures).map { aggregate, figure in
                figure.json(aggregate.function)
            }
            return Row(by: by, count: group.count, figures: figures)
        }
    }
}

extension SelectGroups.Figure {
    fileprivate mutating func add(_ key: [UInt8], _ count: UInt64) {
        switch SortKey.kind(key) {
        case .number:
            if let number = SortKey.number(key) { sum.add(number, times: count) }
            self.count += count
        case .boolean, .string: break
        case .null, .array, .object, nil: return
        }
        if low.map({ key.lexicographicallyPrecedes($0) }) ?? true { low = key }
        if high.map({ $0.lexicographicallyPrecedes(key) }) ?? true { high = key }
    }

    fileprivate func json(_ function: SelectGrouping.Aggregate.Function) -> [UInt8]? {
        switch function {
        case .sum: count == 0 ? nil : sum.total?.text
        case .avg: count == 0 ? nil : sum.average(of: count)?.text
        case .min: low.flatMap(SortKey.json)
        case .max: high.flatMap(SortKey.json)
        }
    }
}

extension SelectGroups.Row {
    /// The row as JSON text, as a backend hands it to the sink.
    package var json: [UInt8] {
        let parts = by.map { key in Select.array(SortKey.json(key).map { [$0] } ?? []) }
        return Select.object([
            ("by", Select.array(parts)), ("count", Array(String(count).utf8)),
            ("figures", Select.array(figures.map { $0 ?? Array("null".utf8) })),
        ])
    }

    /// Reads a row.
    ///
    /// - Throws: for what is none of this grouping.
    package init(parsing text: [UInt8], _ grouping: SelectGrouping) throws(SelectError) {
        let reader = try SelectReader(text)
        let members = try reader.members(reader.root, "a row")
        guard let by = members["by"], let count = members["count"], let figures = members["figures"] else {
            throw reader.wrong(reader.root, "a row", "\"by\", \"count\" and \"figures\"")
        }
        var keys: [[UInt8]] = []
        for part in try reader.elements(by, "by", atMost: grouping.by.count) {
            let value = try reader.elements(part, "a part of by", atMost: 1)
            keys.append(
                value.first.map { SortKey.of($0, in: reader.text.span, isCut: true) } ?? SortKey.missing)
        }
        var texts: [[UInt8]?] = []
        for part in try reader.elements(figures, "figures", atMost: grouping.aggregates.count) {
            let scalar = try reader.scalar(part, "a figure")
            texts.append(scalar.key == SortKey.null ? nil : scalar.json)
        }
        guard keys.count == grouping.by.count, texts.count == grouping.aggregates.count else {
            throw reader.wrong(
                reader.root, "a row", "\(grouping.by.count) keys and \(grouping.aggregates.count) figures")
        }
        self.init(by: keys, count: UInt64(try reader.integer(count, "count", atMost: .max)), figures: texts)
    }
}
