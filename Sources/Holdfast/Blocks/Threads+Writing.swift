public import HoldfastModel
internal import HoldfastSupport

extension Threads {
    /// Begins a message, with its first blocks or all of them, in one step.
    ///
    /// Given the blocks of a whole turn, all of it is stored or nothing: no call of a tool without the text before it.
    ///
    /// - Parameters:
    ///   - conversation: the id of its conversation.
    ///   - user: who began it.
    ///   - blocks: in order.
    ///   - time: when it began; nothing is now.
    ///   - options: how it is made safe; with an idempotency key, a retry stores it once and answers the first message.
    /// - Returns: the message without its blocks.
    /// - Throws: `notFound` where there is no such conversation; `invalid` for what is no block.
    @discardableResult
    public func createMessage(
        in conversation: String, by user: ThreadUser, blocks: [NewBlock] = [], at time: Timestamp? = nil,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> ThreadMessage {
        try await begin(in: conversation, by: user, blocks: blocks, at: time, options).message
    }

    /// Begins a message, and says how that was made safe; as ``createMessage(in:by:blocks:at:_:)``.
    package func begin(
        in conversation: String, by user: ThreadUser, blocks: [NewBlock], at time: Timestamp?,
        _ options: WriteOptions
    ) async throws(HoldfastError) -> (message: ThreadMessage, receipt: Receipt) {
        let facts = try blocks.map { block throws(HoldfastError) in try BlockFacts(block) }
        let id = conversation + "/" + newSuffix()
        let created = time ?? now
        let json = ThreadMessage.json(id: id, conversation: conversation, user: user, created: created)
        let calls = CallOptions(timeout: options.timeout)
        let answer = try await store.writing(options) { (_) async throws(HoldfastError) -> Batch in
            guard let stored = try await self.conversation(conversation, calls).content else {
                throw HoldfastError(.notFound, "there is no conversation \"\(conversation)\"")
            }
            var batch = Batch()
            batch.check(conversation, in: Self.namespace, is: .version(stored.version))
            batch.append(.json(json), to: id, in: Self.messageNamespace)
            try add(facts, to: id, stored, at: created, &batch)
            return batch
        }
        let place = answer.results[1].first ?? .zero
        return (try await message(id, at: place, in: conversation, calls), answer.receipt)
    }

    /// Appends blocks to a message, all or none, next to each other.
    ///
    /// - Parameters:
    ///   - blocks: in order, at least one.
    ///   - message: the id of the message.
    ///   - options: how it is made safe; with an idempotency key, a retry stores them once.
    /// - Returns: the ids of the blocks.
    /// - Throws: `notFound` where there is no such message; `invalid` for what is no block.
    @discardableResult
    public func append(
        _ blocks: [NewBlock], to message: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> [Version] {
        try await add(blocks, to: message, options).versions
    }

    /// Appends blocks to a message; as ``append(_:to:_:)``.
    ///
    /// - Returns: a receipt with the ids of the blocks.
    package func add(
        _ blocks: [NewBlock], to message: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> Receipt {
        let facts = try blocks.map { block throws(HoldfastError) in try BlockFacts(block) }
        guard !facts.isEmpty else {
            throw HoldfastError(.invalid, "there is no block to append, expected at least one")
        }
        let calls = CallOptions(timeout: options.timeout)
        let answer = try await store.writing(options) { (_) async throws(HoldfastError) -> Batch in
            let range = ListRange(.latest, limit: 1)
            let found = try await store.lists(Self.messageNamespace).page(of: message, range, calls)
            guard let item = found.first,
                let stored = try await self.conversation(Self.conversation(of: message), calls).content
            else { throw HoldfastError(.notFound, "there is no message \"\(message)\"") }
            var batch = Batch()
            batch.checkLast(item.id, of: message, in: Self.messageNamespace)
            try add(facts, to: message, stored, at: now, &batch)
            return batch
        }
        return answer.receipt(versions: answer.results[1])
    }

    /// Appends one block to a message.
    ///
    /// - Returns: the id of the block.
    @discardableResult
    public func append(
        _ block: NewBlock, to message: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Version {
        try await append([block], to: message, options).last ?? .zero
    }

    private func add(
        _ blocks: [BlockFacts], to message: String, _ conversation: AgentThread, at time: Timestamp,
        _ batch: inout Batch
    ) throws(HoldfastError) {
        guard !blocks.isEmpty else { return }
        batch.append(blocks.map { .json($0.json) }, to: message, in: Self.blockNamespace)
        for block in blocks {
            if let call = block.toolCall {
                batch.put(.json("{}"), at: Self.key(ofCall: call, in: message), in: Self.toolCallNamespace)
            }
            if let usage = block.usage {
                try UsageEntry(
                    usage: usage, agent: conversation.agent, conversation: conversation.id, message: message,
                    time: time
                ).add(to: &batch)
            }
        }
    }

    /// The message whose item has an id.
    ///
    /// It is at the key that was just made, but after a retry, which made another one: then it is looked for among all
    /// messages of the conversation.
    private func message(
        _ id: String, at place: Version, in conversation: String, _ options: CallOptions
    ) async throws(HoldfastError) -> ThreadMessage {
        let lists = store.lists(Self.messageNamespace)
        let newest = try await lists.page(of: id, ListRange(.latest, limit: 1), options).first
        if let newest, newest.id == place { return try ThreadMessage(newest, []) }
        let selection = Selection(
            prefix: conversation + "/", where: Operand.id.equals(Filter.Scalar(place.hexadecimal)))
        guard let item = try await lists.select(selection, limit: 1, options).first else {
            throw HoldfastError(.notFound, "the message was deleted right after it was written")
        }
        return try ThreadMessage(item, [])
    }

    /// 32 digits that no other message has, and that rise with the clock.
    private func newSuffix() -> String {
        let random = store.random
        return Version(
            milliseconds: UInt64(max(0, now.unixMilliseconds)), counter: random.next() & Version.counterMax,
            node: random.next() & Version.nodeMax
        ).hexadecimal
    }

    static func conversation(of message: String) -> String {
        String(message.dropLast(ThreadMessage.suffixCount))
    }

    /// Where a call of a tool is found: by its id, and below it by conversation.
    static func key(ofCall call: String, in message: String) -> String {
        CompositeKey(call).prefix + message
    }
}
