public import HoldfastChain
public import HoldfastModel

/// One event of a run as it is stored.
public struct RunEvent: Hashable, Sendable {
    /// Its place among the events of the run: ids rise from the oldest to the newest, and never change.
    public let id: Version
    /// The JSON of the event, byte for byte as it came, with every member that it had.
    public let json: Bytes

    /// When it was added.
    public var time: Timestamp { Timestamp(id) }

    init(_ item: Item) {
        id = item.id
        json = item.bytes
    }
}

extension Runs {
    /// Adds events to a run, all or none, next to each other.
    ///
    /// A run that nobody has saved takes events too. They are kept as long as their run; without one, as long as
    /// ``HistoryStore/runs(lifetime:)`` says.
    ///
    /// - Parameters:
    ///   - events: oldest first; objects with a string `type`.
    ///   - run: the id of the run.
    ///   - options: how it is made safe; with an idempotency key, a retry stores them once.
    /// - Returns: a receipt whose last versions are the ids of the events.
    /// - Throws: `invalid` for what is no event, or beyond the limits.
    @discardableResult
    public func add(
        _ events: [Bytes], to run: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        for event in events { _ = try JSONMembers(event, as: "the event").text("type") }
        let list = ExpiringList(store, Self.eventNamespace, run)
        let answer = try await store.writing(options) { (_) async throws(HoldfastError) -> Batch in
            let seen = try await list.look(CallOptions(timeout: options.timeout))
            var batch = Batch()
            let expiry = try begin(&batch, seen, run)
            let values = events.map { Value.json($0, expiry: expiry.items) }
            batch.append(values, to: run, in: Self.eventNamespace)
            return batch
        }
        return answer.receipt(versions: answer.results.last ?? [])
    }

    /// Adds one event to a run.
    @discardableResult
    public func add(
        _ event: Bytes, to run: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await add([event], to: run, options)
    }

    /// Begins a batch that adds events to a life that goes on, or to a new one.
    private func begin(
        _ batch: inout Batch, _ seen: ExpiringList.Sighting, _ run: String
    ) throws(HoldfastError) -> SharedExpiry? {
        if let document = seen.document {
            batch.check(run, in: Self.eventNamespace, is: .version(document.version))
            return document.expiresAt.map(SharedExpiry.init)
        }
        let expiry = try lifetime.map { lifetime throws(HoldfastError) in
            try SharedExpiry(after: lifetime, from: now)
        }
        if seen.isDead {
            batch.check(run, in: Self.eventNamespace, is: .absent)
            batch.erase(run, in: Self.eventNamespace)
        }
        if let expiry {
            batch.put(
                .json("{}", expiry: .at(expiry.end)), at: run, in: Self.eventNamespace,
                if: seen.isDead ? nil : .absent)
        } else if !seen.isDead {
            batch.check(run, in: Self.eventNamespace, is: .absent)
        }
        return expiry
    }

    /// Reads events of a run, oldest first.
    ///
    /// - Parameters:
    ///   - run: the id of the run; one that is not known has no events.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - offset: how many to leave out, 0 to 100 000; an id is cheaper.
    ///   - id: only events after the one with this id, which need not be there any more.
    ///   - options: how long it may take.
    /// - Returns: events, and the id after which the next page begins.
    /// - Throws: `invalid` for a limit or an offset below zero.
    public func events(
        of run: String, limit: Int? = nil, offset: Int = 0, after id: Version? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<RunEvent, Version> {
        guard offset >= 0 else {
            throw HoldfastError(.invalid, "offset is \(offset), expected zero or more")
        }
        let list = ExpiringList(store, Self.eventNamespace, run)
        var range = ListRange(.ascending, after: id, limit: limit)
        if offset > 0, limit != 0 {
            // The place behind what is left out, found without reading a value.
            guard let skipped = try await skip(offset, of: run, after: id, options) else {
                return Page([], next: nil)
            }
            range.after = skipped
        }
        let page = try await list.page(range, options).items
        return Page(
            page.map(RunEvent.init), next: page.next?.after, source: page.source,
            degradations: page.degradations)
    }

    private func skip(
        _ offset: Int, of run: String, after id: Version?, _ options: CallOptions
    ) async throws(HoldfastError) -> Version? {
        let later = id.map { Operand.id.isGreater(than: Filter.Scalar($0.hexadecimal)) }
        let selection = Selection(key: run, where: later, keysOnly: true)
        let page = try await store.lists(Self.eventNamespace).select(
            selection, offset: offset - 1, limit: 1, options)
        return page.first?.id
    }
}

extension Version {
    /// The 32 hexadecimal digits by which queries know an id.
    var hexadecimal: String { description.filter { $0 != "-" } }
}
