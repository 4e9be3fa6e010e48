import HoldfastModel
import Testing

@testable import Holdfast

@Suite("What retention decides") struct RetentionPlannerTests {
    private static let now: Int64 = 2_000_000_000_000

    private func id(age: Int64, _ number: Int = 0) -> Version {
        Version(high: UInt64(Self.now - age) << 16 | UInt64(number), low: 1)
    }

    private func trims(
        _ policies: [RetentionPolicy], _ lists: [(key: String, ids: [Version])]
    ) -> [RetentionPlanner.Trim] {
        var planner = RetentionPlanner(policies, now: Self.now)
        var trims: [RetentionPlanner.Trim] = []
        for list in lists {
            for id in list.ids { if let trim = planner.take(key: list.key, id: id) { trims.append(trim) } }
        }
        if let trim = planner.finish() { trims.append(trim) }
        return trims
    }

    @Test("for any policy and any list, exactly what no rule keeps goes, oldest first")
    func exact() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let ages = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                Int64.random(in: 0...10, using: &random) * 1000
            }
            let ids = ages.sorted(by: >).enumerated().map { id(age: $0.element, $0.offset) }
            let maxAge = Int64.random(in: 0...10, using: &random)
            let hasAge = Bool.random(using: &random)
            let policy = RetentionPolicy(
                namespace: "n", maxAge: hasAge ? .seconds(maxAge) : nil,
                maxMessages: hasAge && Bool.random(using: &random)
                    ? nil : Int.random(in: 0...12, using: &random),
                keepLatest: Int.random(in: 0...5, using: &random))
            let expected = ids.enumerated().filter { index, id in
                let rank = ids.count - index
                let isOld = hasAge && Int64(id.milliseconds) < Self.now - maxAge * 1000
                let isExcess = policy.maxMessages.map { rank > $0 } ?? false
                return (isOld || isExcess) && rank > policy.keepLatest
            }.map(\.element)
            let found = trims([policy], [("k", ids)])
            #expect(found.first?.count ?? 0 == expected.count, "\(policy) of \(ages)")
            #expect(found.first?.last == expected.last, "\(policy) of \(ages)")
        }
    }

    @Test("the longest prefix decides, and a hold wins over all")
    func precedence() {
        let policies = [
            RetentionPolicy(namespace: "n", maxMessages: 3),
            RetentionPolicy(namespace: "n", prefix: "a/", maxMessages: 1),
            RetentionPolicy(namespace: "n", prefix: "a/legal", isHold: true),
            RetentionPolicy(namespace: "n", prefix: "a/legal/x", maxMessages: 0),
        ]
        let ids = (0..<5).map { id(age: Int64(5 - $0)) }
        let found = trims(
            policies, [("a", ids), ("a/b", ids), ("a/legal", ids), ("a/legal/x", ids), ("b", ids)])
        #expect(found.map(\.key) == ["a", "a/b", "b"])
        #expect(found.map(\.count) == [2, 4, 2])
        #expect(found.map(\.last) == [ids[1], ids[3], ids[1]])
        #expect(RetentionPlanner(policies, now: 0).prefixes == [""])
        #expect(RetentionPlanner(Array(policies.dropFirst()), now: 0).prefixes == ["a/"])
        #expect(RetentionPlanner([policies[2]], now: 0).prefixes.isEmpty)
    }

    @Test("lists whose keys look alike and have other bytes are counted apart")
    func lookAlike() {
        let ids = (0..<6).map { id(age: Int64(6 - $0)) }
        let found = trims(
            [RetentionPolicy(namespace: "n", maxMessages: 2)],
            [("e\u{301}", Array(ids.suffix(3))), ("\u{E9}", Array(ids.prefix(3)))])
        #expect(found.map(\.last) == [ids[3], ids[0]])
        #expect(found.map(\.count) == [1, 1])
    }

    @Test("a policy that says nothing, or what nobody can mean, is refused")
    func refused() async throws {
        let store = HistoryStore(backend: MemoryBackend())
        let wrong = [
            [RetentionPolicy(namespace: "n")], [RetentionPolicy(namespace: "", maxMessages: 1)],
            [RetentionPolicy(namespace: "n", keepLatest: 3)],
            [RetentionPolicy(namespace: "n", maxMessages: -1)],
            [RetentionPolicy(namespace: "n", maxAge: .seconds(-1))],
            [RetentionPolicy(namespace: "n", maxMessages: 1, isHold: true)],
            [
                RetentionPolicy(namespace: "n", maxMessages: 1),
                RetentionPolicy(namespace: "n", maxMessages: 2),
            ],
        ]
        for policies in wrong {
            let error = #expect(throws: HoldfastError.self) { try store.retention(policies) }
            #expect(error?.code == .invalid)
        }
    }

    @Test("a service waits, applies, and goes on after a failure, until it is cancelled")
    func service() async throws {
        let clock = ManualClock()
        let backend = MemoryBackend(clock: clock)
        let store = HistoryStore(backend: backend, clock: clock)
        try await store.lists("n").append([.json("1"), .json("2"), .json("3")], to: "k")
        let (outcomes, continuation) = AsyncStream.makeStream(of: RetentionService.Outcome.self)
        let service = RetentionService(
            try store.retention([RetentionPolicy(namespace: "n", maxMessages: 1)]), interval: .seconds(3600)
        ) { continuation.yield($0) }
        await backend.fail(HoldfastError(.unavailable, "away"))
        let task = Task { await service.run() }
        var iterator = outcomes.makeAsyncIterator()
        let first = await iterator.next()
        guard case .failed(let error) = first else {
            Issue.record("the first run came to \(String(describing: first))")
            return task.cancel()
        }
        #expect(error.code == .unavailable)
        guard case .done(let report) = await iterator.next() else {
            Issue.record("the second run failed")
            return task.cancel()
        }
        #expect(report.removedItemCount == 2 && !report.isDryRun)
        #expect(try await store.lists("n").summary(of: "k").itemCount == 1)
        task.cancel()
        await task.value
    }
}
