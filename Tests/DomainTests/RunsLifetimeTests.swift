import Holdfast
import HoldfastModel
import Testing

@Suite("Lives of runs") struct RunsLifetimeTests {
    private static let changes: [(first: Lifetime, second: Lifetime)] = [
        (.after(.seconds(1000)), .unlimited), (.after(.seconds(1000)), .after(.seconds(10_000_000))),
        (.unlimited, .after(.seconds(100_000))), (.after(.seconds(10_000_000)), .after(.seconds(1000))),
    ]

    @Test(
        "events that arrive while a run gets another life are there, and live as long as the run",
        arguments: DomainBackend.there)
    func eventsMeanwhile(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let runs = store.runs()
            for (number, change) in Self.changes.enumerated() {
                let id = "r\(number)"
                let run = Bytes("{\"run_id\":\"\(id)\",\"agent_name\":\"a\"}")
                try await runs.save(run, lifetime: change.first)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<10 { try await runs.add(#"{"type":"t"}"#, to: id) }
                        }
                    }
                    group.addTask { try await runs.save(run, lifetime: change.second) }
                    try await group.waitForAll()
                }
                #expect(try await runs.events(of: id).count == 40, "\(change)")
                let items = try await store.lists("run-events").page(of: id).elements
                #expect(Set(items.map(\.expiresAt)).count == 1, "\(change)")
                #expect((items.first?.expiresAt == nil) == (change.second == .unlimited), "\(change)")
            }
        }
    }

    @Test(
        "messages that arrive while a session gets another life live as long as it does",
        arguments: DomainBackend.there)
    func messagesMeanwhile(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let runs = store.runs()
            for (number, change) in Self.changes.enumerated() {
                let id = "s\(number)"
                let session = Bytes("{\"id\":\"\(id)\",\"history\":[0]}")
                try await runs.save(session: session, lifetime: change.first)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask { for _ in 0..<10 { try await runs.append("1", to: id) } }
                    }
                    let run = Bytes("{\"run_id\":\"\(id)\",\"agent_name\":\"a\",\"session_id\":\"\(id)\"}")
                    group.addTask { try await runs.save(run, lifetime: change.second) }
                    try await group.waitForAll()
                }
                #expect(try await runs.history(of: id).count == 41, "\(change)")
                let stored = try #require(try await runs.session(id).content)
                for item in try await store.lists("run-sessions").page(of: id).elements {
                    let covers = item.expiresAt.map { $0 >= stored.expiresAt ?? $0 } ?? true
                    #expect(covers && (stored.expiresAt != nil || item.expiresAt == nil), "\(change)")
                }
            }
        }
    }
}
