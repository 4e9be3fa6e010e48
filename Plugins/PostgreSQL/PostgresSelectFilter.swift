internal import HoldfastProviderKit
internal import HoldfastSupport

/// A filter as a condition of SQL that is exact, or nothing where SQL would have to read values.
///
/// Every operand is a text of hexadecimal digits, those of its sort key, empty where it is missing: then comparing texts in
/// the collation "C" is comparing as the host does. Digits stand in the SQL as they are; they cannot be anything else.
struct PostgresSelectFilter {
    /// Scalars up to here compare with a cut key as with the whole value, which a cut key that is longer stands for.
    private static let characterCountMax = 250
    private static let digitCountMax = 60

    let namespace: BorrowedBytes
    let facets: PostgresFacets

    /// The condition.
    func sql(_ filter: SelectFilter) -> String? {
        switch filter {
        case .and(let filters): joined(filters, " AND ", empty: "true")
        case .or(let filters): joined(filters, " OR ", empty: "false")
        case .not(let filter): sql(filter).map { "NOT (\($0))" }
        case .compare(.time, let comparison, let scalar):
            time(Self.milliseconds(ofID: true), comparison, scalar)
        case .compare(.changed, let comparison, let scalar):
            time(Self.milliseconds(ofID: false), comparison, scalar)
        case .compare(let operand, let comparison, let scalar): compare(operand, comparison, scalar)
        case .isIn(let operand, let scalars):
            joined(scalars.map { .compare(operand, .equal, $0) }, " OR ", empty: "false")
        case .exists(let operand): exists(operand)
        case .kind(let operand, let kind): key(operand).map { Self.isKind($0, kind.marks) }
        case .text(let operand, let search): text(operand, search)
        case .any, .words: nil
        }
    }

    private func joined(_ filters: [SelectFilter], _ word: String, empty: String) -> String? {
        var parts: [String] = []
        for filter in filters {
            guard let part = sql(filter) else { return nil }
            parts.append("(\(part))")
        }
        return parts.isEmpty ? empty : parts.joined(separator: word)
    }

    /// The digits of the sort key of an operand; nothing for a value that is not declared, and for times.
    func key(_ operand: SelectOperand) -> String? {
        switch operand {
        case .value(let tokens):
            guard tokens.count == 1, let name = String(validating: tokens[0], as: UTF8.self),
                facets.isDeclared(name, in: namespace)
            else { return nil }
            return PostgresFacets.expression(name)
        case .key: return "(('20' || encode(key, 'hex')) COLLATE \"C\")"
        case .id: return Self.hexadecimal("CASE WHEN id = '' THEN repeat('0', 32) ELSE encode(id, 'hex') END")
        case .version: return Self.hexadecimal("encode(version, 'hex')")
        case .time, .changed: return nil
        }
    }

    private static func hexadecimal(_ text: String) -> String {
        "(('20' || encode(convert_to(\(text), 'UTF8'), 'hex')) COLLATE \"C\")"
    }

    private func exists(_ operand: SelectOperand) -> String? {
        guard case .value = operand else { return "true" }
        return key(operand).map { "\($0) <> ''" }
    }

    private static func isKind(_ key: String, _ marks: ClosedRange<UInt8>) -> String {
        let low = PostgresFacets.literal([marks.lowerBound])
        let high = PostgresFacets.literal([marks.upperBound + 1])
        return "\(key) >= '\(low)' AND \(key) < '\(high)'"
    }

    private func compare(
        _ operand: SelectOperand, _ comparison: SelectFilter.Comparison, _ scalar: SelectScalar
    ) -> String? {
        guard let key = key(operand),
            let kind = SelectKind.allCases.first(where: { Self.has(scalar.key, $0) })
        else {
            return nil
        }
        let digitCount = SortKey.number(scalar.key)?.digits.count ?? 0
        guard digitCount <= Self.digitCountMax, kind == .number || scalar.key.count <= Self.characterCountMax
        else {
            return nil
        }
        let literal = "'\(PostgresFacets.literal(scalar.key))'"
        let isKind = Self.isKind(key, kind.marks)
        return switch comparison {
        case .equal: "\(key) = \(literal)"
        case .less: "\(isKind) AND \(key) < \(literal)"
        case .lessOrEqual: "\(isKind) AND \(key) <= \(literal)"
        case .greater: "\(isKind) AND \(key) > \(literal)"
        case .greaterOrEqual: "\(isKind) AND \(key) >= \(literal)"
        }
    }

    private static func has(_ key: [UInt8], _ kind: SelectKind) -> Bool {
        key.first.map(kind.marks.contains) ?? false
    }

    private func text(_ operand: SelectOperand, _ search: SelectFilter.Search) -> String? {
        guard !search.ignoresCase, search.kind == .prefix, search.characters.count <= Self.characterCountMax,
            let key = key(operand)
        else { return nil }
        let prefix = PostgresFacets.literal([SelectKind.string.marks.lowerBound] + search.characters)
        // No digit is above f, so this is the end of all that begin so.
        return "\(key) >= '\(prefix)' AND \(key) < '\(prefix)g'"
    }

    // MARK: times

    /// The milliseconds of the id, for a document of the version, or always of the version.
    private static func milliseconds(ofID: Bool) -> String {
        let column = ofID ? "CASE WHEN id = '' THEN version ELSE id END" : "version"
        return "('x' || left(encode(\(column), 'hex'), 12))::bit(48)::bigint"
    }

    private func time(
        _ milliseconds: String, _ comparison: SelectFilter.Comparison, _ scalar: SelectScalar
    ) -> String? {
        guard let number = SortKey.number(scalar.key) else { return "false" }
        // Fractions and what no integer holds are left to the host.
        guard let value = Int64(String(decoding: number.text, as: UTF8.self)) else { return nil }
        let sign =
            switch comparison {
            case .equal: "="
            case .less: "<"
            case .lessOrEqual: "<="
            case .greater: ">"
            case .greaterOrEqual: ">="
            }
        return "\(milliseconds) \(sign) \(value)::bigint"
    }
}

@available(*, unavailable) extension PostgresSelectFilter: Sendable {}
