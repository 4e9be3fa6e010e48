public import HoldfastChain
public import HoldfastModel

extension Agents {
    /// Sums up what an agent has done.
    ///
    /// - Parameters:
    ///   - agent: whose; one that is not there has zeros.
    ///   - options: how long each step of it may take.
    /// - Returns: figures, and who answered.
    /// - Throws: `unavailable` when nobody can say; never zeros in place of an error.
    public func aggregateStats(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<AgentStatistics> {
        try await measured(.query) { () async throws(HoldfastError) in
            let ofAgent = Selection(prefix: try prefix(agent))
            let messages = try await lists(.messages).count(Selection(key: try key(agent)), options)
            let calls = try await documents(.toolCalls).count(ofAgent, options).content
            let snapshots = try await documents(.snapshots).count(ofAgent, options).content
            let names = try await counts(ofAgent, by: "name", options)
            let states = try await counts(ofAgent, by: "state", options)
            let statistics = AgentStatistics(
                totalMessages: messages.content, totalToolCalls: calls, totalSnapshots: snapshots,
                toolCallsByName: names,
                toolCallsByState: AgentStatistics.StateCounts(byState: states))
            return Answer(statistics, source: messages.source, degradations: messages.degradations)
        }
    }

    private func counts(
        _ selection: Selection, by member: String, _ options: CallOptions
    ) async throws(HoldfastError) -> [String: Int] {
        let groups = try await documents(.toolCalls).groups(
            selection, by: [.member(member)], limit: PageLimit.maximum, options)
        var counts: [String: Int] = [:]
        for group in groups.content { counts[group.by.first??.text ?? "", default: 0] += group.count }
        return counts
    }
}
