import HoldfastChain
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Openings that take long") struct OpeningTests {
    private let clock = SteppedClock()
    private let said = Guarded<[String]>([])

    private func fake(_ change: (inout ChainSettings) -> Void = { _ in }) -> FakeChain {
        FakeChain {
            $0.timeout = .seconds(5)
            change(&$0)
        }
    }

    private func open(_ fake: FakeChain) async throws(HoldfastError) -> Chain {
        let environment = ChainEnvironment(clock: clock) { [said] _, sentence in
            said.withLock { $0.append(sentence) }
        }
        return try await Chain.open(fake.settings, environment)
    }

    /// Begins to open a chain, and lets time pass until a provider that is held is late.
    private func opening(
        _ fake: FakeChain, held provider: FakeProvider
    ) async throws -> Task<Chain, any Error> {
        provider.world.withLock { $0.holdsOpening = true }
        let task = Task { try await open(fake) }
        await provider.isHeld()
        clock.advance(by: .seconds(6))
        let sentence =
            "chain: \(provider.name) is still being opened after 6.0 seconds, nobody is kept waiting for it"
        while !said.withLock({ $0.contains(sentence) }) { await Task.yield() }
        return task
    }

    @Test(
        "a chain that is of no use without its primary waits for it at its start", arguments: [false, true])
    func primary(isStrict: Bool) async throws {
        let fake = fake { if isStrict { $0.isStartStrict = true } else { $0.backups = [] } }
        let opening = try await opening(fake, held: fake.primary)
        clock.advance(by: .seconds(3600))
        fake.primary.letOpen()
        let chain = try await opening.value
        #expect(await chain.status().members[0].state == "up")
        #expect(try await fake.append("a", to: chain).level == .primary)
        await chain.close()
    }

    @Test("a chain without its primary waits for a backup that can serve")
    func backup() async throws {
        let fake = fake()
        let first = try await open(fake)
        _ = try await fake.append("a", to: first)
        await first.close()
        fake.primary.refuse(HoldfastError(.permission, "the password is wrong"))
        let opening = try await opening(fake, held: fake.backup)
        clock.advance(by: .seconds(3600))
        fake.backup.letOpen()
        let chain = try await opening.value
        #expect(try await fake.history(chain) == ["a"])
        await chain.close()
    }

    @Test("a provider that fails in the end keeps such a chain from starting, and the chain says why")
    func failing() async throws {
        let fake = fake { $0.backups = [] }
        let opening = try await opening(fake, held: fake.primary)
        fake.primary.refuse(HoldfastError(.permission, "the password is wrong"))
        fake.primary.letOpen()
        let error = await #expect(throws: HoldfastError.self) { try await opening.value }
        #expect(error?.code == .permission && error?.message == "the password is wrong")
    }

    @Test("a chain that can do without its primary starts without it, and keeps no write waiting for it")
    func without() async throws {
        let fake = fake { $0.onPrimaryFailure = .accept }
        let chain = try await opening(fake, held: fake.primary).value
        #expect(try await fake.append("a", to: chain).level == .log)
        let primary = await chain.status().members[0]
        #expect(primary.state == "down" && primary.lastError == "unavailable: it is still being opened")
        fake.primary.letOpen()
        while await chain.status().members[0].state != "up" { await Task.yield() }
        #expect(fake.primary.values(fake.list) == ["a"])
        let isTold = said.withLock { said in
            said.contains { $0.hasPrefix("chain: primary is back and has caught up, after") }
        }
        #expect(isTold)
        await chain.close()
    }

    @Test("what opens after its chain was closed is closed too")
    func afterClosing() async throws {
        let fake = fake { $0.onPrimaryFailure = .accept }
        let chain = try await opening(fake, held: fake.primary).value
        let closing = Task { await chain.close() }
        while fake.log.world.withLock({ !$0.isClosed }) {
            clock.advance(by: .seconds(1))
            await Task.yield()
        }
        await closing.value
        fake.primary.letOpen()
        while fake.primary.world.withLock({ $0.closedCount }) == 0 { await Task.yield() }
    }

    @Test("a provider without a chain is waited for by a call as long as the call has time")
    func direct() async throws {
        let provider = FakeProvider("alone")
        let backend = try await DirectBackend(
            provider, timeout: .seconds(5), ChainEnvironment(clock: clock))
        let read: @Sendable () async throws(HoldfastError) -> ReadAnswer = { () async throws(HoldfastError) in
            try await backend.read([ReadRequest(Address(namespace: "n", key: "k"))], CallOptions())
        }
        provider.goDown()
        await #expect(throws: HoldfastError.self) { _ = try await read() }
        provider.comeBack()
        provider.world.withLock { $0.holdsOpening = true }
        let asked = Task { try await read() }
        await provider.isHeld()
        await clock.waiters(atLeast: 1)
        clock.advance(by: .seconds(5))
        let error = await #expect(throws: HoldfastError.self) { try await asked.value }
        #expect(
            error == HoldfastError(.timeout, "alone: it is still being opened; try again", flags: .retryable))
        provider.letOpen()
        #expect(try await read().results == [[]])
        await backend.close()
    }
}
