public import HoldfastChain
public import HoldfastModel

/// The documents of one namespace: one value for each key.
///
/// Keys are data, never paths or patterns: any text of 1 to 1024 bytes of UTF-8 without NUL.
public struct Documents: Sendable {
    let store: HistoryStore
    let namespace: Namespace

    /// Reads one document.
    ///
    /// - Parameters:
    ///   - key: which document.
    ///   - options: how long it may take.
    /// - Returns: the document, and who answered.
    /// - Throws: `notFound` when there is none, `unavailable` when nobody can say.
    public func get(
        _ key: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Document> {
        try await find(key, options).mapContent { document throws(HoldfastError) in
            guard let document else {
                throw HoldfastError(.notFound, "there is no document \"\(key)\" in this namespace")
            }
            return document
        }
    }

    /// Reads one document; nothing where there is none.
    func find(_ key: String, _ options: CallOptions) async throws(HoldfastError) -> Answer<Document?> {
        try await get([key], options).mapContent { $0[0] }
    }

    /// Reads many documents in one round trip.
    ///
    /// - Parameters:
    ///   - keys: which documents, at most ``PageLimit/maximum``.
    ///   - options: how long it may take.
    /// - Returns: for each key its document, or nothing where there is none.
    /// - Throws: `unavailable` when nobody can say.
    public func get(
        _ keys: [String], _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<[Document?]> {
        _ = try PageLimit.checked(keys.count)
        let requests = try keys.map { key throws(HoldfastError) in ReadRequest(try namespace.address(key)) }
        guard !requests.isEmpty else { return Answer([], source: "") }
        let answer = try await store.read(requests, options)
        let documents = try answer.results.map { records throws(HoldfastError) in
            try records.first.map { record throws(HoldfastError) in try Document(record) }
        }
        return Answer(documents, source: answer.source, degradations: answer.degradations)
    }

    /// Writes one document, whether or not there is one already.
    ///
    /// - Parameters:
    ///   - value: replaces the stored one whole, expiry included.
    ///   - key: which document.
    ///   - condition: what must hold for the write to take place.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the document's version.
    /// - Throws: `conflict`, with the stored version, when the condition does not hold; `invalid` for a key or value
    ///   beyond the limits or a value that is not the JSON it claims to be.
    @discardableResult
    public func put(
        _ value: Value, at key: String, if condition: Condition? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let address = try namespace.address(key)
        let record = try store.edge.record(value, at: address)
        return try await store.write([Change(.put, record, if: .init(condition))], scope: address, options)
    }

    /// Removes one document; that there is none is not an error.
    ///
    /// - Parameters:
    ///   - key: which document; a list at the same key stays.
    ///   - condition: what must hold for the removal to take place.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the version of the removal.
    /// - Throws: `conflict`, with the stored version, when the condition does not hold.
    @discardableResult
    public func delete(
        _ key: String, if condition: Condition? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let address = try namespace.address(key)
        let tombstone = Record(namespace: address.namespace, key: address.key, flags: .removed)
        return try await store.write([Change(.put, tombstone, if: .init(condition))], scope: address, options)
    }
}

extension Change.Condition {
    /// A condition of a live write; without one, arrival order decides.
    init(_ condition: Condition?) { self = condition.map { .version($0.expected) } ?? .newest }
}
