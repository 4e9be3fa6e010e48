internal import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Does something, and counts it with the time that it took; what fails counts as well.
    func measured<Result>(
        _ operation: AgentMeter.Operation, _ body: () async throws(HoldfastError) -> Result
    ) async throws(HoldfastError) -> Result {
        let clock = store.edge.clock
        let start = clock.monotonicNanoseconds
        defer { store.agentMeter.add(operation, clock.monotonicNanoseconds - start) }
        return try await body()
    }
}
