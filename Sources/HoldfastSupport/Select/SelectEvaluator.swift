/// What a query asks of a record besides its value.
package struct SelectMeta: Hashable, Sendable {
    package var key: [UInt8]
    package var id: SelectID
    package var version: SelectID

    package init(key: [UInt8], id: SelectID, version: SelectID) {
        self.key = key
        self.id = id
        self.version = version
    }
}

/// Decides of records one by one whether a query keeps them, and computes the keys of its order and groups.
///
/// A value that is not one JSON text of UTF-8 has no members: every pointer finds nothing in it.
package struct SelectEvaluator: Sendable {
    private let filter: SelectFilter?
    private let outputs: [SelectOperand]
    private let slots: [SelectOperand: Int]
    private let lookup: JSONLookup

    /// Prepares the evaluation of a query.
    ///
    /// - Parameters:
    ///   - filter: nothing keeps every record.
    ///   - outputs: of what cut sort keys are wanted.
    package init(filter: SelectFilter?, outputs: [SelectOperand]) {
        self.filter = filter
        self.outputs = outputs
        var pointers: [[[UInt8]]] = []
        var slots: [SelectOperand: Int] = [:]
        let filtered = filter.map { Self.operands(of: $0) } ?? []
        for operand in filtered + outputs {
            guard case .value(let tokens) = operand, slots[operand] == nil else { continue }
            slots[operand] = pointers.count
            pointers.append(tokens)
        }
        self.slots = slots
        lookup = JSONLookup(pointers: pointers)
    }

    /// The operands of a filter whose pointers begin at the record's value.
    private static func operands(of filter: SelectFilter) -> [SelectOperand] {
        switch filter {
        case .and(let filters), .or(let filters): filters.flatMap(operands)
        case .not(let filter): operands(of: filter)
        case .compare(let operand, _, _), .isIn(let operand, _), .exists(let operand), .kind(let operand, _),
            .text(let operand, _), .any(let operand, _), .words(let operand, _):
            [operand]
        }
    }

    /// Looks at one record.
    ///
    /// - Parameters:
    ///   - meta: its key, id and version.
    ///   - text: its value, or nothing where it is bytes.
    /// - Returns: the keys of the outputs, or nothing where the record is not kept.
    package func keys(_ meta: SelectMeta, _ text: Span<UInt8>?) -> [[UInt8]]? {
        guard let text, !lookup.pointers.isEmpty, (try? JSONSyntax.check(text)) != nil else {
            let nowhere = [Range<Int>?](repeating: nil, count: lookup.pointers.count)
            let empty: [UInt8] = []
            return keys(meta, empty.span, nowhere)
        }
        return keys(meta, text, lookup.places(in: text, at: 0))
    }

    private func keys(_ meta: SelectMeta, _ text: Span<UInt8>, _ places: [Range<Int>?]) -> [[UInt8]]? {
        if let filter, !holds(filter, meta, text, places) { return nil }
        return outputs.map { key($0, meta, text, places, isCut: true) }
    }

    private func key(
        _ operand: SelectOperand, _ meta: SelectMeta, _ text: Span<UInt8>, _ places: [Range<Int>?],
        isCut: Bool
    ) -> [UInt8] {
        switch operand {
        case .value:
            guard let place = place(operand, places) else { return SortKey.missing }
            return SortKey.of(place, in: text, isCut: isCut)
        case .key: return SortKey.of(string: meta.key, isCut: isCut)
        case .id: return SortKey.of(string: meta.id.hexadecimal, isCut: isCut)
        case .version: return SortKey.of(string: meta.version.hexadecimal, isCut: isCut)
        case .time:
            let isDocument = meta.id.high == 0 && meta.id.low == 0
            return SortKey.of((isDocument ? meta.version : meta.id).milliseconds)
        case .changed: return SortKey.of(meta.version.milliseconds)
        }
    }

    private func place(_ operand: SelectOperand, _ places: [Range<Int>?]) -> Range<Int>? {
        slots[operand].flatMap { places[$0] }
    }

    private func holds(
        _ filter: SelectFilter, _ meta: SelectMeta, _ text: Span<UInt8>, _ places: [Range<Int>?]
    ) -> Bool {
        switch filter {
        case .and(let filters): filters.allSatisfy { holds($0, meta, text, places) }
        case .or(let filters): filters.contains { holds($0, meta, text, places) }
        case .not(let filter): !holds(filter, meta, text, places)
        case .compare(let operand, let comparison, let scalar):
            comparison.holds(key(operand, meta, text, places, isCut: false), scalar.key)
        case .isIn(let operand, let scalars):
            contains(scalars, key(operand, meta, text, places, isCut: false))
        case .exists(let operand): !key(operand, meta, text, places, isCut: true).isEmpty
        case .kind(let operand, let kind): SortKey.kind(key(operand, meta, text, places, isCut: true)) == kind
        case .text(let operand, let search):
            SortKey.characters(key(operand, meta, text, places, isCut: false)).map(search.finds) ?? false
        case .any(let operand, let filter): any(place(operand, places), filter, meta, text)
        case .words(let operand, let pattern):
            place(operand, places).map { pattern.isFound(at: $0, in: text) } ?? false
        }
    }

    private func contains(_ scalars: [SelectScalar], _ key: [UInt8]) -> Bool {
        !key.isEmpty && scalars.contains { $0.key == key }
    }

    private func any(
        _ place: Range<Int>?, _ filter: SelectFilter, _ meta: SelectMeta, _ text: Span<UInt8>
    ) -> Bool {
        guard let place, text[place.lowerBound] == UInt8(ascii: "[") else { return false }
        let inner = SelectEvaluator(filter: filter, outputs: [])
        for element in JSONLookup.elements(text, at: place.lowerBound) {
            let places = inner.lookup.places(in: text, at: element.lowerBound)
            if inner.keys(meta, text, places) != nil { return true }
        }
        return false
    }
}

extension SelectFilter.Comparison {
    /// Whether a whole key compares so to that of a scalar of the same kind.
    func holds(_ key: [UInt8], _ scalar: [UInt8]) -> Bool {
        guard let kind = SortKey.kind(key), kind == SortKey.kind(scalar) else { return false }
        return switch self {
        case .equal: key == scalar
        case .less: key.lexicographicallyPrecedes(scalar)
        case .lessOrEqual: !scalar.lexicographicallyPrecedes(key)
        case .greater: scalar.lexicographicallyPrecedes(key)
        case .greaterOrEqual: !key.lexicographicallyPrecedes(scalar)
        }
    }
}

extension SelectFilter.Search {
    /// Whether a string has the characters where they must stand.
    func finds(in text: ArraySlice<UInt8>) -> Bool {
        guard !characters.isEmpty else { return true }
        let last = kind == .prefix ? text.startIndex : text.endIndex - characters.count
        guard text.count >= characters.count else { return false }
        var start = text.startIndex
        while start <= last {
            var offset = 0
            while offset < characters.count, folded(text[start + offset]) == folded(characters[offset]) {
                offset += 1
            }
            if offset == characters.count { return true }
            start += 1
        }
        return false
    }

    private func folded(_ byte: UInt8) -> UInt8 {
        ignoresCase && (65...90).contains(byte) ? byte + 32 : byte
    }
}
