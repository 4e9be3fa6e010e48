public import HoldfastChain

/// Whether agents can be stored and read, tried out.
public struct AgentHealth: Hashable, Sendable {
    /// Whether everything that was tried worked, and nothing had to be done without.
    public let isHealthy: Bool
    /// Whether something could be read back.
    public let isConnected: Bool
    /// Whether something could be written and removed.
    public let isWritable: Bool
    /// How long a write, a read and a removal took together; nothing where one failed.
    public let latency: Duration?
    /// What failed, in a sentence without secrets.
    public let problem: String?
    /// How the backend and its parts say they are.
    public let backend: BackendStatus
    /// When it was tried.
    public let checkedAt: Timestamp
}

/// Whether what is stored of an agent fits together.
public struct AgentConsistency: Hashable, Sendable {
    /// What does not, a sentence each.
    public let issues: [String]
    /// When it was looked at.
    public let checkedAt: Timestamp

    /// Whether nothing was found.
    public var isConsistent: Bool { issues.isEmpty }
}

/// What this process did for agents since it opened the store, and what the store holds of them.
public struct AgentMetrics: Hashable, Sendable {
    /// How often something was saved, whether or not that succeeded.
    public let saves: Int
    /// How often something was read.
    public let loads: Int
    /// How often something was searched or summed up.
    public let queries: Int
    /// How often an agent was removed.
    public let deletes: Int
    /// Of all of these; nothing before the first.
    public let averageLatency: Duration?
    /// Of all of these; nothing before the first.
    public let minimumLatency: Duration?
    /// Of all of these; nothing before the first.
    public let maximumLatency: Duration?
    /// Agents that have an info.
    public let totalAgents: Int
    /// Messages of all agents.
    public let totalMessages: Int
    /// Tool calls of all agents.
    public let totalToolCalls: Int
    /// How large the backend is, where it says so.
    public let databaseByteCount: Int?
    /// When it was counted.
    public let collectedAt: Timestamp
}
