internal import HoldfastChain
public import HoldfastModel

extension Conversations {
    /// Removes the newest message and returns it, in one atomic step: of many who ask at once, each gets another.
    ///
    /// - Parameters:
    ///   - session: which session.
    ///   - options: how it is made safe; with an idempotency key, a retry gets the same message again, for 24 hours.
    /// - Returns: the message, or nothing where there is none.
    /// - Throws: `unavailable`, `timeout` or `exhausted` when it could not be made safe; `conflict` where others are
    ///   faster a hundred times.
    public func pop(
        _ session: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Message? {
        try await take(from: session, options).message
    }

    /// Removes the newest message and returns it, and how that was made safe; as ``pop(_:_:)``.
    ///
    /// - Returns: the message, or nothing where there is none; a receipt, or nothing where nothing was written.
    package func take(
        from session: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> (message: Message?, receipt: Receipt?) {
        let calls = CallOptions(timeout: options.timeout)
        let (taken, answer) = try await lists.decide(on: session, options.unkeyed) {
            (end: Version) async throws(HoldfastError) -> Decision<(message: Message?, replay: Receipt?)> in
            if let (message, replay) = try await popped(from: session, options) {
                return Decision(content: (message, replay))
            }
            guard let newest = try await lists.page(of: session, .latest(1), calls).first else {
                return Decision(content: (nil, nil))
            }
            var batch = Batch()
            batch.add(.checkLast(max(newest.id, end)), session, lists.namespace)
            batch.add(.remove(newest.id), session, lists.namespace)
            if let key = options.idempotencyKey {
                // The message itself is the answer that a retry must get, and it is nowhere else any more.
                let value = ArchivedMessage.value(
                    of: newest, expiry: .after(Self.poppedRetention),
                    byteCountMax: lists.store.edge.valueByteCountMax)
                batch.add(
                    .put(value, if: .absent), CompositeKey(session, key).text, popped.namespace)
            }
            return Decision(content: (Message(newest), nil), batch: batch)
        }
        return (taken.message, answer?.receipt ?? taken.replay)
    }

    private static var poppedRetention: Duration { .seconds(24 * 60 * 60) }

    /// What was popped with an idempotency key: a namespace beside that of the conversations.
    var popped: Documents { lists.store.documents(lists.namespace.name + "-popped") }

    private func popped(
        from session: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> (Message, Receipt)? {
        guard let key = options.idempotencyKey else { return nil }
        let place = CompositeKey(session, key).text
        let answer = try await popped.get([place], CallOptions(timeout: options.timeout))
        guard let document = answer.content[0] else { return nil }
        return (
            try ArchivedMessage.message(in: document),
            Receipt(replayOf: [], seenWith: answer.degradations)
        )
    }
}
