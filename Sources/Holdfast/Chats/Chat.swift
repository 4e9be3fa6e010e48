public import HoldfastModel

/// What one user and one agent say to each other in one session.
public struct Chat: Hashable, Sendable {
    /// Whose chat it is.
    public var user: String
    /// Which of the user's sessions.
    public var session: String
    /// Who answers.
    public var agent: String

    /// Names a chat.
    ///
    /// - Parameters:
    ///   - user: any text; names are data, `/`, `#` and `%` are like any other character.
    ///   - session: any text.
    ///   - agent: any text. The three have at most 1022 bytes together, `/` and `%` counted three times.
    public init(user: String, session: String, agent: String) {
        self.user = user
        self.session = session
        self.agent = agent
    }

    /// The key of the chat's list.
    package var key: String { CompositeKey(user, session, agent).text }

    /// Names the chat at a key; nothing for a key that is no chat's.
    init?(key: String) {
        guard let names = CompositeKey.names(of: key, count: 3) else { return nil }
        self.init(user: names[0], session: names[1], agent: names[2])
    }
}

/// One message, and in which chat it was said.
public struct ChatMessage: Hashable, Sendable {
    /// Where it was said.
    public let chat: Chat
    /// What was said.
    public let message: Message

    /// Its place among all messages of all chats.
    public var id: Version { message.id }
    /// The JSON of the message: as it came, unless the reader asked to be told the agent in it.
    public var json: Bytes { message.json }
}

/// Users, sessions or agents that have something in common with others of their kind: a name, and what there is of them.
public struct ChatGroup: Hashable, Sendable {
    /// The name of the user, session or agent.
    public let name: String
    /// How many chats there are below it: of a user, those of all sessions.
    public internal(set) var chatCount = 0
    /// How many messages these have.
    public internal(set) var messageCount = 0
    /// When the oldest of them was appended.
    public internal(set) var firstMessageAt: Timestamp?
    /// When the newest of them was appended.
    public internal(set) var lastMessageAt: Timestamp?

    init(name: String) { self.name = name }
}
