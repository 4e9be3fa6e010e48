internal import HoldfastChain
public import HoldfastModel

/// Messages that leave a history.
struct HistoryRemoval: Sendable {
    /// All up to this id, and what was removed there before; nothing where only new messages go.
    let last: Version?
    /// How many they are.
    let count: Int
    /// What goes into the archive, oldest first.
    let items: [Item]
    let isArchived: Bool
    /// Whether more are beyond the bound than one step takes.
    let isPart: Bool
}

extension Conversations {
    /// How many messages one step archives.
    private static var archivedCountMax: Int { 1000 }

    /// Removes the oldest messages of a session, or moves them into its archive, down to a bound.
    ///
    /// A message that arrives meanwhile is never taken. Each step is atomic: no message is in both places or in none.
    ///
    /// - Parameters:
    ///   - session: which session.
    ///   - trimming: what stays, and what becomes of the rest.
    ///   - options: how each step is made safe; an idempotency key is left out of account, since a bound holds for what is
    ///     there when it is asked for.
    /// - Returns: how many messages went.
    /// - Throws: `invalid` for a bound below zero.
    @discardableResult
    public func trim(
        _ session: String, to trimming: Trimming, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Int {
        try trimming.check()
        let calls = CallOptions(timeout: options.timeout)
        var count = 0
        while true {
            let (taken, _) = try await lists.decide(on: session, options.unkeyed) {
                (_: Version) async throws(HoldfastError) -> Decision<HistoryRemoval?> in
                let history = GrowingHistory(
                    lists: lists, key: session,
                    newest: try await lists.page(of: session, .latest(1), calls).first,
                    isNewestReplaced: false, additions: [], options: calls)
                let cut = try await history.cut(to: trimming.bound)
                guard let removal = try await removal(in: session, upTo: cut.last, trimming.disposal, calls)
                else { return Decision(content: nil) }
                var batch = Batch()
                add(removal, of: session, to: &batch)
                return Decision(content: removal, batch: batch)
            }
            count += taken?.count ?? 0
            guard let taken, taken.isPart else { return count }
        }
    }

    /// The messages that a cut takes away.
    ///
    /// - Returns: nothing where none are.
    func removal(
        in session: String, upTo last: Version?, _ disposal: Trimming.Disposal, _ options: CallOptions
    ) async throws(HoldfastError) -> HistoryRemoval? {
        guard let last else { return nil }
        guard disposal == .archive else {
            let count = try await lists.count(of: session, upTo: last, options)
            guard count > 0 else { return nil }
            return HistoryRemoval(last: last, count: count, items: [], isArchived: false, isPart: false)
        }
        let range = ListRange(.ascending, before: last.successor, limit: Self.archivedCountMax)
        let page = try await lists.page(of: session, range, options)
        var items: [Item] = []
        var room = RequestLimits.byteCountMax
        for item in page {
            room -= item.bytes.count + ArchivedMessage.frameByteCountMax
            guard room >= 0 else { break }
            items.append(item)
        }
        guard let end = items.last else { return nil }
        let isPart = items.count < page.count || page.next != nil
        return HistoryRemoval(
            last: isPart ? end.id : last, count: items.count, items: items, isArchived: true, isPart: isPart)
    }

    /// Adds the steps that take messages away.
    ///
    /// Each message that is archived is removed by itself, so that it moves once whoever else trims; the trim behind
    /// that takes what the removals leave.
    func add(
        _ removal: HistoryRemoval, and skipped: ArraySlice<Bytes> = [], of session: String,
        to batch: inout Batch
    ) {
        if removal.isArchived {
            let byteCountMax = lists.store.edge.valueByteCountMax
            for item in removal.items { batch.add(.remove(item.id), session, lists.namespace) }
            let values =
                removal.items.map { item in
                    ArchivedMessage.value(
                        of: item, expiry: item.expiresAt.map(Expiry.at), byteCountMax: byteCountMax)
                } + skipped.map { ArchivedMessage.value($0, byteCountMax: byteCountMax) }
            batch.add(.append(values, ifLast: nil), session, archive.namespace)
        }
        if let last = removal.last { batch.add(.trim(upTo: last), session, lists.namespace) }
    }

    /// Where archived messages go: a namespace beside that of the conversations, with a list for each session.
    var archive: Lists { lists.store.lists(lists.namespace.name + "-archive") }

    /// Reads archived messages of a session, with the ids and times that they had.
    ///
    /// - Parameters:
    ///   - session: which session.
    ///   - range: which messages, in the order in which they were archived; `after` and `before` are places in the
    ///     archive, as the range of the page that follows has them.
    ///   - options: how long it may take.
    /// - Returns: the messages, and the range of the page that follows.
    /// - Throws: `invalid` for a limit below zero or too high.
    public func archivedMessages(
        of session: String, _ range: ListRange = ListRange(.ascending),
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Message, ListRange> {
        let page = try await archive.page(of: session, range, options)
        let messages = try page.elements.map { item throws(HoldfastError) in
            try ArchivedMessage.message(in: item)
        }
        return Page(messages, next: page.next, source: page.source, degradations: page.degradations)
    }
}

extension Lists {
    /// Counts the items of a list up to an id, without their values.
    func count(
        of key: String, upTo last: Version, _ options: CallOptions
    ) async throws(HoldfastError) -> Int {
        let address = try namespace.address(key)
        var query = Query(
            namespace: address.namespace, keyPrefix: address.key, scope: [.items, .keysOnly],
            limit: UInt64(PageLimit.maximum))
        var count = 0
        while true {
            let records = try await store.backend.query(query, options).records
            for record in records {
                guard record.key == address.key, record.id <= last else { return count }
                count += 1
            }
            guard records.count == PageLimit.maximum, let end = records.last else { return count }
            query.after = Query.Cursor(address: address, id: end.id)
        }
    }
}
