/// What an agent has done, in figures.
public struct AgentStatistics: Hashable, Sendable {
    /// How many messages it has.
    public let totalMessages: Int
    /// How many tool calls it has made.
    public let totalToolCalls: Int
    /// How many snapshots it has.
    public let totalSnapshots: Int
    /// By the names of tools.
    public let toolCallsByName: [String: Int]
    /// By states, which read the same in any case: `["completed"]` counts `COMPLETED`.
    public let toolCallsByState: StateCounts

    /// Messages for each session; an agent is one session.
    public var avgMessagesPerSession: Int { totalMessages }

    /// Counts by state, whose names do not tell upper from lower case.
    public struct StateCounts: Hashable, Sendable {
        /// As the records have the states.
        public let byState: [String: Int]

        /// How many are in a state; nothing where none is.
        public subscript(state: String) -> Int? {
            let counts = byState.filter { $0.key.lowercased() == state.lowercased() }.values
            return counts.isEmpty ? nil : counts.reduce(0, +)
        }
    }

    /// Which part of the tool calls completed, 0 to 1; nothing where there is none.
    public var successRate: Double? {
        guard totalToolCalls > 0 else { return nil }
        return Double(toolCallsByState["completed"] ?? 0) / Double(totalToolCalls)
    }
}
