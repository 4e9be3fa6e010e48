import HoldfastChain
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("What operators hear of providers") struct ProviderReportTests {
    /// A chain whose sentences are kept.
    private struct Told {
        let fake = FakeChain()
        let said = Guarded<[(level: ChainEnvironment.ReportLevel, sentence: String)]>([])

        func open(clock: any HostClock = SystemClock()) async throws(HoldfastError) -> Chain {
            try await Chain.open(
                fake.settings,
                ChainEnvironment(clock: clock) { [said] level, sentence in
                    said.withLock { $0.append((level, sentence)) }
                })
        }

        /// The turns for the better, without how long they took.
        var turns: [String] {
            said.withLock { $0.filter { $0.level == .info }.map(\.sentence) }
        }

        /// Waits for a turn; half a minute is more than any machine needs.
        func hears(_ beginning: String) async -> Bool {
            let deadline = ContinuousClock.now + .seconds(30)
            while ContinuousClock.now < deadline {
                if turns.contains(where: { $0.hasPrefix(beginning) }) { return true }
                await Task.yield()
            }
            return false
        }
    }

    @Test(
        "a provider whose answers nobody can use stays up, and shows what is wrong, since when and how often",
        arguments: [HoldfastError.Code.corrupt, .internal, .permission])
    func damaged(code: HoldfastError.Code) async throws {
        let told = Told()
        let chain = try await told.open()
        _ = try await told.fake.append("a", to: chain)
        let sound = await chain.status().members[0]
        #expect(sound.figures["bad_answers_total"] == 0 && sound.lastErrorTime == nil)
        told.fake.primary.world.withLock { $0.readFailure = HoldfastError(code, "record 7 is damaged") }
        for _ in 0..<2 {
            await #expect(throws: HoldfastError.self) { _ = try await told.fake.history(chain) }
        }
        let status = await chain.status()
        #expect(status.isReadable && status.isWritable && status.members[0].state == "up")
        #expect(status.members[0].lastError == "\(code): record 7 is damaged")
        #expect(status.members[0].figures["bad_answers_total"] == 2)
        let age = SystemClock().unixMilliseconds - (status.members[0].lastErrorTime ?? 0)
        #expect((0..<60_000).contains(age))
        #expect(status.members[1].figures["bad_answers_total"] == 0)
        let warnings = told.said.withLock { $0.filter { $0.sentence.contains("record 7 is damaged") } }
        #expect(warnings.count == 1 && warnings[0].level == .warning)
        // What others do is not its fault.
        told.fake.primary.world.withLock { $0.readFailure = HoldfastError(.invalid, "no such field") }
        await #expect(throws: HoldfastError.self) { _ = try await told.fake.history(chain) }
        #expect(await chain.status().members[0].figures["bad_answers_total"] == 2)
        // Over a new connection it may be mended.
        told.fake.primary.world.withLock { $0.readFailure = nil }
        told.fake.primary.goDown()
        _ = try await told.fake.history(chain)
        told.fake.primary.comeBack()
        #expect(await told.hears("chain: primary is back"))
        let mended = await chain.status().members[0]
        #expect(mended.lastError == nil && mended.figures["bad_answers_total"] == 2)
        await chain.close()
    }

    @Test("a damaged answer of a backup that stands in for the primary is the backup's")
    func damagedBackup() async throws {
        let told = Told()
        let chain = try await told.open()
        _ = try await told.fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        told.fake.primary.goDown()
        #expect(try await told.fake.history(chain) == ["a"])
        told.fake.backup.world.withLock { $0.readFailure = HoldfastError(.corrupt, "record 7 is damaged") }
        await #expect(throws: HoldfastError.self) { _ = try await told.fake.history(chain) }
        let backup = await chain.status().members[1]
        #expect(backup.state == "up" && backup.lastError == "corrupt: record 7 is damaged")
        #expect(backup.figures["bad_answers_total"] == 1)
        await chain.close()
    }

    @Test("a provider without a log shows damaged answers as a chain does")
    func direct() async throws {
        let provider = FakeProvider("alone")
        let backend = try await DirectBackend(provider)
        provider.world.withLock { $0.readFailure = HoldfastError(.corrupt, "record 7 is damaged") }
        await #expect(throws: HoldfastError.self) {
            _ = try await backend.read([ReadRequest(Address(namespace: "n", key: "k"))], CallOptions())
        }
        let status = await backend.status()
        #expect(status.isReadable && status.members[0].state == "up")
        #expect(status.members[0].lastError == "corrupt: record 7 is damaged")
        #expect(status.members[0].lastErrorTime != nil)
        #expect(status.members[0].figures["bad_answers_total"] == 1)
        await backend.close()
    }

    @Test("that a primary and a backup are back, and have caught up, is told once for each outage")
    func turns() async throws {
        let told = Told()
        let chain = try await told.open()
        _ = try await told.fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        #expect(told.turns.isEmpty)
        told.fake.backup.goDown()
        for value in ["b", "c", "d"] { _ = try await told.fake.append(value, to: chain) }
        told.fake.backup.comeBack()
        #expect(await told.hears("chain: backup "))
        try await chain.flush(CallOptions())
        #expect(await chain.status().members[1].lag == 0)
        let backup = told.turns
        #expect(backup.count <= 2 && backup.last?.contains("has caught up") == true, "\(backup)")
        told.fake.primary.goDown()
        _ = try await told.fake.history(chain)
        told.fake.primary.comeBack()
        #expect(await told.hears("chain: primary is back and has caught up, after "))
        _ = try await told.fake.append("e", to: chain)
        #expect(told.turns.filter { $0.hasPrefix("chain: primary") }.count == 1, "\(told.turns)")
        #expect(told.turns.filter { $0.hasPrefix("chain: log") }.isEmpty)
        await chain.close()
    }

    @Test(
        "a log that hangs refuses who writes at once, says so in the status, and serves again when it answers"
    )
    func hangingLog() async throws {
        let told = Told()
        let clock = SteppedClock()
        let chain = try await told.open(clock: clock)
        _ = try await told.fake.append("a", to: chain)
        told.fake.log.world.withLock { $0.isHanging = true }
        async let first = told.fake.append("b", timeout: .seconds(600), to: chain)
        while told.fake.log.world.withLock({ $0.hanging.isEmpty }) { await Task.yield() }
        let second = Task { try await told.fake.append("c", timeout: .seconds(600), to: chain) }
        // As long as a call may take.
        clock.advance(by: .seconds(60))
        let waiting = await #expect(throws: HoldfastError.self) { _ = try await second.value }
        #expect(waiting?.code == .unavailable && waiting?.flags == .retryable)
        let refusal = await #expect(throws: HoldfastError.self) {
            _ = try await told.fake.append("d", to: chain)
        }
        #expect(refusal?.code == .unavailable && refusal?.retryAfter == .seconds(1))
        let status = await chain.status()
        #expect(!status.isWritable && status.isReadable && status.members[2].state == "failing")
        #expect(status.members[2].lastError?.hasPrefix("timeout: an append is under way") == true)
        #expect(try await told.fake.history(chain) == ["a"])
        told.fake.log.answer()
        _ = try await first
        _ = try await told.fake.append("e", to: chain)
        #expect(try await told.fake.history(chain) == ["a", "b", "e"])
        #expect(await chain.status().isWritable)
        #expect(
            told.turns.count == 1 && told.turns[0].hasPrefix("chain: log takes entries again, after 60 s"))
        await chain.close()
    }

    @Test("that the log takes entries again is told once, by the first that it takes")
    func log() async throws {
        let told = Told()
        let chain = try await told.open()
        let full = HoldfastError(.exhausted, "disk full")
        told.fake.log.world.withLock { $0.failure = full }
        for _ in 0..<2 {
            await #expect(throws: HoldfastError.self) { _ = try await told.fake.append("a", to: chain) }
        }
        let failing = await chain.status().members[2]
        #expect(failing.state == "failing" && failing.lastErrorTime != nil)
        told.fake.log.world.withLock { $0.failure = nil }
        #expect(told.turns.isEmpty)
        for value in ["b", "c"] { _ = try await told.fake.append(value, to: chain) }
        #expect(told.turns.count == 1 && told.turns[0].hasPrefix("chain: log takes entries again, after "))
        await chain.close()
    }
}
