import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

/// Retries with an idempotency key while the primary, which decides about keys, is away.
@Suite("Idempotency keys in an outage") struct KeysInOutageTests {
    /// A chain that has one write with the key `k` on its primary alone, and a second one with the key in its log.
    private func doubled(_ fake: FakeChain) async throws -> (Chain, first: [Version]) {
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        fake.backup.goDown()
        let first = try await fake.append("b", key: "k", to: chain)
        fake.primary.goDown()
        let retry = try await fake.append("b", key: "k", to: chain)
        // Nobody can say whether the key is taken, and the answer says so.
        #expect(!retry.isReplay && retry.level == .log)
        #expect(retry.degradations == [.primaryDown, .idMayChange])
        return (chain, first.versions)
    }

    @Test("a retry gets the first answer from what a reader sees, and nothing is logged")
    func firstAnswer() async throws {
        let fake = FakeChain { $0.onPrimaryFailure = .accept }
        let chain = try await fake.open()
        let first = try await fake.append("a", key: "k", to: chain)
        try await chain.flush(CallOptions())
        fake.primary.goDown()
        let other = try await fake.append("b", key: "other", to: chain)
        #expect(!other.isReplay && other.degradations == [.primaryDown])
        let count = fake.log.world.withLock { $0.entries.count }
        for (key, answer) in [("k", first), ("other", other)] {
            let retry = try await fake.append("again", key: key, to: chain)
            #expect(retry.versions == answer.versions && retry.isReplay)
            #expect(retry.level == .log && retry.degradations == [.primaryDown])
        }
        #expect(fake.log.world.withLock { $0.entries.count } == count)
        #expect(try await fake.history(chain) == ["a", "b"])
        await chain.close()
    }

    @Test("a write that is in flight when the primary goes, and whose key is taken, gets the first answer")
    func inFlight() async throws {
        let fake = FakeChain { $0.onPrimaryFailure = .accept }
        let chain = try await fake.open()
        let first = try await fake.append("a", key: "k", to: chain)
        try await chain.flush(CallOptions())
        // The chain learns of it from this very write.
        fake.primary.goDown()
        let retry = try await fake.append("a", key: "k", to: chain)
        #expect(retry.versions == first.versions && retry.isReplay)
        #expect(try await fake.history(chain) == ["a"])
        fake.primary.comeBack()
        while try await chain.read([], CallOptions()).source != "primary" { await Task.yield() }
        await chain.close()
        #expect(fake.primary.values(fake.list) == ["a"])
        #expect(fake.backup.values(fake.list) == ["a"])
    }

    @Test("a backup that gets both writes with a key in one batch, and a reader, have the first one alone")
    func oneBatch() async throws {
        let fake = FakeChain { $0.onPrimaryFailure = .accept }
        let (chain, first) = try await doubled(fake)
        fake.backup.comeBack()
        while await chain.status().members[1].state != "up" { await Task.yield() }
        #expect(try await fake.history(chain) == ["a", "b"])
        let retry = try await fake.append("b", key: "k", to: chain)
        #expect(retry.versions == first && retry.isReplay)
        fake.primary.comeBack()
        while try await chain.read([], CallOptions()).source != "primary" { await Task.yield() }
        await chain.close()
        #expect(fake.primary.values(fake.list) == ["a", "b"])
        #expect(fake.backup.values(fake.list) == ["a", "b"])
    }

    @Test("a primary that comes back with nothing after a restart gets the first write with a key alone")
    func replayed() async throws {
        let fake = FakeChain { $0.onPrimaryFailure = .accept }
        let (before, _) = try await doubled(fake)
        await before.close()
        fake.primary.comeBackEmpty()
        fake.backup.comeBack()
        let chain = try await fake.open()
        while try await chain.read([], CallOptions()).source != "primary" { await Task.yield() }
        #expect(try await fake.history(chain) == ["a", "b"])
        await chain.close()
        #expect(fake.primary.values(fake.list) == ["a", "b"])
        #expect(fake.backup.values(fake.list) == ["a", "b"])
    }

    @Test("what the log alone answers with a key while the primary is there may get another id, and says so")
    func logAlone() async throws {
        let fake = FakeChain { $0.ack = .log }
        let chain = try await fake.open()
        let receipt = try await fake.append("a", key: "k", to: chain)
        let isCertain = receipt.level == .primary || receipt.isReplay
        #expect(isCertain || receipt.degradations == [.idMayChange])
        #expect(try await fake.append("b", to: chain).degradations == [])
        await chain.close()
        #expect(fake.backup.values(fake.list) == ["a", "b"])
    }
}
