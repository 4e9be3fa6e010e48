public import HoldfastModel

/// The chats of users with agents: for each user, session and agent the messages in the order of their arrival.
///
/// Messages of all agents of a session have one order. A chat begins to be with its first message.
public struct Chats: Sendable {
    /// The namespace that is used unless another is named.
    public static let standardNamespace = "chats"

    /// The same messages as conversations whose names are made of the three.
    package let conversations: Conversations

    var lists: Lists { conversations.lists }

    /// Appends messages, decides by their roles, and trims the history, all in one atomic step.
    ///
    /// - Parameters:
    ///   - messages: oldest first; 1 to ``RequestLimits/changeCountMax``.
    ///   - chat: whose, and with whom.
    ///   - policy: what is decided; the standard stores every message and keeps all.
    ///   - options: how it is made safe; with an idempotency key, a retry changes nothing.
    /// - Returns: what became of the messages.
    /// - Throws: as ``Conversations/append(_:to:policy:_:)``.
    @discardableResult
    public func append(
        _ messages: [Bytes], to chat: Chat, policy: AppendPolicy = .standard,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> AppendOutcome {
        try await conversations.append(messages, to: chat.key, policy: policy, options)
    }

    /// Appends one message; as many.
    @discardableResult
    public func append(
        _ message: Bytes, to chat: Chat, policy: AppendPolicy = .standard, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> AppendOutcome {
        try await append([message], to: chat, policy: policy, options)
    }

    /// Replaces the JSON of one message, which keeps its place.
    ///
    /// - Throws: `notFound` when the message is not there, or not any more.
    @discardableResult
    public func edit(
        _ id: Version, of chat: Chat, to message: Bytes, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await conversations.edit(id, of: chat.key, to: message, options)
    }

    /// Removes one message.
    ///
    /// - Throws: `notFound` when the message is not there, or not any more.
    @discardableResult
    public func remove(
        _ id: Version, from chat: Chat, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await conversations.remove(id, from: chat.key, options)
    }

    /// Removes the newest message and returns it; as ``Conversations/pop(_:_:)``.
    public func pop(
        _ chat: Chat, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Message? {
        try await conversations.pop(chat.key, options)
    }

    /// Removes the oldest messages, or moves them into the archive; as ``Conversations/trim(_:to:_:)``.
    @discardableResult
    public func trim(
        _ chat: Chat, to trimming: Trimming, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Int {
        try await conversations.trim(chat.key, to: trimming, options)
    }

    /// Copies a chat into another one that has no messages; as ``Conversations/fork(_:to:upTo:_:)``.
    @discardableResult
    public func fork(
        _ chat: Chat, to target: Chat, upTo last: Version? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await conversations.fork(chat.key, to: target.key, upTo: last, options)
    }

    /// Replaces the end of a chat; as ``Conversations/replaceSuffix(_:of:with:_:)``.
    @discardableResult
    public func replaceSuffix(
        _ expected: [Bytes], of chat: Chat, with replacement: [Bytes], _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await conversations.replaceSuffix(expected, of: chat.key, with: replacement, options)
    }

    /// Removes every message of a chat that arrived before; archived ones stay.
    @discardableResult
    public func clear(_ chat: Chat, _ options: WriteOptions = .standard) async throws(HoldfastError)
        -> Receipt
    {
        try await conversations.clear(chat.key, options)
    }

    /// Removes a chat whole: its messages, its archive, and what else is at its key.
    @discardableResult
    public func delete(_ chat: Chat, _ options: WriteOptions = .standard) async throws(HoldfastError)
        -> Receipt
    {
        try await conversations.delete(chat.key, options)
    }

    /// Removes all chats of a session whole.
    ///
    /// - Parameters:
    ///   - session: which session.
    ///   - user: whose session.
    ///   - options: how each step is made safe; an idempotency key is left out of account.
    /// - Returns: how much was removed of what arrived before the call.
    /// - Throws: `unavailable`, `timeout` or `exhausted` when it could not be made safe; asking again goes on.
    @discardableResult
    public func delete(
        session: String, of user: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> ErasedCount {
        try await conversations.erase(prefix: CompositeKey(user, session).prefix, options)
    }
}

extension HistoryStore {
    /// The chats of users with agents.
    ///
    /// - Parameter namespace: as for ``documents(_:)``.
    /// - Returns: a handle that is cheap to make and to copy.
    public func chats(_ namespace: String = Chats.standardNamespace) -> Chats {
        Chats(conversations: conversations(namespace))
    }
}
