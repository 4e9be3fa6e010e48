public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Appends one event.
    ///
    /// - Parameters:
    ///   - event: a JSON object with `bookmark.seq`, a whole number from 0, and `event.channel`.
    ///   - agent: whose.
    ///   - options: how it is made safe; with an idempotency key, a retry stores the event once.
    /// - Returns: a receipt with the event's id.
    /// - Throws: `invalid` for what is no event.
    @discardableResult
    public func appendEvent(
        _ event: Bytes, to agent: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await appendEvents([event], to: agent, options)
    }

    /// Appends many events, all or none.
    ///
    /// - Parameters:
    ///   - events: in the order in which they happened, at least one; each as for one.
    ///   - agent: whose.
    ///   - options: how it is made safe.
    /// - Returns: a receipt with one id for each event.
    /// - Throws: `invalid` for what is no event.
    @discardableResult
    public func appendEvents(
        _ events: [Bytes], to agent: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await measured(.save) { () async throws(HoldfastError) in
            let key = try key(agent)
            for (position, event) in events.enumerated() {
                try AgentEvent.check(event, as: events.count == 1 ? "the event" : "event \(position + 1)")
            }
            return try await lists(.events).append(events.map { .json($0) }, to: key, options)
        }
    }

    /// Reads a page of an agent's events in the order of `bookmark.seq`, whatever their channels.
    ///
    /// - Parameters:
    ///   - agent: whose.
    ///   - sequence: only events with a higher `bookmark.seq`; nothing is all.
    ///   - channel: only events of this channel; nothing is all of them, merged.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: events, and the cursor of the page that follows.
    /// - Throws: `invalid` for a limit below zero or a cursor of another question.
    public func events(
        of agent: String, since sequence: Int64? = nil, channel: String? = nil, limit: Int? = nil,
        after cursor: Cursor? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentEvent, Cursor> {
        try await measured(.load) { () async throws(HoldfastError) in
            let number = Operand.path(["bookmark", "seq"])
            var predicates: [Predicate] = []
            if let sequence { predicates.append(number.isGreater(than: .init(sequence))) }
            if let channel {
                predicates.append(Operand.path(["event", "channel"]).equals(.init(channel)))
            }
            let selection = Selection(
                key: try key(agent), where: predicates.isEmpty ? nil : .all(predicates),
                order: [.ascending(number), .ascending(.id)])
            let request = DomainRequest(.agentEvents) { arguments in
                arguments.member("agentId", agent)
                arguments.member("since", sequence)
                arguments.member("channel", channel)
            }
            return try await lists(.events).select(
                selection, as: request, limit: limit, after: cursor, options
            )
            .mapPage { item throws(HoldfastError) in try AgentEvent(item) }
        }
    }

    /// How many events a stream fetches at once, at first and later.
    private static let eventCounts = (first: 1_000, later: 10_000)

    /// Streams an agent's events in the order of `bookmark.seq`, each once, whoever appends meanwhile.
    ///
    /// - Parameters:
    ///   - agent: whose; one without events gives none.
    ///   - sequence: only events with a higher `bookmark.seq`; nothing is all.
    ///   - channel: only events of this channel; nothing is all of them, merged.
    ///   - options: how long each page may take.
    /// - Returns: a sequence that reads page by page, and ends behind the last event that is there.
    public func readEvents(
        of agent: String, since sequence: Int64? = nil, channel: String? = nil,
        _ options: CallOptions = CallOptions()
    ) -> RecordStream<AgentEvent> {
        RecordStream(from: nil) { (cursor: Cursor?) async throws(HoldfastError) -> Page<AgentEvent, Cursor> in
            try await self.events(
                of: agent, since: sequence, channel: channel,
                limit: cursor == nil ? Self.eventCounts.first : Self.eventCounts.later, after: cursor,
                options)
        }
    }

    /// Reads a page of an agent's events in the order in which they arrived.
    ///
    /// - Parameters:
    ///   - agent: whose.
    ///   - range: which; the latest ``PageLimit/standard``, if nothing is said.
    ///   - options: how long it may take.
    /// - Returns: events, and the range of the page that follows.
    /// - Throws: `invalid` for a limit below zero or too high.
    public func arrivals(
        of agent: String, _ range: ListRange = ListRange(), _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentEvent, ListRange> {
        try await measured(.load) { () async throws(HoldfastError) in
            try await lists(.events).page(of: try key(agent), range, options)
                .mapPage { item throws(HoldfastError) in try AgentEvent(item) }
        }
    }

    /// Where the events of an agent are, for who follows them.
    ///
    /// - Parameter agent: whose.
    /// - Returns: the namespace and the key of a list, whose items are the events in the order of arrival.
    /// - Throws: `invalid` for a name that no agent can have.
    package static func eventList(of agent: String) throws(HoldfastError) -> (namespace: String, key: String)
    {
        try check(agent)
        return (Place.events.rawValue, CompositeKey(agent).text)
    }
}
