internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Chats {
    /// Reads the latest messages of a chat, oldest of them first.
    ///
    /// - Parameters:
    ///   - chat: one that was never written answers nothing.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - before: only messages before the one with this id: the page further back.
    ///   - options: how long it may take.
    /// - Returns: the messages, and the range of the messages before them.
    /// - Throws: `invalid` for a limit below zero or too high; never an empty answer in place of an error.
    public func history(
        of chat: Chat, limit: Int? = nil, before: Version? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Message, ListRange> {
        try await conversations.history(of: chat.key, limit: limit, before: before, options)
    }

    /// Reads a page of a chat in any order.
    ///
    /// - Parameters:
    ///   - chat: which chat.
    ///   - range: which messages.
    ///   - options: how long it may take.
    /// - Returns: the messages, and the range of the page that follows.
    /// - Throws: `invalid` for a limit below zero or too high.
    public func messages(
        of chat: Chat, _ range: ListRange, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Message, ListRange> {
        try await conversations.messages(of: chat.key, range, options)
    }

    /// Reads archived messages of a chat; as ``Conversations/archivedMessages(of:_:_:)``.
    public func archivedMessages(
        of chat: Chat, _ range: ListRange = ListRange(.ascending), _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Message, ListRange> {
        try await conversations.archivedMessages(of: chat.key, range, options)
    }

    /// Reads the messages of all agents of a session, in the one order in which they arrived.
    ///
    /// Every message is there with all that is in it.
    ///
    /// - Parameters:
    ///   - session: which session.
    ///   - user: whose session.
    ///   - order: oldest first, newest first, or the latest, oldest of them first.
    ///   - isAttributed: whether the text of an assistant begins with the agent's name in brackets. What has no text stays as
    ///     it is.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: the messages, and the cursor of the page that follows.
    /// - Throws: `invalid` for a limit below zero or a cursor of another question.
    public func messages(
        ofSession session: String, of user: String, _ order: ListRange.Order = .ascending,
        isAttributed: Bool = false, limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<ChatMessage, Cursor> {
        let selection = Selection(
            prefix: CompositeKey(user, session).prefix,
            order: [order == .ascending ? .ascending(.id) : .descending(.id)])
        let request = DomainRequest(.mergedMessages) { arguments in
            arguments.member("user", user)
            arguments.member("session", session)
            arguments.member("order", order == .ascending ? "ascending" : "descending")
        }
        let page = try await lists.select(selection, as: request, limit: limit, after: cursor, options)
        // What is at other keys is no message of a chat.
        var messages = page.elements.compactMap { Self.message($0, isAttributed: isAttributed) }
        if order == .latest { messages.reverse() }
        return Page(messages, next: page.next, source: page.source, degradations: page.degradations)
    }

    /// Streams the messages of all agents of a session, oldest first.
    public func stream(
        ofSession session: String, of user: String, isAttributed: Bool = false,
        _ options: CallOptions = CallOptions()
    ) -> RecordStream<ChatMessage> {
        RecordStream(from: nil) {
            (cursor: Cursor?) async throws(HoldfastError) -> Page<ChatMessage, Cursor> in
            try await messages(
                ofSession: session, of: user, isAttributed: isAttributed, limit: Scan.streamPageCount,
                after: cursor, options)
        }
    }

    private static func message(_ item: Item, isAttributed: Bool) -> ChatMessage? {
        guard let chat = Chat(key: item.key) else { return nil }
        guard isAttributed, item.format == .json else {
            return ChatMessage(chat: chat, message: Message(item))
        }
        let json = Attribution.attributed(item.bytes, to: chat.agent)
        return ChatMessage(
            chat: chat, message: Message(id: item.id, version: item.version, json: json))
    }
}
