import HoldfastModel
import HoldfastProviderKit

/// A query over the states of the model.
struct ReferenceScan {
    private let query: Query
    private let defect: Defect?
    private let now: Int64

    init(_ query: Query, _ defect: Defect?, _ now: Int64) {
        self.query = query
        self.defect = defect
        self.now = now
    }

    func run(_ states: [Address: KeyState]) -> [Record] {
        let addresses = states.keys.filter(isWanted).sorted(by: isBefore)
        var records = addresses.flatMap { address in self.records(of: address, states[address] ?? KeyState())
        }
        if query.scope.contains(.reversed) { records.reverse() }
        if let after = query.after { records = records.filter { isAfter($0, after) } }
        var page: [Record] = []
        var count: UInt64 = 0
        for record in records {
            // A floor and the document of its key come together and count once.
            let isPartner = page.last.map { $0.address == record.address && $0.id == record.id } ?? false
            if !isPartner {
                if count == query.limit { break }
                count += 1
            }
            page.append(record)
        }
        guard query.scope.contains(.keysOnly), defect != .keysOnlyHasValues else { return page }
        return page.map { record in
            var bare = record
            bare.value = .empty
            return bare
        }
    }

    private func isWanted(_ address: Address) -> Bool {
        guard query.namespace.isEmpty || address.namespace == query.namespace else { return false }
        guard defect == .prefixIsPattern else { return address.key.hasPrefix(query.keyPrefix) }
        let key = address.key.array
        let prefix = query.keyPrefix.array
        return key.count >= prefix.count
            && zip(key, prefix).allSatisfy { $0 == $1 || $1 == UInt8(ascii: "_") }
    }

    private func isBefore(_ left: Address, _ right: Address) -> Bool {
        guard defect == .ordersKeysWithoutCase, left.namespace == right.namespace else { return left < right }
        return left.key.description.lowercased() < right.key.description.lowercased()
    }

    private func records(of address: Address, _ state: KeyState) -> [Record] {
        var records: [Record] = []
        let isRaw = query.scope.contains(.raw)
        if isRaw, !state.floor.isZero, defect != .rawHidesFloors {
            records.append(
                Record(namespace: address.namespace, key: address.key, version: state.floor, flags: .floor))
        }
        if query.scope.contains(.documents), let document = state.document { records.append(document) }
        if query.scope.contains(.items) { records += state.items }
        return records.filter { record in
            if isRaw { return defect != .rawHidesTombstones || !record.flags.contains(.removed) }
            let isVisible =
                defect == .returnsExpired ? !record.flags.contains(.removed) : record.isVisible(at: now)
            return isVisible && query.matches.allSatisfy { matches(record, $0) }
        }
    }

    private func matches(_ record: Record, _ match: Query.Match) -> Bool {
        guard !record.flags.contains(.bytes),
            let document = try? JSONValue(parsing: record.value.description),
            let expected = try? JSONValue(parsing: match.json.description), let found = document[match.field]
        else { return false }
        if defect == .matchesText { return text(found) == text(expected) }
        return found == expected
    }

    private func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let string): string
        case .integer(let whole): "\(whole)"
        case .null: "null"
        case .bool(let bool): "\(bool)"
        default: "\(value)"
        }
    }

    private func isAfter(_ record: Record, _ cursor: Query.Cursor) -> Bool {
        let isReversed = query.scope.contains(.reversed)
        if record.address == cursor.address {
            if defect == .cursorSkipsItems { return false }
            if defect == .cursorRepeats, record.id == cursor.id { return !isReversed }
            return isReversed ? record.id < cursor.id : record.id > cursor.id
        }
        return isBefore(cursor.address, record.address) != isReversed
    }
}
