import HoldfastConformance
import HoldfastTestSupport
import Testing

@Suite(
    "Redis keeps the contract", .serialized, .enabled(if: RedisServer.isThere, "Redis is not installed")
)
struct ConformanceTests {
    private static let seed = UInt64.random(in: .min ... .max)

    @Test("as a store", arguments: StoreCase.all)
    func store(storeCase: StoreCase) async throws {
        let subject = StoreSubject(
            provider: try RedisSubject.provider(prefix: "contract:"), valueByteCountMax: 16 << 20,
            survivesClosing: true)
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }
}
