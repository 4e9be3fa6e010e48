import Holdfast
import HoldfastChain
import HoldfastModel
import Testing

@testable import HoldfastHTTP

@Suite("Things that are not there") struct MissingThingTests {
    /// A backend that holds nothing, and stands in for a primary that is down.
    private struct StandIn: Backend {
        let name = "storage"
        private let degradations: [Degradation] = [.fallback("spare"), .hostLocal]

        var guarantees: Guarantees { Guarantees(isAtomic: true, isDurable: true, isShared: false) }

        func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
            throw HoldfastError(.unavailable, "the primary is down")
        }

        func read(
            _ requests: [ReadRequest], _ options: CallOptions
        ) async throws(HoldfastError) -> ReadAnswer {
            ReadAnswer(results: requests.map { _ in [] }, source: "spare", degradations: degradations)
        }

        func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
            QueryAnswer(records: [], source: "spare", degradations: degradations)
        }

        func flush(_ options: CallOptions) async throws(HoldfastError) {}

        func status() async -> BackendStatus {
            BackendStatus(name: name, isWritable: false, isReadable: true, members: [])
        }

        func close() async {}
    }

    private static let id = "01a20093-154a-7000-8000-07f89dc05295"
    private static let paths = [
        "/v1/documents/n/none", "/v1/lists/n/none/items/\(id)", "/v1/sessions/none/messages/\(id)",
        "/v1/chats/a/b/c/messages/\(id)", "/v1/agents/none", "/v1/agents/none/todos",
        "/v1/agents/none/tool-calls/t", "/v1/agents/none/snapshots/s", "/v1/runs/none",
        "/v1/run-sessions/none", "/v1/threads/a%2Fc%2Ft", "/v1/heartbeats/none",
        "/v1/conversations/conv_none",
        "/v1/conversations/conv_none/items/msg_01a20093154a7000800007f89dc05295",
    ]

    @Test("the answer says who has not found it, and what was done without", arguments: paths)
    func degraded(path: String) async throws {
        try await TestDaemon.with(store: HistoryStore(backend: StandIn())) { test in
            let answer = try await test.send("GET", path, [], body: nil)
            #expect(answer.status == 404, "\(answer.text)")
            #expect(answer["holdfast-source"] == "spare", "\(answer.text)")
            #expect(answer["holdfast-degraded"] == "fallback:spare, host_local", "\(answer.text)")
        }
    }

    @Test("where there is no such route nobody was asked, and nobody is named")
    func noRoute() async throws {
        try await TestDaemon.with(store: HistoryStore(backend: StandIn())) { test in
            let answer = try await test.send("GET", "/v1/nothing", [], body: nil)
            #expect(answer.status == 404 && answer["holdfast-source"] == nil)
            #expect(answer["holdfast-degraded"] == nil)
        }
    }
}
