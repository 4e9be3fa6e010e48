import Holdfast
import HoldfastModel
import Testing

@Suite("Usage and cost") struct UsageTests {
    @Test(
        "sums by day, agent, model and conversation are exact on every backend",
        arguments: DomainBackend.there)
    func sums(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let ledger = store.usage()
            for (number, cost) in ["0.1", "0.2", "3e-1", "0.0000001"].enumerated() {
                try await ledger.record(
                    TokenUsage(
                        model: number < 2 ? "m1" : "m2", inputTokens: 10 + number, outputTokens: 1,
                        peakSingleCallInputTokens: 100 - number,
                        estimatedCost: Filter.Scalar(json: Bytes(cost))
                    ), agent: number == 3 ? "b" : "a", conversation: "c/\(number % 2)",
                    at: Timestamp("2026-01-0\(1 + number / 2)T23:59:59Z"))
            }
            try await ledger.record(TokenUsage(model: "m1", inputTokens: 5), agent: "a")
            let all = try await ledger.sums().content
            #expect(all.map(\.exchangeCount) == [5])
            #expect(all[0].total.inputTokens == 51)
            #expect(all[0].total.peakSingleCallInputTokens == 100)
            #expect(all[0].total.estimatedCost == Filter.Scalar(json: "0.6000001"))
            let models = try await ledger.sums(by: [.agent, .model]).content
            #expect(models.map(\.by) == [["a", "m1"], ["a", "m2"], ["b", "m2"]])
            #expect(models.map(\.exchangeCount) == [3, 1, 1])
            let filter = UsageFilter(
                agent: "a", from: Timestamp("2026-01-01"), before: Timestamp("2026-01-02T00:00:00Z"))
            let days = try await ledger.sums(by: [.day, .conversation], filter).content
            #expect(days.map(\.by) == [["2026-01-01", "c/0"], ["2026-01-01", "c/1"]])
            #expect(try await ledger.sums(UsageFilter(model: "m2", conversation: "c/1")).content.count == 1)
            #expect(try await ledger.sums(UsageFilter(agent: "nobody")).content.isEmpty)
            for wrong in [Filter.Scalar(json: #""1""#), Filter.Scalar(json: "1}")] {
                let error = await #expect(throws: HoldfastError.self) {
                    try await ledger.record(TokenUsage(model: "m", estimatedCost: wrong), agent: "a")
                }
                #expect(error?.code == .invalid)
            }
        }
    }
}
