import Holdfast
import HoldfastModel
import Testing

@Suite("Retention") struct RetentionTests {
    private static func numbers(_ store: HistoryStore, _ key: String) async throws -> [String] {
        try await store.lists("conversations").page(of: key, ListRange(.ascending, limit: 1000))
            .map(\.bytes.description)
    }

    /// Three lists with items of 10, 5 and 0 days, ten of each.
    private static func fill(_ store: HistoryStore, _ clock: MovingClock) async throws {
        for day in [10, 5, 0] {
            for key in ["a", "b/1", "legal/1"] {
                let values = (0..<10).map { Value.json(Bytes("\(day * 100 + $0)")) }
                try await store.lists("conversations").append(values, to: key)
            }
            if day > 0 { clock.advance(by: .seconds(5 * 86_400)) }
        }
    }

    @Test(
        "a dry run counts what a run then removes, and nothing that is younger or on hold goes",
        arguments: DomainBackend.there)
    func policies(backend: DomainBackend) async throws {
        let clock = MovingClock()
        try await DomainStore.with(backend, StoreEnvironment(clock: clock)) { store in
            try await Self.fill(store, clock)
            try await store.documents("conversations").put(.json("{}"), at: "a")
            let retention = try store.retention([
                RetentionPolicy(namespace: "conversations", maxAge: .seconds(7 * 86_400)),
                RetentionPolicy(namespace: "conversations", prefix: "b/", maxMessages: 5, keepLatest: 2),
                RetentionPolicy(namespace: "conversations", prefix: "legal/", isHold: true),
            ])
            let before = try await Self.numbers(store, "a")
            let trial = try await retention.run(isDryRun: true)
            #expect(trial.isDryRun && trial.removedItemCount == 35)
            #expect(try await Self.numbers(store, "a") == before)
            let report = try await retention.run()
            let namespace = try #require(report.namespaces.first)
            #expect(namespace.removedItemCount == 35 && namespace.trimmedListCount == 2)
            #expect(namespace.listCount == 3 && namespace.itemCount == 90 && namespace.heldListCount == 1)
            #expect(try await Self.numbers(store, "a") == Array(before.dropFirst(10)))
            #expect(try await Self.numbers(store, "b/1") == Array(before.suffix(5)))
            #expect(try await Self.numbers(store, "legal/1") == before)
            #expect(try await store.documents("conversations").get("a").bytes == "{}")
            #expect(try await retention.run().removedItemCount == 0)
        }
    }

    @Test("hosts that do it at once share the work, and writers go on", arguments: DomainBackend.there)
    func together(backend: DomainBackend) async throws {
        let clock = MovingClock()
        try await DomainStore.with(backend, hosts: 3, StoreEnvironment(clock: clock)) { stores in
            try await Self.fill(stores[0], clock)
            let policies = [RetentionPolicy(namespace: "conversations", maxAge: .seconds(7 * 86_400))]
            let reports = try await withThrowingTaskGroup(of: RetentionReport.self) { group in
                for store in stores { group.addTask { try await store.retention(policies).run() } }
                try await stores[0].lists("conversations").append(.json("7"), to: "a")
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let removed = reports.reduce(0) { $0 + $1.removedItemCount }
            // Who comes after another has ended finds nothing more to remove.
            #expect(removed == 30)
            #expect(try await Self.numbers(stores[1], "a").count == 21)
            #expect(try await Self.numbers(stores[2], "legal/1").count == 20)
        }
    }

    @Test("a namespace at which another host is stays as it is, and the report says so")
    func busy() async throws {
        let clock = MovingClock()
        try await DomainStore.with(.memory, hosts: 2, StoreEnvironment(clock: clock)) { stores in
            try await Self.fill(stores[0], clock)
            let lock = try await stores[0].lock("retention/conversations")
            let policies = [RetentionPolicy(namespace: "conversations", maxMessages: 0)]
            let report = try await stores[1].retention(policies).run()
            #expect(report.namespaces.first?.busyWith != nil && report.removedItemCount == 0)
            #expect(try await Self.numbers(stores[1], "a").count == 30)
            try await lock.unlock()
            #expect(try await stores[1].retention(policies).run().removedItemCount == 90)
        }
    }
}
