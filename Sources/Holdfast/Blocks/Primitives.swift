public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// The six primitives: get, set, delete, append, list, query; the same on every backend.
///
/// Keys with a value are documents, keys with a list are lists, of the namespace that is named. Values and items are JSON
/// objects, which come back byte for byte.
public struct Primitives: Sendable {
    /// One match of a query, or one item of a list.
    public struct Entry: Hashable, Sendable {
        /// The key that holds it.
        public let key: String
        /// Of an item, what ``Primitives/append(_:_:_:_:)`` answered; nothing for a value.
        public let id: String?
        /// The JSON as it was written.
        public let json: Bytes

        init(_ item: Item) {
            key = item.key
            id = item.id.hexadecimal
            json = item.bytes
        }

        init(_ record: Record) throws(HoldfastError) {
            key = try record.keyText
            id = record.id.isZero ? nil : record.id.hexadecimal
            json = record.value
        }

        /// The JSON with a member `id` at its end, in place of one that it may have had; of a value, as it was written.
        public var jsonWithID: Bytes {
            guard let id, let node = try? JSONNode(json.array), node.kind == .object else { return json }
            var writer = JSONWriter()
            writer.object { object in
                for (name, value) in node.members where name != "id" {
                    object.member(name, json: value.bytes)
                }
                object.member("id", id)
            }
            return Bytes(writer.bytes)
        }
    }

    let store: HistoryStore

    /// Reads the value of a key; nothing where there is none.
    public func get(
        _ namespace: String, _ key: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Bytes?> {
        try await store.documents(namespace).find(key, options).mapContent { $0?.bytes }
    }

    /// Writes the value of a key, in place of the one before.
    ///
    /// - Throws: `invalid` for what is no JSON object.
    @discardableResult
    public func set(
        _ namespace: String, _ key: String, _ value: Bytes, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        _ = try JSONMembers(value, as: "the value")
        return try await store.documents(namespace).put(.json(value), at: key, options)
    }

    /// Removes the value of a key; that there is none is not an error, and a list of that key stays.
    @discardableResult
    public func delete(
        _ namespace: String, _ key: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await store.documents(namespace).delete(key, options)
    }

    /// Appends an item to the list of a key.
    ///
    /// - Returns: its id: 32 hexadecimal digits that no other item of the store has, and that rise with the order.
    /// - Throws: `invalid` for what is no JSON object.
    @discardableResult
    public func append(
        _ namespace: String, _ key: String, _ item: Bytes, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> String {
        try await add(item, to: namespace, key, options).id.hexadecimal
    }

    /// Appends an item to the list of a key; as ``append(_:_:_:_:)``.
    ///
    /// - Returns: a receipt with its id.
    package func add(
        _ item: Bytes, to namespace: String, _ key: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> Receipt {
        _ = try JSONMembers(item, as: "the item")
        return try await store.lists(namespace).append(.json(item), to: key, options)
    }

    /// Reads the whole list of a key in the order of its items, however long it is; none where there is none.
    public func list(
        _ namespace: String, _ key: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<[Entry]> {
        let lists = store.lists(namespace)
        var entries: [Entry] = []
        var range = ListRange(.ascending, limit: PageLimit.maximum)
        while true {
            let page = try await lists.page(of: key, range, options)
            entries += page.map { Entry($0) }
            guard let next = page.next else {
                return Answer(entries, source: page.source, degradations: page.degradations)
            }
            range = next
        }
    }

    /// Finds values and items of a namespace whose members equal those of a filter, all of them.
    ///
    /// Equal means equal, on every backend: `1` is not `true`, `null` is not a missing member, an object has exactly the
    /// members of the other in any order, an array exactly its elements. Numbers are equal by value, as `1` and `1.0` are.
    ///
    /// - Parameters:
    ///   - namespace: where to look.
    ///   - filters: a JSON object; an empty one finds everything.
    ///   - limit: how many are looked at together, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``. A page
    ///     has fewer where a filter is an object or an array.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: a page in the order of keys, a value before the items of its key.
    /// - Throws: `invalid` for filters that are no object.
    public func query(
        _ namespace: String, _ filters: Bytes, limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Entry, Cursor> {
        _ = try JSONMembers(filters, as: "the filter")
        guard let wanted = try? JSONNode(filters.array) else { return Page([], next: nil) }
        var parts = [Operand.pointer("").isKind(.object)]
        var compounds: [(name: String, value: JSONNode)] = []
        for (name, value) in wanted.members {
            switch value.kind {
            case .object: compounds.append((name, value))
            case .array: compounds.append((name, value))
            default:
                parts.append(
                    Operand.member(name).equals(Filter.Scalar(json: Bytes(Array(value.bytes)))))
                continue
            }
            parts.append(Operand.member(name).isKind(value.kind == .object ? .object : .array))
        }
        let question = try SelectionQuestion(
            Selection(where: .all(parts)), of: .all, in: Namespace(namespace))
        let page = try await store.page(question, offset: 0, limit: limit, after: cursor, options)
        var entries: [Entry] = []
        for record in page.elements where Self.holds(record, compounds) { entries.append(try Entry(record)) }
        return Page(entries, next: page.next, source: page.source, degradations: page.degradations)
    }

    private static func holds(_ record: Record, _ wanted: [(name: String, value: JSONNode)]) -> Bool {
        guard !wanted.isEmpty else { return true }
        guard let node = try? JSONNode(record.value.array) else { return false }
        return wanted.allSatisfy { name, value in node[name].map { $0.equals(value) } ?? false }
    }
}

extension HistoryStore {
    /// The six primitives.
    public func primitives() -> Primitives { Primitives(store: self) }
}
