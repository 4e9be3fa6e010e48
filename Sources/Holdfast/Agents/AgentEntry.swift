public import HoldfastModel

/// One thing of many that an agent keeps in the order of arrival: a message, a window, a compression, a file.
public struct AgentEntry: Hashable, Sendable {
    /// Whose it is.
    public let agentID: String
    /// Its place: ids rise from the oldest to the newest, also across agents, and never change.
    public let id: Version
    /// Equal to the id until the entry is edited.
    public let version: Version
    /// Byte for byte as it came.
    public let json: Bytes

    /// When it was appended; later saves of the same list do not change it.
    public var time: Timestamp { Timestamp(id) }
    /// When it was edited last, or nothing if it never was.
    public var editedAt: Timestamp? { version == id ? nil : Timestamp(version) }

    init(_ item: Item, of agent: String) {
        agentID = agent
        id = item.id
        version = item.version
        json = item.bytes
    }

    /// Reads what was stored; nothing for a key that is no agent's.
    init?(_ item: Item) {
        guard let names = CompositeKey.names(of: item.key, count: 1) else { return nil }
        self.init(item, of: names[0])
    }
}

/// One document of an agent.
public struct AgentDocument: Hashable, Sendable {
    /// Whose it is.
    public let agentID: String
    /// Changes with every write; what ``Condition/version(_:)`` takes.
    public let version: Version
    /// Byte for byte as it came.
    public let json: Bytes

    /// When it was written.
    public var time: Timestamp { Timestamp(version) }

    init(_ document: Document, of agent: String) {
        agentID = agent
        version = document.version
        json = document.bytes
    }
}
