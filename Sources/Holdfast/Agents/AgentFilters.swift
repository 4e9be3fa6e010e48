internal import HoldfastModel

/// A span of time, all of whose bounds must hold.
public struct AgentPeriod: Hashable, Sendable {
    /// Later than this.
    public var createdAfter: Timestamp?
    /// Earlier than this.
    public var createdBefore: Timestamp?
    /// Not earlier than this.
    public var startDate: Timestamp?
    /// Not later than this.
    public var endDate: Timestamp?

    /// Makes a span; without bounds it holds every time.
    public init(
        createdAfter: Timestamp? = nil, createdBefore: Timestamp? = nil, startDate: Timestamp? = nil,
        endDate: Timestamp? = nil
    ) {
        self.createdAfter = createdAfter
        self.createdBefore = createdBefore
        self.startDate = startDate
        self.endDate = endDate
    }

    /// What must hold of an operand whose values are made of times.
    func predicates(_ operand: Operand, _ scalar: (Timestamp) -> Filter.Scalar) -> [Predicate] {
        [
            createdAfter.map { operand.isGreater(than: scalar($0)) },
            createdBefore.map { operand.isLess(than: scalar($0)) },
            startDate.map { operand.isAtLeast(scalar($0)) },
            endDate.map { operand.isAtMost(scalar($0)) },
        ].compactMap(\.self)
    }
}

/// Which sessions are wanted: agents that have an info.
///
/// What is nothing does not matter.
public struct AgentSessionFilter: Hashable, Sendable {
    /// What sessions are sorted by; those that are equal in it, by the names of their agents.
    public enum Order: String, Hashable, Sendable, CaseIterable {
        /// `createdAt` of the info.
        case createdAt = "created_at"
        /// When info or messages were written last.
        case updatedAt = "updated_at"
        /// How many messages there are.
        case messageCount = "message_count"
    }

    /// This agent.
    public var agentID: String?
    /// `templateId` of the info.
    public var templateID: String?
    /// `metadata.userId` of the info.
    public var userID: String?
    /// `createdAt` of the info.
    public var period: AgentPeriod
    /// See ``Order-swift.enum``.
    public var sortBy: Order
    /// From the lowest to the highest; else the other way round.
    public var isAscending: Bool

    /// Makes a filter; without anything it keeps every session, newest first.
    public init(
        agentID: String? = nil, templateID: String? = nil, userID: String? = nil,
        period: AgentPeriod = AgentPeriod(), sortBy: Order = .createdAt, isAscending: Bool = false
    ) {
        self.agentID = agentID
        self.templateID = templateID
        self.userID = userID
        self.period = period
        self.sortBy = sortBy
        self.isAscending = isAscending
    }
}

/// Which messages are wanted.
///
/// What is nothing does not matter.
public struct AgentMessageFilter: Hashable, Sendable {
    /// Of this agent; nothing is all agents.
    public var agentID: String?
    /// Any role, `tool` and those of your own included.
    public var role: String?
    /// The `type` of one of the blocks of the content; content that is a string counts as `text`.
    public var contentType: String?
    /// When the message was appended.
    public var period: AgentPeriod

    /// Makes a filter; without anything it keeps every message.
    public init(
        agentID: String? = nil, role: String? = nil, contentType: String? = nil,
        period: AgentPeriod = AgentPeriod()
    ) {
        self.agentID = agentID
        self.role = role
        self.contentType = contentType
        self.period = period
    }
}

/// Which tool calls are wanted.
///
/// What is nothing does not matter.
public struct AgentToolCallFilter: Hashable, Sendable {
    /// Of this agent; nothing is all agents.
    public var agentID: String?
    /// The tool's name.
    public var toolName: String?
    /// The state, in any case: `completed` finds `COMPLETED`.
    public var state: String?
    /// Whether `isError` of the record is true; a record without it did not fail.
    public var isError: Bool?
    /// Whether the record says that an approval is required or was decided.
    public var hasApproval: Bool?
    /// `createdAt` of the record.
    public var period: AgentPeriod

    /// Makes a filter; without anything it keeps every tool call.
    public init(
        agentID: String? = nil, toolName: String? = nil, state: String? = nil, isError: Bool? = nil,
        hasApproval: Bool? = nil, period: AgentPeriod = AgentPeriod()
    ) {
        self.agentID = agentID
        self.toolName = toolName
        self.state = state
        self.isError = isError
        self.hasApproval = hasApproval
        self.period = period
    }
}
