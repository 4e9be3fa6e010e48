internal import HoldfastModel
internal import HoldfastSupport

/// Answers a query from all records at once, in the plainest way there is.
struct SelectReference {
    let select: Select
    let records: [Record]

    /// A part of an order or a group: nothing, or a value of which a string has at most 256 bytes.
    enum Part: Hashable {
        case missing
        case value(PlainJSON)

        static func precedes(_ left: Part, _ right: Part) -> Bool {
            switch (left, right) {
            case (.missing, .missing), (.value, .missing): false
            case (.missing, .value): true
            case (.value(let left), .value(let right)): precedes(left, right)
            }
        }

        static func precedes(_ left: PlainJSON, _ right: PlainJSON) -> Bool {
            switch (left, right) {
            case (.number(let left), .number(let right)): left < right
            case (.string(let left), .string(let right)): left.lexicographicallyPrecedes(right)
            default: left.rank < right.rank
            }
        }
    }

    /// The records that the query looks at and keeps, before the page.
    var kept: [Record] {
        records.filter { record in
            guard record.namespace.array == select.namespace else { return false }
            if let key = select.key, record.key.array != key { return false }
            guard record.key.array.starts(with: select.prefix) else { return false }
            if select.scope == .documents, !record.id.isZero { return false }
            if select.scope == .items, record.id.isZero { return false }
            return select.filter.map { holds($0, record, json(of: record)) } ?? true
        }
    }

    /// The page.
    var page: [Record] {
        let sorted = kept.sorted { precedes($0, $1) }
        let rest = sorted.filter { record in select.after.map { follows(record, $0) } ?? true }
        return Array(rest.dropFirst(select.offset).prefix(select.limit))
    }

    private func json(of record: Record) -> PlainJSON? {
        record.flags.contains(.bytes) ? nil : PlainJSON(record.value.array)
    }

    // MARK: order

    func precedes(_ left: Record, _ right: Record) -> Bool {
        for order in select.order {
            let (first, second) = (part(order.by, left), part(order.by, right))
            if Part.precedes(first, second) { return !order.isDescending }
            if Part.precedes(second, first) { return order.isDescending }
        }
        let isBefore = (left.key, left.id) < (right.key, right.id)
        return (left.key, left.id) == (right.key, right.id) ? false : isBefore != select.isTieDescending
    }

    private func follows(_ record: Record, _ place: Select.Place) -> Bool {
        // The suite goes on behind records that are there.
        let last = records.first {
            $0.key.array == place.key && $0.id.high == place.id.high && $0.id.low == place.id.low
        }
        return last.map { precedes($0, record) } ?? false
    }

    func part(_ operand: SelectOperand, _ record: Record) -> Part {
        guard let value = value(operand, record, json(of: record)) else { return .missing }
        switch value {
        case .array: return .value(.array([]))
        case .object: return .value(.object([]))
        case .string(let points):
            var byteCount = 0
            return .value(
                .string(
                    Array(
                        points.prefix { point in
                            byteCount += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
                            return byteCount <= 256
                        })))
        default: return .value(value)
        }
    }

    // MARK: values

    private func value(_ operand: SelectOperand, _ record: Record, _ json: PlainJSON?) -> PlainJSON? {
        func text(_ string: String) -> PlainJSON { .string(string.unicodeScalars.map(\.value)) }
        func time(_ version: Version) -> PlainJSON {
            .number(Int128(version.milliseconds) * 100_000_000_000_000_000)
        }
        func digits(_ version: Version) -> String { String(version.description.filter { $0 != "-" }) }
        switch operand {
        case .value(let tokens): return json?.at(tokens[...])
        case .key: return text(record.key.description)
        case .id: return text(digits(record.id))
        case .version: return text(digits(record.version))
        case .time: return time(record.id.isZero ? record.version : record.id)
        case .changed: return time(record.version)
        }
    }

    // MARK: filters

    private func holds(_ filter: SelectFilter, _ record: Record, _ json: PlainJSON?) -> Bool {
        switch filter {
        case .and(let filters): return filters.allSatisfy { holds($0, record, json) }
        case .or(let filters): return filters.contains { holds($0, record, json) }
        case .not(let filter): return !holds(filter, record, json)
        case .compare(let operand, let comparison, let scalar):
            guard let left = value(operand, record, json), let right = PlainJSON(scalar.json),
                left.kind == right.kind
            else { return false }
            let isBelow = Part.precedes(left, right)
            let isAbove = Part.precedes(right, left)
            switch comparison {
            case .equal: return left == right
            case .less: return isBelow
            case .lessOrEqual: return !isAbove
            case .greater: return isAbove
            case .greaterOrEqual: return !isBelow
            }
        case .isIn(let operand, let scalars):
            return scalars.contains { holds(.compare(operand, .equal, $0), record, json) }
        case .exists(let operand): return value(operand, record, json) != nil
        case .kind(let operand, let kind): return value(operand, record, json)?.kind == kind.rawValue
        case .text(let operand, let search):
            guard case .string(let points) = value(operand, record, json) else { return false }
            return finds(search, in: points)
        case .any(let operand, let inner):
            guard case .array(let elements) = value(operand, record, json) else { return false }
            return elements.contains { holds(inner, record, $0) }
        case .words(let operand, let pattern):
            return hasWords(pattern.terms, in: value(operand, record, json))
        }
    }

    private func finds(_ search: SelectFilter.Search, in points: [UInt32]) -> Bool {
        func folded(_ points: some Sequence<UInt32>) -> [UInt32] {
            points.map { search.ignoresCase && (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        }
        let wanted = folded(String(decoding: search.characters, as: UTF8.self).unicodeScalars.map(\.value))
        let text = folded(points)
        if search.kind == .prefix { return text.starts(with: wanted) }
        return (0...text.count).contains { text.dropFirst($0).starts(with: wanted) }
    }
}
