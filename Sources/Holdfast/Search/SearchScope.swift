/// Where a search looks, and for which messages.
public struct SearchScope: Hashable, Sendable {
    /// The namespaces of lists in which the domain keeps what people and agents have said.
    public static let messageNamespaces = [
        Conversations.standardNamespace, "chats", "agent-messages", "run-events", "thread-messages",
        "thread-blocks",
    ]

    /// Which namespaces of lists; at least one and at most 16, each once.
    public var namespaces: [String]
    /// Only this list, such as one session; nothing for all with the prefix.
    public var key: String?
    /// Only lists whose keys begin so; empty is all.
    public var prefix: String
    /// Only messages with this role; nothing for all.
    public var role: String?
    /// Only messages that arrived then or later.
    public var since: Timestamp?
    /// Only messages that arrived before.
    public var until: Timestamp?

    /// Makes a scope.
    public init(
        namespaces: [String] = SearchScope.messageNamespaces, key: String? = nil, prefix: String = "",
        role: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil
    ) {
        self.namespaces = namespaces
        self.key = key
        self.prefix = prefix
        self.role = role
        self.since = since
        self.until = until
    }

    /// The messages of one session of ``Conversations``.
    public static func session(_ session: String) -> SearchScope {
        SearchScope(namespaces: [Conversations.standardNamespace], key: session)
    }

    /// The chats of a user, or of one session of the user.
    public static func chats(user: String, session: String? = nil) -> SearchScope {
        let key = session.map { CompositeKey(user, $0) } ?? CompositeKey(user)
        return SearchScope(namespaces: ["chats"], prefix: key.prefix)
    }
}
