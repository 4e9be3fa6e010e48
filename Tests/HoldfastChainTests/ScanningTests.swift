import HoldfastChain
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Questions that take long") struct ScanningTests {
    private static let question = Query(namespace: "messages")
    private static let patience = CallOptions(timeout: .seconds(40))

    /// A chain whose time a test owns, and whose primary takes all the time that a question has.
    private func slow(_ clock: SteppedClock) async throws -> (FakeChain, Chain) {
        let fake = FakeChain()
        let chain = try await Chain.open(fake.settings, ChainEnvironment(clock: clock))
        _ = try await fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        fake.primary.world.withLock { $0.slowness = clock }
        return (fake, chain)
    }

    @Test("one that takes all its time is refused, and says nothing about a primary that answers others")
    func tooLarge() async throws {
        let clock = SteppedClock()
        let (fake, chain) = try await slow(clock)
        let asked = Task { try await chain.query(Self.question, Self.patience) }
        // Its own, the one that looks after it, and who keeps the house.
        await clock.waiters(atLeast: 3)
        clock.advance(by: .seconds(20))
        await fake.primary.pinged(1)
        #expect(try await fake.history(chain) == ["a"])
        clock.advance(by: .seconds(20))
        let error = await #expect(throws: HoldfastError.self) { try await asked.value }
        #expect(error == HoldfastError(.timeout, "primary is slow"))
        #expect(await chain.status().members.first?.state == "up")
        #expect(try await fake.append("b", to: chain).level == .primary)
        await chain.close()
    }

    /// A ping waits for a batch that removes, a read for a question where there is one connection for both.
    @Test(
        "a primary that is busy with something long besides is there as long as it answers in one of two ways",
        arguments: [FakeProvider.Call.ping, .read])
    func busy(_ call: FakeProvider.Call) async throws {
        let clock = SteppedClock()
        let (fake, chain) = try await slow(clock)
        fake.primary.world.withLock { $0.hanging = [call] }
        let asked = Task { try await chain.query(Self.question, Self.patience) }
        await clock.waiters(atLeast: 3)
        clock.advance(by: .seconds(20))
        await fake.primary.pinged(1)
        clock.advance(by: .seconds(20))
        let error = await #expect(throws: HoldfastError.self) { try await asked.value }
        #expect(error == HoldfastError(.timeout, "primary is slow"))
        #expect(await chain.status().members.first?.state == "up")
        fake.primary.world.withLock { $0.slowness = nil }
        await chain.close()
    }

    @Test("one that meets a primary which answers nobody goes to a backup, with time left")
    func silent() async throws {
        let clock = SteppedClock()
        let (fake, chain) = try await slow(clock)
        fake.primary.world.withLock { $0.hanging = Set(FakeProvider.Call.allCases) }
        let asked = Task { try await chain.query(Self.question, Self.patience) }
        await clock.waiters(atLeast: 3)
        clock.advance(by: .seconds(20))
        await fake.primary.pinged(1)
        clock.advance(by: .seconds(5))
        // It goes on saying nothing when the question is taken back.
        await fake.primary.pinged(2)
        clock.advance(by: .seconds(5))
        let answer = try await asked.value
        #expect(answer.source == "backup" && answer.degradations == [.fallback("backup")])
        #expect(answer.records.map(\.value) == ["a"])
        #expect(await chain.status().members.first?.state != "up")
        fake.primary.world.withLock { $0.slowness = nil }
        await chain.close()
    }
}
