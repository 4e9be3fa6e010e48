public import HoldfastChain
public import HoldfastModel

extension Conversations {
    /// Reads the latest messages, oldest of them first.
    ///
    /// - Parameters:
    ///   - session: which conversation; one that was never written answers nothing.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - before: only messages before the one with this id: the page further back.
    ///   - options: how long it may take.
    /// - Returns: the messages, and the range of the messages before them.
    /// - Throws: `invalid` for a limit below zero or too high; never an empty answer in place of an error.
    public func history(
        of session: String, limit: Int? = nil, before: Version? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Message, ListRange> {
        try await messages(of: session, ListRange(.latest, before: before, limit: limit), options)
    }

    /// Reads a page of messages in any order.
    ///
    /// - Parameters:
    ///   - session: which conversation.
    ///   - range: which messages.
    ///   - options: how long it may take.
    /// - Returns: the messages, and the range of the page that follows.
    /// - Throws: `invalid` for a limit below zero or too high.
    public func messages(
        of session: String, _ range: ListRange, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Message, ListRange> {
        try await lists.page(of: session, range, options) { Message($0) }
    }

    /// Sums up the sessions whose names begin so, in the order of their names.
    ///
    /// Counts by reading every id: a page costs as much as its sessions are long, without their messages.
    ///
    /// - Parameters:
    ///   - prefix: only names that begin so; empty is all.
    ///   - limit: at most so many sessions, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long each step of it may take.
    /// - Returns: sessions with at least one message.
    /// - Throws: `invalid` for a limit below zero or a cursor of another scan.
    public func sessions(
        prefix: String = "", limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Session, Cursor> {
        let page = try await lists.summaries(prefix: prefix, limit: limit, after: cursor, options)
        return Page(
            page.elements.map(Session.init), next: page.next, source: page.source,
            degradations: page.degradations)
    }

    /// Sums up one session; one that was never written has no messages.
    public func session(
        _ session: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Session> {
        try await lists.summary(of: session, options).mapContent { Session($0) }
    }

    /// Streams a whole conversation, oldest message first.
    public func stream(
        of session: String, after id: Version? = nil, _ options: CallOptions = CallOptions()
    ) -> AsyncMapSequence<RecordStream<Item>, Message> {
        lists.stream(of: session, ListRange(.ascending, after: id), options).map(Message.init)
    }
}
