public import HoldfastModel

/// The lists of one namespace: for each key, items in the order of their arrival.
///
/// Every item has an id that rises with its place, never changes, and carries the time of its arrival. A list begins to
/// be with its first item and needs no making. Keys are data: any text of 1 to 1024 bytes of UTF-8 without NUL. A
/// document may live at the same key; nothing here touches it.
public struct Lists: Sendable {
    let store: HistoryStore
    let namespace: Namespace

    /// Appends one item.
    ///
    /// - Parameters:
    ///   - value: what to store.
    ///   - key: which list.
    ///   - last: the list's last id must be this one, zero for none; nothing means any.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the item's id.
    /// - Throws: `conflict`, with the last id, when another item came before; `invalid` beyond the limits.
    @discardableResult
    public func append(
        _ value: Value, to key: String, ifLast last: Version? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await append([value], to: key, ifLast: last, options)
    }

    /// Appends many items, all or none, next to each other.
    ///
    /// - Parameters:
    ///   - values: what to store, oldest first; 1 to ``RequestLimits/changeCountMax``.
    ///   - key: which list.
    ///   - last: the list's last id must be this one, zero for none; nothing means any.
    ///   - options: how it is made safe.
    /// - Returns: a receipt with one id for each item.
    /// - Throws: as for one.
    @discardableResult
    public func append(
        _ values: [Value], to key: String, ifLast last: Version? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let address = try namespace.address(key)
        guard !values.isEmpty else {
            throw HoldfastError(.invalid, "there is nothing to append, expected at least one value")
        }
        guard last == nil else {
            var batch = Batch()
            batch.add(.append(values, ifLast: last), key, namespace)
            return try await store.write(batch, options).receipt
        }
        let changes = try store.edge.appends(values, to: address, ifLast: nil)
        return try await store.write(changes, scope: address, options)
    }

    /// Replaces the value of one item, which keeps its place.
    ///
    /// - Parameters:
    ///   - id: which item.
    ///   - key: which list.
    ///   - value: replaces the stored one whole, expiry included.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the item's new version.
    /// - Throws: `notFound` when the item is not there, or not any more.
    @discardableResult
    public func edit(
        _ id: Version, in key: String, to value: Value, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let address = try namespace.address(key)
        let change = try store.edge.edit(id, at: address, to: value)
        return try await store.write([change], scope: address, options)
    }

    /// Removes one item.
    ///
    /// - Parameters:
    ///   - id: which item.
    ///   - key: which list.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the version of the removal.
    /// - Throws: `notFound` when the item is not there, or not any more.
    @discardableResult
    public func remove(
        _ id: Version, from key: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let address = try namespace.address(key)
        let change = try store.edge.removal(of: id, at: address)
        return try await store.write([change], scope: address, options)
    }

    /// Removes every item that arrived before the call is decided.
    ///
    /// Nothing that was cleared comes back, and nothing that arrives later is lost, whatever races with it.
    ///
    /// - Parameters:
    ///   - key: which list; one without items is not an error.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the place up to which the list is empty.
    /// - Throws: `unavailable`, `timeout` or `exhausted` when it could not be made safe.
    @discardableResult
    public func clear(_ key: String, _ options: WriteOptions = .standard) async throws(HoldfastError)
        -> Receipt
    {
        var batch = Batch()
        batch.add(.clear, key, namespace)
        return try await store.write(batch, options).receipt
    }

    /// Replaces the whole list in one atomic step.
    ///
    /// - Parameters:
    ///   - key: which list.
    ///   - values: what it holds afterwards, oldest first; none makes it empty.
    ///   - options: how it is made safe.
    /// - Returns: a receipt with one id for each item.
    /// - Throws: `invalid` beyond the limits; then the list is as it was.
    @discardableResult
    public func replace(
        _ key: String, with values: [Value], _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        var batch = Batch()
        batch.add(.clear, key, namespace)
        if !values.isEmpty { batch.add(.append(values, ifLast: nil), key, namespace) }
        let answer = try await store.write(batch, options)
        return answer.receipt(versions: answer.results.count > 1 ? answer.results[1] : [])
    }
}

extension Edge {
    func appends(
        _ values: [Value], to address: Address, ifLast last: Version?
    ) throws(HoldfastError) -> [Change] {
        var changes: [Change] = []
        changes.reserveCapacity(values.count)
        for value in values {
            // What holds for the first item holds for all: the others follow it in the same batch.
            let condition: Change.Condition = changes.isEmpty ? last.map { .version($0) } ?? .newest : .newest
            changes.append(Change(.put, try record(value, at: address), if: condition, isItem: true))
        }
        return changes
    }

    func edit(_ id: Version, at address: Address, to value: Value) throws(HoldfastError) -> Change {
        try Self.checkID(id)
        return Change(.put, try record(value, at: address, id: id), if: .exists, isItem: true)
    }

    func removal(of id: Version, at address: Address) throws(HoldfastError) -> Change {
        try Self.checkID(id)
        let tombstone = Record(namespace: address.namespace, key: address.key, id: id, flags: .removed)
        return Change(.put, tombstone, if: .exists, isItem: true)
    }

    private static func checkID(_ id: Version) throws(HoldfastError) {
        guard !id.isZero else { throw HoldfastError(.invalid, "the id is zero, expected the id of an item") }
    }
}
