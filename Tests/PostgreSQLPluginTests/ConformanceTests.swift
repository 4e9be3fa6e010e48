import HoldfastConformance
import HoldfastTestSupport
import Testing

@Suite(
    "PostgreSQL keeps the contract", .serialized,
    .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed")
)
struct ConformanceTests {
    private static let seed = UInt64.random(in: .min ... .max)

    @Test("as a store", arguments: StoreCase.all)
    func store(storeCase: StoreCase) async throws {
        let subject = StoreSubject(
            provider: try PostgresSubject.provider(prefix: "contract_"), survivesClosing: true)
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }
}
