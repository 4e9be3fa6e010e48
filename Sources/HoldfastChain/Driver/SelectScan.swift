import HoldfastModel
import HoldfastSupport

/// Answers a query by scanning, for backends that cannot.
///
/// Keeps the first `offset + limit` records of the order, and one page of the scan.
struct SelectScan: Sendable {
    private static let pageCountMin: UInt64 = 16
    private static let pageCountMax: UInt64 = 2048
    private static let pageByteCount: UInt64 = 8 << 20

    private let select: Select
    private let reversed: Bool

    /// Reads a query.
    ///
    /// - Throws: `invalid` for a text that is none, or one that is too large.
    init(_ query: Bytes) throws(HoldfastError) {
        do {
            select = try Select(parsing: query.array)
        } catch {
            throw HoldfastError(.invalid, "\(error)")
        }
        reversed = select.scanIsReversed ?? false
    }

    /// Where the query looks: for whoever must know what could be in the way of a shortcut.
    var place: (namespace: Bytes, prefix: Bytes) {
        (Bytes(select.namespace), Bytes(select.key ?? select.prefix))
    }

    /// Scans.
    ///
    /// - Parameter fetch: one page of a scan.
    /// - Returns: the records in the order asked for, or rows as the values of records.
    /// - Throws: what a page throws; `exhausted` for too many groups.
    func run(
        _ fetch: (Query) async throws(HoldfastError) -> [Record]
    ) async throws(HoldfastError) -> [Record] {
        var run = SelectRun<Record>(select)
        var query = query
        var isMore = !run.isOver
        while isMore {
            let records = try await fetch(query)
            isMore = UInt64(records.count) == query.limit
            for record in records {
                if let key = select.key, record.key.array != key {
                    isMore = false
                    break
                }
                try take(record, &run)
                if run.isOver {
                    isMore = false
                    break
                }
            }
            guard let last = records.last else { break }
            query.after = Query.Cursor(address: last.address, id: last.id)
            let byteCount = records.reduce(0) { $0 + UInt64($1.value.count) }
            let mean = byteCount / UInt64(records.count) + 64
            query.limit = min(Self.pageCountMax, max(Self.pageCountMin, Self.pageByteCount / mean))
        }
        return answer(of: run)
    }

    private func take(_ record: Record, _ run: inout SelectRun<Record>) throws(HoldfastError) {
        do throws(SelectError) {
            try record.value.withSpan { text throws(SelectError) in
                try run.take(SelectMeta(record), record.flags.contains(.bytes) ? nil : text) {
                    guard select.answer == .records(values: false) else { return record }
                    var bare = record
                    bare.value = .empty
                    return bare
                }
            }
        } catch {
            throw HoldfastError(.exhausted, "\(error)")
        }
    }

    private func answer(of run: SelectRun<Record>) -> [Record] {
        func row(_ json: [UInt8]) -> Record {
            Record(namespace: Bytes(select.namespace), key: .empty, value: Bytes(json))
        }
        return switch select.answer {
        case .records: run.payloads
        case .count: [row(SelectCount(run.count).json)]
        case .groups: run.rows.map { row($0.json) }
        }
    }

    /// The first page.
    private var query: Query {
        var scope: Query.Scope =
            switch select.scope {
            case .documents: [.documents]
            case .items: [.items]
            case .all: [.documents, .items]
            }
        if reversed { scope.insert(.reversed) }
        if !select.readsValues, select.answer != .records(values: true) { scope.insert(.keysOnly) }
        let matches = select.equalMembers.map { member in
            Query.Match(field: String(decoding: member.field, as: UTF8.self), json: Bytes(member.json))
        }
        let (namespace, prefix) = place
        var query = Query(namespace: namespace, keyPrefix: prefix, matches: matches, scope: scope, limit: 64)
        if let after = select.after, select.scanIsReversed != nil {
            query.after = Query.Cursor(
                address: Address(namespace: namespace, key: Bytes(after.key)),
                id: Version(high: after.id.high, low: after.id.low))
        } else if let key = select.key, reversed {
            // Longer keys with this one as prefix come first in this direction.
            query.after = Query.Cursor(address: Address(namespace: namespace, key: Bytes(key)), id: .max)
        }
        return query
    }
}

extension SelectMeta {
    /// What a query asks of a record besides its value.
    init(_ record: Record) {
        self.init(
            key: record.key.array, id: SelectID(high: record.id.high, low: record.id.low),
            version: SelectID(high: record.version.high, low: record.version.low))
    }
}
