internal import HoldfastChain
public import HoldfastModel

extension Conversations {
    /// Copies a session, whole or up to a message, into another one that has no messages.
    ///
    /// The JSON and the expiry of each message are copied; copies have ids and times of their own. Atomic up to
    /// ``RequestLimits``; a longer session is copied in parts, and what was copied goes again where one fails.
    ///
    /// - Parameters:
    ///   - session: what is copied.
    ///   - target: where it is copied to; not the session itself.
    ///   - last: the last message that is copied; nothing is all.
    ///   - options: how it is made safe; with an idempotency key, a retry copies nothing, and is told the copies of the
    ///     last part.
    /// - Returns: a receipt with the id of each copy, in order.
    /// - Throws: `notFound` where there is no such message, or nothing to copy; `conflict` where the target has messages.
    @discardableResult
    public func fork(
        _ session: String, to target: String, upTo last: Version? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await fork(session, to: target, of: self, upTo: last, options)
    }

    func fork(
        _ session: String, to target: String, of targets: Conversations, upTo last: Version?,
        _ options: WriteOptions
    ) async throws(HoldfastError) -> Receipt {
        let calls = CallOptions(timeout: options.timeout)
        if let first = try await targets.lists.firstAnswer(of: target, options) { return first }
        if let last { _ = try await lists.item(last, of: session, calls) }
        var fork = Fork(lists: targets.lists, target: target, options: options)
        do {
            var range: ListRange? = ListRange(
                .ascending, before: last?.successor, limit: Scan.streamPageCount)
            while let asked = range {
                let page = try await lists.page(of: session, asked, calls)
                for item in page { try await fork.add(item) }
                range = page.next
            }
            return try await fork.finish(of: session)
        } catch {
            // What may be stored as a whole is not taken back in part.
            if !error.flags.contains(.maybeApplied) { await fork.undo() }
            throw error
        }
    }
}

/// A copy of a list in the making.
private struct Fork {
    let lists: Lists
    let target: String
    let options: WriteOptions
    private var values: [Value] = []
    private var byteCount = 0
    private var versions: [Version] = []
    private var receipt: Receipt?

    init(lists: Lists, target: String, options: WriteOptions) {
        self.lists = lists
        self.target = target
        self.options = options
    }

    mutating func add(_ item: Item) async throws(HoldfastError) {
        if values.count == RequestLimits.changeCountMax
            || byteCount + item.bytes.count > RequestLimits.byteCountMax
        {
            try await write(options.unkeyed)
        }
        values.append(Value(item.bytes, as: item.format, expiry: item.expiresAt.map(Expiry.at)))
        byteCount += item.bytes.count
    }

    mutating func finish(of source: String) async throws(HoldfastError) -> Receipt {
        guard !values.isEmpty || receipt != nil else {
            throw HoldfastError(.notFound, "there is nothing to copy in \"\(source)\"")
        }
        // The key stands for the whole, so it comes with the last part.
        if !values.isEmpty { try await write(options) }
        guard let receipt else { throw HoldfastError(.internal, "a copy was not written") }
        return Receipt(
            versions: versions, isReplay: receipt.isReplay, level: receipt.level,
            degradations: receipt.degradations)
    }

    /// The first part takes place in an empty list only, each further one behind the one before.
    private mutating func write(_ options: WriteOptions) async throws(HoldfastError) {
        let part = values
        let previous = receipt?.id
        let (_, answer) = try await lists.decide(on: target, options) {
            (end: Version) async throws(HoldfastError) -> Decision<Void> in
            let seen = try await lists.page(
                of: target, .latest(1), CallOptions(timeout: options.timeout)
            ).first?.id
            guard seen == previous else {
                throw HoldfastError(
                    .conflict, "\"\(target)\" has messages of its own, expected a session without",
                    current: seen)
            }
            var batch = Batch()
            batch.add(.append(part, ifLast: max(previous ?? .zero, end)), target, lists.namespace)
            return Decision(content: (), batch: batch)
        }
        guard let answer else { return }
        receipt = answer.receipt
        versions += answer.receipt.versions
        values = []
        byteCount = 0
    }

    /// Takes back what was copied: everything up to the last copy, since the list began with the first.
    func undo() async {
        guard let last = receipt?.id else { return }
        var batch = Batch()
        batch.add(.trim(upTo: last), target, lists.namespace)
        // The error that led here is the one to tell; a copy that stays is in a session that nobody was told of.
        _ = try? await lists.store.write(batch, options.unkeyed)
    }
}
