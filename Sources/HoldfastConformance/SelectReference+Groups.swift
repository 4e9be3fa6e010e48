internal import HoldfastModel
internal import HoldfastSupport

extension SelectReference {
    /// One group: what it is grouped by, how many records, and each figure as a value.
    struct Row: Equatable {
        let by: [Part]
        let count: Int
        let figures: [PlainJSON?]
    }

    /// The groups of the page.
    func rows(_ grouping: SelectGrouping) -> [Row] {
        var groups: [[Part]: [Record]] = [:]
        for record in kept { groups[grouping.by.map { part($0, record) }, default: []].append(record) }
        let sorted = groups.sorted { left, right in
            left.key.lexicographicallyPrecedes(right.key, by: Part.precedes)
        }
        return sorted.dropFirst(select.offset).prefix(select.limit).map { by, records in
            Row(
                by: by, count: records.count,
                figures: grouping.aggregates.map { figure($0, of: records) })
        }
    }

    private func figure(_ aggregate: SelectGrouping.Aggregate, of records: [Record]) -> PlainJSON? {
        let values = records.compactMap { record -> PlainJSON? in
            guard case .value(let value) = part(aggregate.operand, record) else { return nil }
            return value
        }
        let numbers = values.compactMap { if case .number(let number) = $0 { number } else { nil } }
        let scalars = values.filter { ["boolean", "number", "string"].contains($0.kind) }.sorted(
            by: Part.precedes)
        switch aggregate.function {
        case .sum: return numbers.isEmpty ? nil : .number(numbers.reduce(0, +))
        case .avg:
            guard !numbers.isEmpty else { return nil }
            // Cut after the 12th digit, towards zero.
            return .number(numbers.reduce(0, +) / Int128(numbers.count) / 100_000 * 100_000)
        case .min: return scalars.first
        case .max: return scalars.last
        }
    }

    /// Reads the row of an answer as values.
    static func row(_ text: [UInt8]) -> Row? {
        guard case .object(let members) = PlainJSON(text) else { return nil }
        func member(_ name: String) -> PlainJSON? {
            members.first { $0.name == name.unicodeScalars.map(\.value) }?.value
        }
        guard case .array(let by) = member("by"), case .number(let count) = member("count"),
            case .array(let figures) = member("figures")
        else { return nil }
        let parts = by.map { part -> Part in
            guard case .array(let elements) = part, let element = elements.first else { return .missing }
            return .value(element)
        }
        return Row(
            by: parts, count: Int(count / 100_000_000_000_000_000),
            figures: figures.map { $0 == .null ? nil : $0 })
    }

    /// How many records an answer counts.
    static func count(_ text: [UInt8]) -> Int? {
        guard case .object(let members) = PlainJSON(text), case .number(let count) = members.first?.value
        else {
            return nil
        }
        return Int(count / 100_000_000_000_000_000)
    }
}
