import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

@Suite("Providers that somebody must see to") struct HeldProviderTests {
    /// Looks until something holds; half a minute is more than any machine needs.
    private func becomes(_ chain: Chain, _ condition: (BackendStatus) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if condition(await chain.status()) { return true }
            await Task.yield()
        }
        return false
    }

    @Test(
        "a primary that needs an operator serves again once somebody has acted, without a restart",
        arguments: [HoldfastError.Code.permission, .corrupt, .invalid])
    func primary(code: HoldfastError.Code) async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        fake.primary.refuse(HoldfastError(code, "see to it"))
        var refusal = await #expect(throws: HoldfastError.self) { _ = try await fake.append("b", to: chain) }
        #expect(await becomes(chain) { $0.members[0].state == "held" })
        let status = await chain.status()
        #expect(status.isReadable && !status.isWritable)
        #expect(status.members[0].lastError?.contains("see to it") == true)
        refusal = await #expect(throws: HoldfastError.self) { _ = try await fake.append("b", to: chain) }
        // The request was right, and may be sent again.
        #expect(refusal?.code == .unavailable && refusal?.message.contains("see to it") == true)
        #expect(try await fake.history(chain) == ["a"])
        fake.primary.refuse(nil)
        #expect(await becomes(chain) { $0.isWritable })
        _ = try await fake.append("c", to: chain)
        #expect(fake.primary.values(fake.list) == ["a", "c"])
        #expect(await chain.status().members[0].lastError == nil)
        await chain.close()
    }

    @Test("a backup that needs an operator is brought up to date once somebody has acted")
    func backup() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        fake.backup.refuse(HoldfastError(.permission, "see to it"))
        _ = try await fake.append("b", to: chain)
        #expect(await becomes(chain) { $0.members[1].state == "held" })
        let member = await chain.status().members[1]
        #expect(member.lag == 1 && member.lagDuration != nil && member.lastError != nil)
        fake.backup.refuse(nil)
        #expect(await becomes(chain) { $0.members[1].lag == 0 })
        let after = await chain.status().members[1]
        #expect(after.state == "up" && after.lagDuration == nil && after.lastError == nil)
        #expect(fake.backup.values(fake.list) == ["a", "b"])
        await chain.close()
    }

    @Test(
        "M08 a primary whose disk is full is down until it takes something, and callers hear that it is full")
    func full() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.failPrimary(code: .exhausted)
        #expect(bench.core.primary.isDown)
        bench.finishAppend()
        #expect(bench.refusal(of: 1)?.code == .exhausted)
        bench.submit(2, [CoreBench.put("b")])
        #expect(bench.refusal(of: 2)?.code == .exhausted)
        bench.step(.woken(.primary))
        bench.connectPrimary()
        bench.submit(3, [CoreBench.put("c")])
        bench.finishAppend()
        bench.finishApply()
        #expect(bench.level(of: 3) == .primary)
    }

    @Test("a new log and a new primary beside the backup of another log are not taken for a new store")
    func newBesideOld() {
        var bench = CoreBench(backupCount: 1)
        let old = Mark(log: "old", lsn: 7, incarnation: "first", phase: .serving)
        let held = ProviderView(incarnation: "first", isAtomic: true, isDurable: true, marks: [old])
        let new = ProviderView(incarnation: "first", isAtomic: true, isDurable: true, marks: [])
        bench.step(.primaryConnected(bench.core.primary.generation, new))
        bench.step(.backupConnected(0, generation: bench.core.backups[0].generation, held))
        let reason = bench.core.primary.holdReason?.message
        #expect(reason?.contains("a backup holds what the log old kept") == true)
        bench.submit(1, [CoreBench.put("a")])
        #expect(bench.refusal(of: 1)?.code == .unavailable)
        #expect(bench.finishAppend().isEmpty)
        // It was moved away, and an empty one stands in its place.
        bench.step(.woken(.backup(0)))
        bench.step(.backupConnected(0, generation: bench.core.backups[0].generation, new))
        bench.step(.woken(.primary))
        bench.step(.primaryConnected(bench.core.primary.generation, new))
        bench.finishApply()
        bench.submit(2, [CoreBench.put("a")])
        bench.finishAppend()
        bench.finishApply()
        #expect(bench.level(of: 2) == .primary)
    }

    @Test("the logs of other hosts on a backup that is held do not hold a primary that they share")
    func heldBesideOthers() {
        var policy = ChainPolicy()
        policy.isShared = true
        var bench = CoreBench(policy, backupCount: 2)
        let other = Mark(log: "other", lsn: 7, incarnation: "first", phase: .serving)
        let view = ProviderView(incarnation: "first", isAtomic: true, isDurable: true, marks: [other])
        bench.step(.backupConnected(0, generation: bench.core.backups[0].generation, view))
        let refusal = HoldfastError(.permission, "see to it", flags: .providerDead)
        bench.step(.backupFailed(0, generation: bench.core.backups[0].generation, refusal))
        bench.step(.woken(.backup(0)))
        bench.step(.backupFailed(0, generation: bench.core.backups[0].generation, refusal))
        #expect(bench.core.backups[0].holdReason != nil)
        let new = ProviderView(incarnation: "first", isAtomic: true, isDurable: true, marks: [])
        bench.step(.primaryConnected(bench.core.primary.generation, new))
        // The other backup is asked, and knows of nothing.
        bench.step(.backupConnected(1, generation: bench.core.backups[1].generation, new))
        #expect(bench.core.primary.phase != .unmarked)
        #expect(bench.core.primary.holdReason == nil)
    }

    @Test("a backup that connects and takes nothing is not up, however often it connects")
    func fullBackup() {
        var bench = CoreBench.up(backupCount: 1)
        for round in 1...3 {
            bench.submit(RequestID(round), [CoreBench.put("a")])
            bench.finishAppend()
            bench.finishApply()
            _ = bench.takeBackup(0)
            let full = HoldfastError(.exhausted, "full", flags: .retryable)
            bench.step(.backupFailed(0, generation: bench.core.backups[0].generation, full))
            bench.step(.woken(.backup(0)))
            bench.connectBackup(0)
            #expect(bench.core.backups[0].failureCount == round)
        }
        bench.finishBackup(0)
        #expect(bench.core.backups[0].failureCount == 0)
    }
}
