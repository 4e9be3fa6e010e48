public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// Conversations of agents in threads of channels: their messages, and the blocks of each.
///
/// A conversation is the document of its id in `threads`; a message is the one item of the list at its id in
/// `thread-messages`, whose place is the order of arrival; the blocks of a message are the list at its id in
/// `thread-blocks`. The id of a message begins with that of its conversation.
public struct Threads: Sendable {
    /// Where conversations are stored.
    public static let namespace = "threads"
    /// Where messages are stored.
    public static let messageNamespace = "thread-messages"
    /// Where blocks are stored.
    public static let blockNamespace = "thread-blocks"
    /// Where calls of tools are found by their ids.
    public static let toolCallNamespace = "thread-tool-calls"
    /// Where the heartbeats of agents are stored.
    public static let heartbeatNamespace = "heartbeats"

    let store: HistoryStore

    private static let attemptCountMax = 200

    /// Whether conversations can be exported; they can, from every backend.
    public var supportsExport: Bool { true }

    /// Finds the conversation of a thread, or begins it.
    ///
    /// However many hosts ask at once, they get the same one.
    ///
    /// - Parameters:
    ///   - agent: who answers; at least one byte.
    ///   - channel: the channel.
    ///   - thread: the thread in it.
    ///   - channelName: what people call the channel; replaces what is stored, nothing leaves it.
    ///   - options: how it is made safe.
    /// - Returns: the conversation.
    /// - Throws: `invalid` for names that are too long together.
    public func conversation(
        agent: String, channel: String, thread: String, channelName: String? = nil,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> AgentThread {
        let id = try AgentThread.id(agent: agent, channel: channel, thread: thread)
        let documents = store.documents(Self.namespace)
        var attempt = 1
        while true {
            let stored = try await self.conversation(id, CallOptions(timeout: options.timeout)).content
            if let stored, channelName == nil || channelName == stored.channelName { return stored }
            let json =
                stored?.json(named: channelName ?? "")
                ?? AgentThread.json(
                    id: id, agent: agent, channel: channel, thread: thread, name: channelName, created: now)
            do {
                try await documents.put(
                    .json(json), at: id, if: stored.map { .version($0.version) } ?? .absent, options)
            } catch {
                // Somebody else was first: what they wrote is read, and may be what is wanted.
                guard error.code == .conflict, attempt < Self.attemptCountMax else { throw error }
            }
            attempt += 1
        }
    }

    /// Reads one conversation; nothing where there is none.
    public func conversation(
        _ id: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<AgentThread?> {
        try await store.documents(Self.namespace).find(id, options).mapContent {
            document throws(HoldfastError) in
            try document.map { document throws(HoldfastError) in try AgentThread(document) }
        }
    }

    /// Whether a thread has a conversation.
    public func hasConversation(
        agent: String, channel: String, thread: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Bool {
        let id = try AgentThread.id(agent: agent, channel: channel, thread: thread)
        return try await conversation(id, options).content != nil
    }

    var now: Timestamp { Timestamp(unixMilliseconds: store.edge.clock.unixMilliseconds) }
}

extension HistoryStore {
    /// Conversations in threads of channels, and their blocks.
    public func threads() -> Threads { Threads(store: self) }
}
