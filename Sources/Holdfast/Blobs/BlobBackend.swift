internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// Keeps large contents apart from the records that hold them, each once, and puts them back before anybody sees them.
///
/// A content is a document in ``namespace`` at its SHA-256. Beside it, in ``usesNamespace``, a document with its size is
/// written with every record that refers to the content, in the same batch: its version is the time of the last use, and
/// who collects blobs removes one only under the condition that no use has been added meanwhile.
final class BlobBackend: Backend {
    static let namespace: Bytes = "~blobs"
    static let usesNamespace: Bytes = "~blob-uses"

    let backend: any Backend
    /// Nothing is kept apart without it; what was before is put back all the same, and marks of callers are escaped.
    let text: BlobText?
    /// What the age of uses is counted on.
    let clock: any HostClock

    private static let attemptCountMax = 4
    /// Contents that are fetched together.
    private static let fetchByteCountMax = 32 << 20

    init(_ backend: any Backend, _ text: BlobText?, _ clock: any HostClock) {
        self.backend = backend
        self.text = text
        self.clock = clock
    }

    var name: String { backend.name }

    var guarantees: Guarantees { get async { await backend.guarantees } }

    func flush(_ options: CallOptions) async throws(HoldfastError) { try await backend.flush(options) }

    func status() async -> BackendStatus { await backend.status() }

    func close() async { await backend.close() }
}

extension BlobBackend {
    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        let text = text ?? .escaping
        var stubbed = request
        var isStubbed = false
        var contents: [String: Bytes] = [:]
        var places: Set<Bytes> = []
        for index in request.changes.indices where request.changes[index].kind == .put {
            let record = request.changes[index].record
            let isJSON = !record.flags.contains(.bytes)
            guard !record.flags.contains(.removed), let stub = text.stub(of: record.value, isJSON: isJSON)
            else { continue }
            stubbed.changes[index].record.value = stub.value
            isStubbed = true
            contents.merge(stub.contents) { first, _ in first }
            guard isJSON else { continue }
            for member in try BlobText.members(in: stub.value) {
                places.insert(Self.place(record.namespace, member))
            }
        }
        guard isStubbed else { return try await backend.write(request) }
        for place in places.sorted() {
            stubbed.changes.append(
                Change(.put, Record(namespace: Self.placesNamespace, key: place, flags: .bytes)))
        }
        var receipt = try await write(stubbed, with: contents)
        // Two for each content. Another count is the answer to another request with the same idempotency key.
        let ownCount = places.count + contents.count * 2
        if receipt.versions.count == request.changes.count + ownCount {
            receipt.versions.removeLast(ownCount)
        }
        return receipt
    }

    /// Writes changes, the contents that are not there yet, and a use of each content.
    private func write(
        _ request: WriteRequest, with contents: [String: Bytes]
    ) async throws(HoldfastError) -> WriteReceipt {
        let options = CallOptions(timeout: request.timeout)
        var known = try await versions(of: contents.keys, options)
        var attempt = 1
        while true {
            var whole = request
            for (hash, content) in contents.sorted(by: { $0.key < $1.key }) {
                let blob = Record(
                    namespace: Self.namespace, key: Bytes(hash), value: content, flags: .bytes)
                if let version = known[hash] {
                    var unchanged = blob
                    unchanged.value = .empty
                    whole.changes.append(Change(.check, unchanged, if: .version(version)))
                } else {
                    whole.changes.append(Change(.put, blob))
                }
                let use = Record(
                    namespace: Self.usesNamespace, key: Bytes(hash), value: Bytes("\(content.count)"),
                    flags: .bytes)
                whole.changes.append(Change(.put, use))
            }
            do {
                return try await backend.write(whole)
            } catch {
                guard !known.isEmpty, attempt < Self.attemptCountMax, !error.flags.contains(.maybeApplied)
                else { throw error }
                attempt += 1
                switch error.code {
                case .conflict:
                    let current = try await versions(of: contents.keys, options)
                    // Where no content has changed, the condition is one of the caller's.
                    guard current != known else { throw error }
                    known = current
                case .unavailable:
                    // Conditions need the primary; without one the contents are written once more.
                    known = [:]
                default: throw error
                }
            }
        }
    }

    /// The versions of the contents that are there.
    private func versions(
        of hashes: some Collection<String>, _ options: CallOptions
    ) async throws(HoldfastError) -> [String: Version] {
        var versions: [String: Version] = [:]
        for hash in hashes {
            let query = Query(
                namespace: Self.namespace, keyPrefix: Bytes(hash), scope: [.documents, .keysOnly], limit: 1)
            let answer = try await backend.query(query, options)
            guard answer.degradations.isEmpty else { continue }
            versions[hash] = answer.records.first?.version
        }
        return versions
    }
}

extension BlobBackend {
    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        try await whole { () async throws(HoldfastError) in
            try await restored(try await backend.read(requests, options), options)
        }
    }

    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        let reach = SelectReach(of: query.matches, threshold: threshold)
        let answer = try await records(options) { () async throws(HoldfastError) in
            try await backend.query(query, options)
        }
        return try await noting(reach, in: query.namespace, options, answer)
    }

    func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        let answer = try await records(options) { () async throws(HoldfastError) in
            try await backend.select(query, options)
        }
        guard let select = try? Select(parsing: query.array) else { return answer }
        let reach = SelectReach(of: select, threshold: threshold)
        return try await noting(reach, in: Bytes(select.namespace), options, answer)
    }

    /// Lets nobody answer an operation whole that looks where contents are kept apart: the provider has references there.
    func invoke(_ call: DomainCall, _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer? {
        for part in call.parts {
            guard let select = try? Select(parsing: part.query.array) else { return nil }
            let reach = SelectReach(of: select, threshold: threshold)
            if !reach.isEmpty, try await isApart(reach, in: Bytes(select.namespace), options) { return nil }
        }
        return try await whole { () async throws(HoldfastError) -> ReadAnswer? in
            guard let answer = try await backend.invoke(call, options) else { return nil }
            return try await restored(answer, options)
        }
    }

    private func restored(
        _ answer: ReadAnswer, _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer {
        var answer = answer
        let contents = try await contents(of: answer.results, options, &answer.degradations)
        guard let contents else { return answer }
        for index in answer.results.indices { try restore(&answer.results[index], contents) }
        return answer
    }

    /// What was kept apart before may have been shorter where there are no settings.
    private var threshold: Int { text?.threshold ?? BlobSettings.thresholdMinimum }

    private func records(
        _ options: CallOptions, _ read: () async throws(HoldfastError) -> QueryAnswer
    ) async throws(HoldfastError) -> QueryAnswer {
        try await whole { () async throws(HoldfastError) in
            var answer = try await read()
            let contents = try await contents(of: [answer.records], options, &answer.degradations)
            guard let contents else { return answer }
            try restore(&answer.records, contents)
            return answer
        }
    }

    /// Reads records and contents once more where one is missing: both may have been removed in between, the record first.
    private func whole<Answer>(
        _ read: () async throws(HoldfastError) -> Answer
    ) async throws(HoldfastError) -> Answer {
        do {
            return try await read()
        } catch {
            guard error.code == .corrupt else { throw error }
            return try await read()
        }
    }

    private func restore(
        _ records: inout [Record], _ contents: [String: Bytes]
    ) throws(HoldfastError) {
        for index in records.indices {
            records[index].value = try BlobText.whole(
                records[index].value, isJSON: !records[index].flags.contains(.bytes), contents: contents)
        }
    }

    /// Everything that records refer to, by hash; nothing where they are as they were written.
    private func contents(
        of results: [[Record]], _ options: CallOptions, _ degradations: inout [Degradation]
    ) async throws(HoldfastError) -> [String: Bytes]? {
        var wanted: [String: Int] = [:]
        var isMarked = false
        for records in results {
            // Where they stand: every read comes by here, and a record that is copied counts three references.
            let records = records.span
            for index in records.indices {
                let isJSON = !records[index].flags.contains(.bytes)
                for mark in try BlobText.marks(in: records[index].value, isJSON: isJSON) {
                    isMarked = true
                    if case .reference(let reference) = mark { wanted[reference.hash] = reference.byteCount }
                }
            }
        }
        guard isMarked else { return nil }
        var contents: [String: Bytes] = [:]
        var rest = wanted.sorted { $0.key < $1.key }[...]
        while !rest.isEmpty {
            var requests: [ReadRequest] = []
            var byteCount = 0
            while let (hash, count) = rest.first,
                requests.isEmpty || byteCount + count <= Self.fetchByteCountMax
            {
                requests.append(ReadRequest(Address(namespace: Self.namespace, key: Bytes(hash))))
                byteCount += count
                rest.removeFirst()
            }
            let answer = try await backend.read(requests, options)
            for record in answer.results.lazy.flatMap(\.self) {
                contents[record.key.description] = record.value
            }
            for degradation in answer.degradations where !degradations.contains(degradation) {
                degradations.append(degradation)
            }
        }
        return contents
    }
}
