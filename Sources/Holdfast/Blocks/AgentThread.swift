public import HoldfastModel
internal import HoldfastSupport

/// One conversation of an agent in a thread of a channel.
public struct AgentThread: Hashable, Sendable {
    /// Made of agent, channel and thread, so that there is one for each; opaque to callers.
    public let id: String
    /// The agent that answers.
    public let agent: String
    /// The channel that the thread is in.
    public let channel: String
    /// The thread, unique in its channel.
    public let thread: String
    /// What people call the channel, or nothing.
    public let channelName: String?
    /// When the conversation was begun.
    public let createdAt: Timestamp
    /// Changes with the channel's name.
    public let version: Version

    init(_ document: Document) throws(HoldfastError) {
        let members: JSONMembers
        do {
            members = try JSONMembers(document.bytes, as: "conversation \"\(document.key)\"")
            agent = try members.text("agent_name")
            channel = try members.optionalText("channel_id") ?? ""
            thread = try members.optionalText("thread_id") ?? ""
            channelName = try members.optionalText("channel_name")
            createdAt = try members.optionalTime("created_at") ?? document.writtenAt
        } catch {
            throw HoldfastError(.corrupt, error.message)
        }
        id = document.key
        version = document.version
    }

    /// One of many that were found; nothing for a key that is no conversation's.
    static func found(_ document: Document) throws(HoldfastError) -> AgentThread? {
        guard CompositeKey.names(of: document.key, count: 3) != nil else { return nil }
        return try AgentThread(document)
    }

    /// The id of a conversation; also what the ids of its messages begin with.
    static func id(agent: String, channel: String, thread: String) throws(HoldfastError) -> String {
        guard !agent.isEmpty else {
            throw HoldfastError(
                .invalid, "the agent of the conversation has no name, expected at least one byte")
        }
        return CompositeKey(agent, channel, thread).text
    }

    /// The JSON of a conversation.
    static func json(
        id: String, agent: String, channel: String, thread: String, name: String?, created: Timestamp
    ) -> Bytes {
        var writer = JSONWriter()
        writer.object { object in
            object.member("id", id)
            object.member("agent_name", agent)
            object.member("channel_id", channel)
            object.member("thread_id", thread)
            object.member("channel_name", name)
            object.member("created_at", "\(created)")
            object.member("created", created.unixMilliseconds)
        }
        return Bytes(writer.bytes)
    }

    /// The JSON of this conversation under another name of its channel.
    func json(named name: String) -> Bytes {
        Self.json(id: id, agent: agent, channel: channel, thread: thread, name: name, created: createdAt)
    }
}
