import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

/// Callers that go away, and chains that do.
@Suite("Callers and chains that end") struct ClosingTests {
    @Test("a caller who takes a request back hears that, and whether it may be stored, not that time was up")
    func takenBack() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        fake.primary.world.withLock { $0.losesNextAnswer = true }
        let caller = Task { try await fake.append("a", key: "k", to: chain) }
        while !fake.primary.world.withLock({ $0.isDown }) { await Task.yield() }
        caller.cancel()
        let error = await #expect(throws: HoldfastError.self) { _ = try await caller.value }
        #expect(error?.code == .cancelled && error?.flags == .maybeApplied)
        fake.primary.comeBack()
        await chain.close()
    }

    @Test("whoever closes a chain that is being closed waits for it, and reads are refused afterwards")
    func closedTwice() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask {
                    await chain.close()
                    let error = await #expect(throws: HoldfastError.self) {
                        _ = try await fake.history(chain)
                    }
                    #expect(error?.code == .unavailable && error?.message == "the chain chain is closed")
                }
            }
        }
        #expect(fake.backup.values(fake.list) == ["a"])
    }
}
