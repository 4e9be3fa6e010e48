import HoldfastModel
import HoldfastSupport

/// Changes that a provider has not applied yet, merged over its answers.
struct Overlay: Sendable {
    /// Unix milliseconds, for expiry.
    let now: Int64
    private var changes: [Address: [Change]] = [:]

    init(now: Int64) { self.now = now }

    /// Whether nothing lies over the provider.
    var isEmpty: Bool { changes.isEmpty }

    /// Adds a change; changes come in the order of the log.
    mutating func add(_ change: Change) { changes[change.address, default: []].append(change) }

    // MARK: documents and lists

    /// Answers questions from a store and the changes over it.
    func read(
        _ requests: [ReadRequest], from store: any Store, _ context: CallContext
    ) async throws(HoldfastError) -> [[Record]] {
        let widened = requests.map { request in
            guard var range = request.range, range.limit < .max, let over = changes[request.address] else {
                return request
            }
            // Each change takes away at most one item of the page, or all that a drop takes.
            range.limit += UInt64(over.count)
            if over.contains(where: { $0.kind == .drop }) { range.limit = .max }
            return ReadRequest(request.address, range: range)
        }
        let answers = try await store.read(widened, context)
        return zip(requests, answers).map { merge($0, $1) }
    }

    private func merge(_ request: ReadRequest, _ records: [Record]) -> [Record] {
        guard let over = changes[request.address] else { return records }
        guard let range = request.range else {
            var state = KeyState(document: records.first)
            for change in over { state.merge(change) }
            return [state.document].compactMap { $0 }.filter { $0.isVisible(at: now) }
        }
        guard range.limit > 0 else { return [] }
        let ascending = range.reversed ? records.reversed() : records
        var state = KeyState(items: ascending)
        for change in over { state.merge(change) }
        var items = state.items.filter { $0.isVisible(at: now) && range.contains($0.id) }
        if range.reversed { items.reverse() }
        return Array(items.prefix(Int(clamping: range.limit)))
    }

    // MARK: scans

    /// Scans a store and the changes over it, in the order of the scan.
    func query(
        _ query: Query, from store: any Store, _ context: CallContext
    ) async throws(HoldfastError) -> [Record] {
        guard !changes.isEmpty, query.limit > 0 else { return try await store.query(query, context) }
        var touched: [Record] = []
        for address in changes.keys {
            touched += try await records(at: address, query, from: store, context)
        }
        touched.sort { Self.precedes($0, $1, reversed: query.scope.contains(.reversed)) }
        var rest = touched[...]
        var merged: [Record] = []
        var page = query
        page.limit = min(max(query.limit, 64), 1024)
        while true {
            let records = try await store.query(page, context)
            for record in records where changes[record.address] == nil {
                while let first = rest.first,
                    Self.precedes(first, record, reversed: query.scope.contains(.reversed))
                {
                    merged.append(first)
                    rest.removeFirst()
                }
                merged.append(record)
            }
            guard merged.count < query.limit, UInt64(records.count) == page.limit, let last = records.last
            else { break }
            page.after = Query.Cursor(address: last.address, id: last.id)
        }
        merged += rest
        return Array(merged.prefix(Int(clamping: query.limit)))
    }

    private static func precedes(_ left: Record, _ right: Record, reversed: Bool) -> Bool {
        let isBefore = left.key == right.key ? left.id < right.id : left.key < right.key
        return reversed ? !isBefore && !(left.key == right.key && left.id == right.id) : isBefore
    }

    /// Everything at one address that the scan would return.
    private func records(
        at address: Address, _ query: Query, from store: any Store, _ context: CallContext
    ) async throws(HoldfastError) -> [Record] {
        let whole = [ReadRequest(address), ReadRequest(address, range: ReadRequest.Range())]
        let answers = try await read(whole, from: store, context)
        var found: [Record] = []
        if query.scope.contains(.documents) { found += answers[0] }
        if query.scope.contains(.items) { found += answers[1] }
        let matches = query.matches.map { (field: Array($0.field.utf8), json: $0.json.array) }
        return found.filter { record in
            guard isAfterCursor(record, query) else { return false }
            return matches.isEmpty
                || (!record.flags.contains(.bytes) && record.value.withSpan { JSONMatch.holds($0, matches) })
        }.map { record in
            guard query.scope.contains(.keysOnly) else { return record }
            var bare = record
            bare.value = .empty
            return bare
        }
    }

    private func isAfterCursor(_ record: Record, _ query: Query) -> Bool {
        guard let after = query.after else { return true }
        let place = Record(namespace: record.namespace, key: after.address.key, id: after.id)
        return Self.precedes(place, record, reversed: query.scope.contains(.reversed))
    }
}
