public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

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
            let messages = try lists(.messages).question(Selection(key: try key(agent)))
            let calls = try documents(.toolCalls).question(ofAgent)
            let names = try calls.groups(by: [.member("name")], [], limit: PageLimit.maximum)
            let states = try calls.groups(by: [.member("state")], [], limit: PageLimit.maximum)
            let parts = [
                DomainCall.Part("messages", messages.count), DomainCall.Part("toolCalls", calls.count),
                DomainCall.Part("snapshots", try documents(.snapshots).question(ofAgent).count),
                DomainCall.Part("toolCallsByName", names.query),
                DomainCall.Part("toolCallsByState", states.query),
            ]
            let request = DomainRequest(.aggregateStats) { $0.member("agentId", agent) }
            let answer = try await store.answer(request, parts, options)
            let byName = try RecordGroup.groups(in: answer.results[3], names.grouping)
            let byState = try RecordGroup.groups(in: answer.results[4], states.grouping)
            let statistics = AgentStatistics(
                totalMessages: try request.count(0, of: answer),
                totalToolCalls: try request.count(1, of: answer),
                totalSnapshots: try request.count(2, of: answer), toolCallsByName: Self.counts(byName),
                toolCallsByState: AgentStatistics.StateCounts(byState: Self.counts(byState)))
            return Answer(statistics, source: answer.source, degradations: answer.degradations)
        }
    }

    private static func counts(_ groups: [RecordGroup]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for group in groups { counts[group.by.first??.text ?? "", default: 0] += group.count }
        return counts
    }
}
