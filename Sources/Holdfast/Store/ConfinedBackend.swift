internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// A backend as one tenant sees it: a prefix goes in front of every namespace, and off again in answers.
///
/// The tenant `acme` keeps its namespace `notes` in `acme/notes`, and the host's `~locks` for it in `~tenant/acme/~locks`,
/// which no namespace of a caller can be. Names of tenants have no slash, so no two tenants' namespaces are one.
struct ConfinedBackend: Backend {
    private let backend: any Backend
    private let prefix: Bytes
    private let hostPrefix: Bytes

    init(_ backend: any Backend, tenant: String) throws(HoldfastError) {
        guard Self.isName(tenant) else {
            throw HoldfastError(
                .invalid, "tenant \"\(tenant)\" is no name, expected 1 to 64 letters, digits, -, _ and .")
        }
        self.backend = backend
        prefix = Bytes("\(tenant)/")
        hostPrefix = Bytes("~tenant/\(tenant)/")
    }

    /// Whether a tenant can be called so.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isPlain)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    var name: String { backend.name }
    var guarantees: Guarantees { get async { await backend.guarantees } }

    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        var inner = request
        for position in inner.changes.indices {
            inner.changes[position].record.namespace = try stored(
                inner.changes[position].record.namespace)
        }
        if let key = request.idempotencyKey {
            inner.idempotencyKey = WriteRequest.IdempotencyKey(scope: try stored(key.scope), text: key.text)
        }
        return try await backend.write(inner)
    }

    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        var inner = requests
        for position in inner.indices { inner[position].address = try stored(inner[position].address) }
        var answer = try await backend.read(inner, options)
        for position in answer.results.indices {
            let namespace = position < requests.count ? requests[position].address.namespace : .empty
            for record in answer.results[position].indices {
                answer.results[position][record].namespace = namespace
            }
        }
        return answer
    }

    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        guard !query.namespace.isEmpty else { return try await scanAll(query, options) }
        var inner = query
        inner.namespace = try stored(query.namespace)
        if let after = query.after {
            inner.after = Query.Cursor(
                address: Address(namespace: inner.namespace, key: after.address.key), id: after.id)
        }
        return given(back: try await backend.query(inner, options), in: query.namespace)
    }

    func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        let (inner, namespace) = try stored(query: query)
        return given(back: try await backend.select(inner, options), in: namespace)
    }

    func invoke(_ call: DomainCall, _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer? {
        var inner = call
        var namespaces: [Bytes] = []
        for index in call.parts.indices {
            let (query, namespace) = try stored(query: call.parts[index].query)
            inner.parts[index].query = query
            namespaces.append(namespace)
        }
        guard var answer = try await backend.invoke(inner, options) else { return nil }
        for (part, namespace) in zip(answer.results.indices, namespaces) {
            for index in answer.results[part].indices
            where !answer.results[part][index].namespace.isEmpty {
                answer.results[part][index].namespace = namespace
            }
        }
        return answer
    }

    func flush(_ options: CallOptions) async throws(HoldfastError) { try await backend.flush(options) }
    func collectBlobs(
        _ collection: BlobCollection, _ options: CallOptions
    ) async throws(HoldfastError) -> BlobReport {
        throw HoldfastError(
            .unsupported, "a tenant does not see which large contents others use: collect on the whole store")
    }

    func status() async -> BackendStatus { await backend.status() }
    /// Leaves the backend to its owner.
    func close() async {}
}

extension ConfinedBackend {
    private func stored(_ namespace: Bytes) throws(HoldfastError) -> Bytes {
        let prefix = namespace.hasPrefix("~") ? hostPrefix : prefix
        let name = Bytes(prefix.array + namespace.array)
        guard name.count <= Limits.namespaceByteCountMax else {
            throw HoldfastError(
                .invalid,
                "namespace has \(namespace.count) bytes, expected at most \(Limits.namespaceByteCountMax - prefix.count)"
            )
        }
        return name
    }

    /// A query of the tenant as one of the whole store, and the namespace that the tenant gave.
    private func stored(query: Bytes) throws(HoldfastError) -> (query: Bytes, namespace: Bytes) {
        var select: Select
        do {
            select = try Select(parsing: query.array)
        } catch {
            throw HoldfastError(.invalid, "\(error)")
        }
        let namespace = Bytes(select.namespace)
        select.namespace = try stored(namespace).array
        return (Bytes(select.json), namespace)
    }

    private func stored(_ address: Address) throws(HoldfastError) -> Address {
        guard address.namespace != IdempotencyRecord.namespace else { return try stored(claim: address) }
        return Address(namespace: try stored(address.namespace), key: address.key)
    }

    /// Where the record of an idempotency key is: that of a tenant is among all others, since the backend that writes it
    /// knows of no tenants, under the whole name of the namespace that it belongs to.
    private func stored(claim: Address) throws(HoldfastError) -> Address {
        let text = claim.key.array
        let size = text.prefix { $0 != UInt8(ascii: ":") }
        guard let count = Int(String(decoding: size, as: UTF8.self)), count >= 0,
            count < text.count - size.count
        else { throw HoldfastError(.internal, "the record of an idempotency key has no namespace") }
        let start = size.count + 1
        let namespace = try stored(Bytes(Array(text[start..<start + count])))
        let key = Bytes(Array("\(namespace.count):".utf8) + namespace.array + text[(start + count)...])
        return Address(namespace: claim.namespace, key: key)
    }

    /// What the tenant calls a namespace; nothing for one of others.
    func name(ofStored namespace: String) -> String? {
        let name = Bytes(namespace)
        return name.hasPrefix(prefix) ? name[prefix.count..<name.count].description : nil
    }

    private func given(back answer: QueryAnswer, in namespace: Bytes) -> QueryAnswer {
        var answer = answer
        for position in answer.records.indices { answer.records[position].namespace = namespace }
        return answer
    }

    /// A scan over all namespaces is one over those of the tenant, without those that the host keeps for it.
    private func scanAll(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        var inner = query
        let start = query.after?.address ?? Address(namespace: .empty, key: "\u{1}")
        inner.after = Query.Cursor(
            address: Address(namespace: Bytes(prefix.array + start.namespace.array), key: start.key),
            id: query.after?.id ?? .zero)
        var answer = try await backend.query(inner, options)
        answer.records = answer.records.prefix { $0.namespace.hasPrefix(prefix) }.map { record in
            var record = record
            record.namespace = record.namespace[prefix.count..<record.namespace.count]
            return record
        }
        return answer
    }
}
