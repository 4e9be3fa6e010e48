import HoldfastChain
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Removals that take long") struct RemovingTests {
    /// A chain whose time a test owns, and whose primary takes longer for a drop than a call may take.
    private func slow(_ clock: SteppedClock) async throws -> (FakeChain, Chain) {
        let fake = FakeChain { $0.timeout = .seconds(5) }
        let chain = try await Chain.open(fake.settings, ChainEnvironment(clock: clock))
        _ = try await fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        fake.primary.world.withLock { world in
            world.slowness = clock
            world.dropTime = .seconds(60)
        }
        return (fake, chain)
    }

    /// Moves the clock until a drop has been answered.
    private func clear(_ fake: FakeChain, _ chain: Chain, _ clock: SteppedClock) async -> Result<
        WriteReceipt, HoldfastError
    > {
        let answer = Guarded<Result<WriteReceipt, HoldfastError>?>(nil)
        let change = Change(
            .drop, Record(namespace: fake.list.namespace, key: fake.list.key), if: .newest)
        Task {
            do throws(HoldfastError) {
                let receipt = try await chain.write(WriteRequest([change], timeout: .seconds(300)))
                answer.withLock { $0 = .success(receipt) }
            } catch {
                answer.withLock { $0 = .failure(error) }
            }
        }
        while true {
            if let answer = answer.withLock({ $0 }) { return answer }
            clock.advance(by: .milliseconds(100))
            await Task.yield()
        }
    }

    @Test("a primary that answers readers meanwhile is waited for")
    func isWaitedFor() async throws {
        let clock = SteppedClock()
        let (fake, chain) = try await slow(clock)
        let start = clock.monotonicNanoseconds
        let receipt = try await clear(fake, chain, clock).get()
        #expect(receipt.level == .primary && receipt.degradations == [])
        #expect(clock.monotonicNanoseconds - start >= 60_000_000_000)
        #expect(await chain.status().members.first?.state == "up")
        #expect(try await fake.history(chain) == [])
        fake.primary.world.withLock { $0.slowness = nil }
        await chain.close()
    }

    @Test("a primary that answers nobody meanwhile has failed")
    func hasFailed() async throws {
        let clock = SteppedClock()
        let (fake, chain) = try await slow(clock)
        fake.primary.world.withLock { $0.hanging = Set(FakeProvider.Call.allCases) }
        guard case .failure(let error) = await clear(fake, chain, clock) else {
            Issue.record("a primary that hangs has taken a drop")
            return
        }
        // Whether it is stored nobody can say; and it was given up before the drop would have ended by itself.
        #expect(error.code == .timeout && error.flags.contains(.maybeApplied))
        #expect(await chain.status().members.first?.state != "up")
        fake.primary.world.withLock { $0.slowness = nil }
        let closing = Task { await chain.close() }
        clock.advance(by: .seconds(1000))
        await closing.value
    }
}
