import HoldfastConformance
import HoldfastModel
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
            provider: try PostgresSubject.provider(prefix: "contract_", indexes: Self.indexes),
            valueByteCountMax: 16 << 20, survivesClosing: true, indexedNamespace: "indexed")
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }

    @Test("as a store whose tables are partitioned", arguments: StoreCase.all)
    func partitioned(storeCase: StoreCase) async throws {
        let subject = StoreSubject(
            provider: try PostgresSubject.provider(
                prefix: "parted_", more: ", \"partitions\": 5", indexes: Self.indexes),
            survivesClosing: true, indexedNamespace: "indexed")
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }

    private static let indexes: Bytes = #"{"indexed": ["f", "g", "n", "h", "é", "0", "@words"]}"#
}
