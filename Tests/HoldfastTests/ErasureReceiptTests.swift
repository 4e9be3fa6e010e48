import Holdfast
import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

@Suite("Receipts of erasures") struct ErasureReceiptTests {
    /// A chain whose log goes on growing under other users' writes, and whose backup has taken a part of it.
    private struct BusyChain: Backend {
        let store = MemoryBackend()
        /// What each look at the status finds: where the log ends, and what the backup has taken of it.
        let looks: Guarded<[(end: UInt64, taken: UInt64)]>
        var name: String { store.name }
        var guarantees: Guarantees { get async { await store.guarantees } }

        init(_ looks: [(end: UInt64, taken: UInt64)]) { self.looks = Guarded(looks) }

        func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
            try await store.write(request)
        }

        func read(
            _ requests: [ReadRequest], _ options: CallOptions
        ) async throws(HoldfastError) -> ReadAnswer {
            try await store.read(requests, options)
        }

        func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
            try await store.query(query, options)
        }

        func flush(_ options: CallOptions) async throws(HoldfastError) {
            throw HoldfastError(.timeout, "the backup is behind")
        }

        func status() async -> BackendStatus {
            let (end, taken) = looks.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return BackendStatus(
                name: name, isWritable: true, isReadable: true,
                members: [
                    .init(name: "front", type: "memory", role: "primary", state: "up", mark: end),
                    .init(
                        name: "back", type: "memory", role: "backup", state: "up", mark: taken,
                        lag: end - taken),
                    .init(name: "log", type: "memory", role: "log", state: "up", mark: end),
                ])
        }

        func close() async {}
    }

    @Test("what others write after the last removal keeps no backend from having it")
    func others() async throws {
        let store = HistoryStore(backend: BusyChain([(100, 90), (180, 120), (200, 130)]))
        let receipt = try await store.erase(user: "ann")
        #expect(receipt.backends.map(\.isErased) == [true, true, false])
        #expect(receipt.backends.map(\.lag) == [0, 0, 0])
        #expect(receipt.isComplete && receipt.degradations.isEmpty)
    }

    @Test("a backend that lacks a part of the removal says how much, without what came after it")
    func behind() async throws {
        let store = HistoryStore(backend: BusyChain([(100, 90), (180, 95), (200, 97)]))
        let receipt = try await store.erase(user: "ann")
        #expect(receipt.backends.map(\.isErased) == [true, false, false])
        #expect(receipt.backends.map(\.lag) == [0, 3, 0])
        #expect(!receipt.isComplete && receipt.degradations == [.backupBehind("back")])
    }
}
