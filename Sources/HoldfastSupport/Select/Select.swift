/// A query over records: which, in what order, and what is answered of them.
///
/// The language is described in `docs/reference/queries.md`; its JSON text is what a plugin gets.
package struct Select: Hashable, Sendable {
    /// What kinds of records are looked at.
    package enum Scope: String, Hashable, Sendable, CaseIterable {
        case documents, items, all
    }

    /// What is answered.
    package enum Answer: Hashable, Sendable {
        /// The records, with or without their values.
        case records(values: Bool)
        /// How many there are.
        case count
        /// One row for each group.
        case groups(SelectGrouping)
    }

    /// One part of an order.
    package struct Order: Hashable, Sendable {
        package var by: SelectOperand
        package var isDescending: Bool

        package init(by operand: SelectOperand, isDescending: Bool) {
            by = operand
            self.isDescending = isDescending
        }
    }

    /// Where a page goes on: behind the last record of the one before.
    package struct Place: Hashable, Sendable {
        /// The cut sort keys of the order.
        package var order: [[UInt8]]
        package var key: [UInt8]
        package var id: SelectID

        package init(order: [[UInt8]], key: [UInt8], id: SelectID) {
            self.order = order
            self.key = key
            self.id = id
        }
    }

    package var namespace: [UInt8]
    /// Exactly this key, or nothing for those with the prefix.
    package var key: [UInt8]?
    package var prefix: [UInt8]
    package var scope: Scope
    /// Nothing keeps every record.
    package var filter: SelectFilter?
    /// Behind it, key and id decide, in the direction of its last part.
    package var order: [Order]
    package var offset: Int
    package var limit: Int
    package var after: Place?
    package var answer: Answer

    package init(
        namespace: [UInt8], key: [UInt8]? = nil, prefix: [UInt8] = [], scope: Scope = .all,
        filter: SelectFilter? = nil, order: [Order] = [], offset: Int = 0, limit: Int = 100,
        after: Place? = nil,
        answer: Answer = .records(values: true)
    ) {
        self.namespace = namespace
        self.key = key
        self.prefix = prefix
        self.scope = scope
        self.filter = filter
        self.order = order
        self.offset = offset
        self.limit = limit
        self.after = after
        self.answer = answer
    }

    /// Whether records that are equal in the order come from the highest key and id to the lowest.
    package var isTieDescending: Bool { order.last?.isDescending ?? false }
}

/// The 16 bytes of an id or a version.
package struct SelectID: Hashable, Comparable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: SelectID, right: SelectID) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    /// The Unix milliseconds that it carries.
    package var milliseconds: UInt64 { high >> 16 }

    /// Big endian.
    package var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - 8 * ($0 % 8))) }
    }

    /// 32 digits, lower case.
    package var hexadecimal: [UInt8] { SelectText.hexadecimal(bytes) }
}

/// What a filter, an order or a group looks at.
package enum SelectOperand: Hashable, Sendable {
    /// The value at an RFC 6901 pointer, its tokens unescaped.
    case value([[UInt8]])
    /// The key, a string.
    case key
    /// The id, a string of 32 hexadecimal digits.
    case id
    /// The version, a string of 32 hexadecimal digits.
    case version
    /// When the record was made: the Unix milliseconds of an item's id, of a document's version.
    case time
    /// When the record was last written: the Unix milliseconds of its version.
    case changed
}

/// A scalar of a query.
package struct SelectScalar: Hashable, Sendable {
    /// As it was written.
    package let json: [UInt8]
    /// Whole, not cut.
    package let key: [UInt8]

    /// Takes JSON text; nothing where it is no scalar.
    package init?(json text: [UInt8]) {
        guard (try? JSONSyntax.checkScalar(text.span)) != nil else { return nil }
        let start = JSONText.skipBlanks(text.span, from: 0)
        let place = start..<JSONText.end(ofValueAt: start, in: text.span)
        json = Array(text[place])
        key = SortKey.of(place, in: text.span, isCut: false)
    }
}

/// What a record must satisfy.
///
/// A comparison with what is missing, or of another kind, is false.
package indirect enum SelectFilter: Hashable, Sendable {
    case and([SelectFilter])
    case or([SelectFilter])
    case not(SelectFilter)
    case compare(SelectOperand, Comparison, SelectScalar)
    case isIn(SelectOperand, [SelectScalar])
    /// Something is there, `null` included.
    case exists(SelectOperand)
    case kind(SelectOperand, SelectKind)
    case text(SelectOperand, Search)
    /// An element of the array there satisfies a filter whose pointers begin at the element.
    case any(SelectOperand, SelectFilter)
    /// All terms occur in the strings inside the value there.
    case words(SelectOperand, WordPattern)

    /// How two scalars of one kind compare.
    package enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "eq"
        case less = "lt"
        case lessOrEqual = "le"
        case greater = "gt"
        case greaterOrEqual = "ge"
    }

    /// What is looked for in a string.
    package struct Search: Hashable, Sendable {
        /// Where it must stand.
        package enum Kind: String, Hashable, Sendable, CaseIterable {
            case prefix, contains
        }

        package var kind: Kind
        package var characters: [UInt8]
        /// Whether `A` to `Z` equal `a` to `z`; other letters always differ.
        package var ignoresCase: Bool

        package init(_ kind: Kind, _ characters: [UInt8], ignoresCase: Bool) {
            self.kind = kind
            self.characters = characters
            self.ignoresCase = ignoresCase
        }
    }
}

/// By what records are grouped, and what is computed for each group.
package struct SelectGrouping: Hashable, Sendable {
    /// One figure of a group.
    package struct Aggregate: Hashable, Sendable {
        /// What is computed.
        package enum Function: String, Hashable, Sendable, CaseIterable {
            case sum, avg, min, max
        }

        package var function: Function
        package var operand: SelectOperand

        package init(_ function: Function, of operand: SelectOperand) {
            self.function = function
            self.operand = operand
        }
    }

    /// Nothing makes one group of all records.
    package var by: [SelectOperand]
    package var aggregates: [Aggregate]

    package init(by: [SelectOperand], aggregates: [Aggregate] = []) {
        self.by = by
        self.aggregates = aggregates
    }
}

/// How large a query may be.
package enum SelectLimits {
    package static let byteCountMax = 1 << 20
    package static let filterDepthMax = 16
    package static let filterCountMax = 256
    package static let valueCountMax = 1000
    package static let orderCountMax = 4
    package static let aggregateCountMax = 8
    package static let offsetMax = 100_000
    package static let limitMax = 10_000
    package static let groupCountMax = 10_000
    package static let scalarByteCountMax = 4096
    package static let pointerByteCountMax = 1024
    package static let tokenCountMax = 32
}

/// Why a text is no query, or a query too large.
package struct SelectError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension Select {
    /// Whether the order of the answer is that of a scan by (key, id), and then whether from the highest to the lowest.
    package var scanIsReversed: Bool? {
        guard let first = order.first else { return false }
        guard order.count == 1 else { return nil }
        let isListOrder = first.by == .id || (first.by == .time && scope == .items)
        return first.by == .key || (key != nil && isListOrder) ? first.isDescending : nil
    }

    /// Whether values are looked into.
    package var readsValues: Bool {
        let isAboutValues = outputs.contains { if case .value = $0 { true } else { false } }
        return isAboutValues || filter?.readsValues ?? false
    }

    /// Members that a top-level `and` compares with scalars: what every record must have that is kept.
    ///
    /// - Returns: names of members of an object, and scalars.
    package var equalMembers: [(field: [UInt8], json: [UInt8])] {
        let parts =
            if case .and(let filters) = filter { filters } else { filter.map { [$0] } ?? [] }
        return parts.compactMap { part in
            guard case .compare(.value(let tokens), .equal, let scalar) = part, tokens.count == 1 else {
                return nil
            }
            // What could also be the position of an element is no condition on members alone.
            guard let name = tokens.first, name.contains(where: { !(48...57).contains($0) }),
                String(validating: name, as: UTF8.self) != nil
            else { return nil }
            return (name, scalar.json)
        }
    }
}

extension Select {
    /// What every record that is kept must have of words, wherever they stand: what an index of words can answer.
    package var neededWords: [WordPattern.Word] {
        (filter?.conjuncts ?? []).flatMap { part in
            if case .words(_, let pattern) = part { pattern.words } else { [] as [WordPattern.Word] }
        }
    }
}

extension SelectFilter {
    /// What must hold together, however it is nested.
    package var conjuncts: [SelectFilter] {
        if case .and(let filters) = self { filters.flatMap(\.conjuncts) } else { [self] }
    }
}

extension SelectFilter {
    /// Whether values are looked into.
    fileprivate var readsValues: Bool {
        switch self {
        case .and(let filters), .or(let filters): filters.contains(where: \.readsValues)
        case .not(let filter): filter.readsValues
        case .any, .words: true
        case .compare(let operand, _, _), .isIn(let operand, _), .exists(let operand), .kind(let operand, _),
            .text(let operand, _):
            if case .value = operand { true } else { false }
        }
    }
}
