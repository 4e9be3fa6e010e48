public import HoldfastModel

extension Threads {
    private static let erasedCountMax = 200

    /// Deletes a conversation with everything in it: messages, blocks, what is known of calls, and what it cost.
    ///
    /// The conversation goes first, so that nobody can add to it; then message by message. A conversation that is begun
    /// anew in the same thread keeps what it gets.
    ///
    /// - Parameters:
    ///   - id: its id; that there is none is not an error.
    ///   - options: how each step is made safe; with an idempotency key, a retry deletes what the first call has left, and
    ///     nothing that came after it.
    /// - Returns: how many messages were deleted.
    /// - Throws: what a step throws; the rest is deleted by another call.
    @discardableResult
    public func delete(
        _ id: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Int {
        guard let agent = try? CompositeKey.names(of: id).first else {
            throw HoldfastError(.invalid, "\"\(id.prefix(60))\" is not the id of a conversation")
        }
        var batch = Batch()
        batch.delete(id, in: Self.namespace)
        batch.erase(UsageEntry.key(agent: agent, conversation: id), in: UsageLedger.namespace)
        let end = try await store.write(batch, options).results[0].first ?? .zero
        var options = options
        options.idempotencyKey = nil
        let calls = CallOptions(timeout: options.timeout)
        let older = Selection(
            prefix: id + "/", where: Operand.id.isLess(than: Filter.Scalar(end.hexadecimal)), keysOnly: true)
        var count = 0
        while true {
            let page = try await store.lists(Self.messageNamespace).select(
                older, limit: Self.erasedCountMax, calls)
            guard !page.isEmpty else { return count }
            for item in page { try await erase(message: item.key, options) }
            count += page.count
        }
    }

    /// Erases one message with its blocks and what its calls are found by, in one step.
    func erase(message: String, _ options: WriteOptions) async throws(HoldfastError) {
        _ = try await store.writing(options) { (met) async throws(HoldfastError) -> Batch in
            try await erasure(of: message, met: met, CallOptions(timeout: options.timeout))
        }
    }

    /// What erases one message; fails where a block is added meanwhile, which may be a call.
    ///
    /// - Parameters:
    ///   - message: its id.
    ///   - met: the last id that an attempt before has met.
    ///   - options: how long each step may take.
    /// - Returns: a batch of at least three steps.
    /// - Throws: what reading throws.
    func erasure(
        of message: String, met: Version?, _ options: CallOptions
    ) async throws(HoldfastError) -> Batch {
        let blocks = store.lists(Self.blockNamespace)
        let last = try await blocks.page(of: message, .latest(1), options).first?.id ?? .zero
        var batch = Batch()
        batch.checkLast(max(last, met ?? .zero), of: message, in: Self.blockNamespace)
        batch.erase(message, in: Self.messageNamespace)
        batch.erase(message, in: Self.blockNamespace)
        let calls = Selection(
            key: message, where: Operand.path(["content", "tool_call_id"]).isKind(.string))
        var ids: Set<Bytes> = []
        var cursor: Cursor?
        repeat {
            let page = try await blocks.select(calls, limit: PageLimit.maximum, after: cursor, options)
            ids.formUnion(page.compactMap { ToolCall(Block($0)).map { Bytes($0.id) } })
            cursor = page.next
        } while cursor != nil
        for id in ids.sorted() {
            batch.delete(Self.key(ofCall: id.description, in: message), in: Self.toolCallNamespace)
        }
        return batch
    }
}
