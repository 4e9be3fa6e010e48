internal import Holdfast
internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// Conversations as OpenAI's API has them: a document with the metadata, and at the same key the list of the items.
struct OpenAIConversations {
    /// Where they are stored.
    static let namespace = Conversations.openAINamespace
    /// How long a write waits before it is tried again because the metadata has changed meanwhile.
    private static let backoff = Backoff(initial: .milliseconds(2), maximum: .milliseconds(100))

    let store: HistoryStore

    /// One conversation.
    struct Conversation {
        let id: String
        let version: Version
        let createdAt: Int64
        let metadata: [UInt8]
    }

    private var documents: Documents { store.documents(Self.namespace) }
    private var items: Lists { store.lists(Self.namespace) }

    /// Makes a conversation together with its first items.
    ///
    /// - Parameters:
    ///   - id: a name that nobody has.
    ///   - metadata: JSON that was checked.
    ///   - values: what is stored of each item.
    ///   - seconds: Unix time.
    ///   - options: how it is made safe.
    /// - Returns: the conversation, and what the write answered.
    /// - Throws: `conflict` when the name is taken.
    func create(
        _ id: String, metadata: [UInt8], _ values: [Value], at seconds: Int64, _ options: WriteOptions
    ) async throws(HoldfastError) -> (Conversation, BatchReceipt) {
        var batch = Batch()
        batch.put(.json(Self.document(seconds, metadata)), at: id, in: Self.namespace, if: .absent)
        if !values.isEmpty { batch.append(values, to: id, in: Self.namespace) }
        let receipt = try await store.write(batch, options)
        let conversation = Conversation(
            id: id, version: receipt.results[0].last ?? .zero, createdAt: seconds, metadata: metadata)
        return (conversation, receipt)
    }

    /// Reads a conversation.
    ///
    /// - Throws: `notFound`; `corrupt` for a document that something else has written.
    func conversation(
        _ id: String, _ options: CallOptions
    ) async throws(HoldfastError) -> Answer<Document> {
        try await documents.get(id, options)
    }

    /// What a document holds.
    static func conversation(_ document: Document) throws(HoldfastError) -> Conversation {
        guard let node = try? JSONNode(document.bytes.array), let seconds = node["created_at"]?.integer,
            let metadata = node["metadata"]
        else {
            throw HoldfastError(
                .corrupt, "the document of conversation \"\(document.key)\" is none of this API")
        }
        return Conversation(
            id: document.key, version: document.version, createdAt: seconds, metadata: Array(metadata.bytes))
    }

    /// Replaces the metadata.
    func update(
        _ id: String, metadata: [UInt8], _ calls: CallOptions, _ options: WriteOptions
    ) async throws(HoldfastError) -> Receipt {
        try await retrying(options.timeout) { () async throws(HoldfastError) -> Receipt in
            let found = try Self.conversation(try await conversation(id, calls).content)
            return try await documents.put(
                .json(Self.document(found.createdAt, metadata)), at: id, if: .version(found.version), options)
        }
    }

    /// What a removal answers.
    typealias Removal = (level: AckLevel, isReplay: Bool, degradations: [Degradation])

    /// Removes a conversation with all its items.
    ///
    /// - Throws: `notFound`; not where an earlier call with the same idempotency key has removed it.
    func delete(
        _ id: String, _ calls: CallOptions, _ options: WriteOptions
    ) async throws(HoldfastError) -> Removal {
        do {
            _ = try await conversation(id, calls)
        } catch {
            guard error.code == .notFound, options.idempotencyKey != nil else { throw error }
            return try await repeated(id, options, error)
        }
        // A session is a list and a document at one key as well.
        let receipt = try await store.conversations(Self.namespace).delete(id, options)
        return (receipt.level, receipt.isReplay, receipt.degradations)
    }

    /// The first answer of a removal that has taken place; nothing is written.
    private func repeated(
        _ id: String, _ options: WriteOptions, _ missing: HoldfastError
    ) async throws(HoldfastError) -> Removal {
        // As many changes as the removal has, which is how a key knows its request; and none that can take place.
        var batch = Batch()
        for _ in 0..<2 { batch.check(id, in: Self.namespace, is: .version(MatchTags.never)) }
        do {
            let receipt = try await store.write(batch, options)
            return (receipt.level, receipt.isReplay, receipt.degradations)
        } catch {
            throw error.code == .conflict ? missing : error
        }
    }

    /// Appends items, all or none, if the conversation is still there.
    ///
    /// - Returns: what the write answered; its last result holds the ids.
    func append(
        _ values: [Value], to id: String, _ calls: CallOptions, _ options: WriteOptions
    ) async throws(HoldfastError) -> BatchReceipt {
        try await retrying(options.timeout) { () async throws(HoldfastError) -> BatchReceipt in
            let version = try await conversation(id, calls).content.version
            var batch = Batch()
            batch.check(id, in: Self.namespace, is: .version(version))
            batch.append(values, to: id, in: Self.namespace)
            return try await store.write(batch, options)
        }
    }

    /// Reads items of a conversation that is there.
    ///
    /// - Throws: `notFound` where it has no items and is not there.
    func page(
        of id: String, _ range: ListRange, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<Item, ListRange> {
        let page = try await items.page(of: id, range, options)
        if page.isEmpty { _ = try await conversation(id, options) }
        return page
    }

    /// Reads the items that an append has written, those of them that are still there.
    func items(
        _ places: [Version], of id: String, _ options: CallOptions
    ) async throws(HoldfastError) -> [(Version, Bytes)] {
        var found: [(Version, Bytes)] = []
        for place in places {
            do {
                found.append((place, try await item(place, of: id, options).bytes))
            } catch {
                guard error.code == .notFound else { throw error }
            }
        }
        return found
    }

    /// Reads an item.
    func item(
        _ place: Version, of id: String, _ options: CallOptions
    ) async throws(HoldfastError) -> Answer<Item> {
        try await items.item(place, of: id, options)
    }

    /// Removes an item.
    func remove(
        _ place: Version, from id: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> Receipt {
        try await items.remove(place, from: id, options)
    }

    private static func document(_ seconds: Int64, _ metadata: [UInt8]) -> Bytes {
        var writer = JSONWriter()
        writer.object { object in
            object.member("created_at", seconds)
            object.member("metadata", json: metadata)
        }
        return Bytes(writer.bytes)
    }

    /// Tries again what found that the metadata has changed, for as long as the request may take.
    private func retrying<Result: Sendable>(
        _ time: Duration?, _ body: () async throws(HoldfastError) -> Result
    ) async throws(HoldfastError) -> Result {
        let clock = store.clock
        let start = clock.monotonicNanoseconds
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch {
                let delay = Self.backoff.delay(attempt: attempt, random: store.random.next())
                let spent = Duration.nanoseconds(clock.monotonicNanoseconds - start)
                // A conflict over the number of changes stands for good: the key belongs to another request.
                guard error.code == .conflict, let current = error.current, !current.isZero,
                    spent + delay < time ?? .seconds(30)
                else { throw error }
                await clock.wait(for: delay)
                guard !Task.isCancelled else { throw error }
                attempt += 1
            }
        }
    }
}
