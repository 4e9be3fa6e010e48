import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

/// The rows of the failure matrix of docs/explanation/semantics.md that a chain answers for; plugins answer for the
/// others.
@Suite("Failure matrix: chain") struct FailureMatrixTests {
    /// The bytes of an entry that a dying host left in its log, above everything that is there.
    private func orphan(_ value: String, in fake: FakeChain) -> Bytes {
        var clock = VersionClock(node: 1)
        let version = clock.next(at: UInt64(SystemClock().unixMilliseconds) + 1)
        let record = Record(
            namespace: fake.list.namespace, key: fake.list.key, id: version, version: version,
            value: Bytes(value))
        return LogEntryCodec.encode(
            LogEntry(.changes([Change(.put, record, if: .newest)], supersedes: nil), resolvedThrough: 0))
    }

    private func failure(_ body: () async throws(HoldfastError) -> Void) async -> HoldfastError? {
        do throws(HoldfastError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    private func whenUp(_ chain: Chain) async {
        while await !chain.status().members.allSatisfy({ $0.state == "up" }) { await Task.yield() }
    }

    @Test("M01 a write whose host died before the sync is absent everywhere", arguments: [false, true])
    func diesBeforeSync(reachedTheDisk: Bool) async throws {
        let fake = FakeChain()
        let first = try await fake.open()
        _ = try await fake.append("a", to: first)
        await first.close()
        if reachedTheDisk {
            let entry = orphan("b", in: fake)
            fake.log.world.withLock { $0.entries.append(entry) }
        }
        let second = try await fake.open()
        #expect(try await fake.history(second) == (reachedTheDisk ? ["a", "b"] : ["a"]))
        await second.close()
        #expect(fake.backup.values(fake.list) == fake.primary.values(fake.list))
    }

    @Test("M02 a write whose host died after the sync is present everywhere after recovery, once")
    func diesAfterSync() async throws {
        let fake = FakeChain()
        let first = try await fake.open()
        _ = try await fake.append("a", to: first)
        await first.close()
        let entry = orphan("b", in: fake)
        fake.log.world.withLock { $0.entries.append(entry) }
        for _ in 0..<3 {
            let again = try await fake.open()
            #expect(try await fake.history(again) == ["a", "b"])
            await again.close()
            #expect(fake.backup.values(fake.list) == ["a", "b"])
        }
    }

    @Test("M03 a retry after an answer that never came gets the first answer")
    func diesBeforeAnswer() async throws {
        let fake = FakeChain()
        let first = try await fake.open()
        fake.primary.world.withLock { $0.losesNextAnswer = true }
        let caller = Task { try await fake.append("a", key: "k", to: first) }
        while !fake.primary.world.withLock({ $0.isDown }) { await Task.yield() }
        caller.cancel()
        await #expect(throws: HoldfastError.self) { _ = try await caller.value }
        fake.primary.comeBack()
        let second = try await fake.open()
        let receipt = try await fake.append("a", key: "k", to: second)
        #expect(receipt.isReplay)
        #expect(try await fake.history(second) == ["a"])
        await second.close()
        #expect(fake.backup.values(fake.list) == ["a"])
        await first.close()
    }

    @Test("M04 a backup whose mark is older than its data has everything once, in order")
    func backupMarkLags() async throws {
        let fake = FakeChain()
        fake.backup.world.withLock { $0.capabilities = [] }
        let first = try await fake.open()
        for value in ["a", "b"] { _ = try await fake.append(value, to: first) }
        try await first.flush(CallOptions())
        let address = MarkCodec.address(chain: "chain", log: "log-1")
        let early = fake.backup.world.withLock { $0.keys[address] }
        _ = try await fake.append("c", to: first)
        await first.close()
        fake.backup.world.withLock { $0.keys[address] = early }
        let second = try await fake.open()
        _ = try await fake.append("d", to: second)
        await second.close()
        #expect(fake.backup.values(fake.list) == ["a", "b", "c", "d"])
    }

    @Test("M06 a log with damage in its middle opens read-only, and salvage repairs it from the providers")
    func damagedLog() async throws {
        let fake = FakeChain()
        let first = try await fake.open()
        for value in ["a", "b", "c"] { _ = try await fake.append(value, to: first) }
        await first.close()
        fake.log.world.withLock { $0.damagedLSN = 2 }
        let damaged = try await fake.open()
        #expect(
            await failure { () throws(HoldfastError) in _ = try await fake.append("d", to: damaged) }?.code
                == .corrupt)
        #expect(try await fake.history(damaged) == ["a", "b", "c"])
        #expect(await damaged.status().members.map(\.state).contains("read_only"))
        await damaged.close()
        let report = try await LogRepair(fake.settings).salvage()
        #expect(report.lostRanges.isEmpty)
        #expect(report.nextLSN == 4)
        let whole = try await fake.open()
        _ = try await fake.append("d", to: whole)
        #expect(try await fake.history(whole) == ["a", "b", "c", "d"])
        await whole.close()
        #expect(fake.backup.values(fake.list) == ["a", "b", "c", "d"])
    }

    @Test("M08 a full disk refuses writes with a time to wait, reads go on, and it recovers by itself")
    func fullDisk() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        fake.log.world.withLock {
            $0.failure = HoldfastError(.exhausted, "no space", retryAfter: .seconds(1))
        }
        #expect(
            await failure { () throws(HoldfastError) in _ = try await fake.append("b", to: chain) }?
                .retryAfter != nil)
        #expect(try await fake.history(chain) == ["a"])
        fake.log.world.withLock { $0.failure = nil }
        _ = try await fake.append("c", to: chain)
        #expect(try await fake.history(chain) == ["a", "c"])
        await chain.close()
        #expect(fake.backup.values(fake.list) == ["a", "c"])
    }

    @Test(
        "M09 an outage of the primary hides no acknowledged write and doubles none", arguments: [false, true])
    func primaryOutage(accepts: Bool) async throws {
        let fake = FakeChain { $0.onPrimaryFailure = accepts ? .accept : .reject }
        let chain = try await fake.open()
        // Until a backup has been copied it cannot stand in.
        await whenUp(chain)
        var expected: [String] = []
        for round in 0..<5 {
            fake.primary.world.withLock { world in
                if round.isMultiple(of: 2) { world.isDown = true } else { world.losesNextAnswer = true }
            }
            for number in 0..<4 {
                let value = "\(round).\(number)"
                do throws(HoldfastError) {
                    _ = try await fake.append(value, key: value, timeout: .milliseconds(300), to: chain)
                    expected.append(value)
                } catch {
                    #expect(error.code == .unavailable || error.code == .timeout)
                    // Nobody knows; the retry with the same key does.
                    guard error.flags.contains(.maybeApplied) else { continue }
                    fake.primary.comeBack()
                    await whenUp(chain)
                    _ = try await fake.append(value, key: value, to: chain)
                    expected.append(value)
                }
                #expect(try await fake.history(chain) == expected)
                if number == 2 { fake.primary.comeBack() }
            }
            fake.primary.comeBack()
            await whenUp(chain)
        }
        #expect(fake.primary.values(fake.list) == expected)
        await chain.close()
        #expect(fake.backup.values(fake.list) == expected)
    }

    @Test("M10 a primary that returns with an older state is caught up before it serves")
    func olderState() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        let older = fake.primary.world.withLock { $0.keys }
        for value in ["b", "c"] { _ = try await fake.append(value, to: chain) }
        fake.primary.goDown()
        #expect(try await fake.history(chain) == ["a", "b", "c"])
        fake.primary.world.withLock { $0.keys = older }
        fake.primary.comeBack()
        await whenUp(chain)
        #expect(fake.primary.values(fake.list) == ["a", "b", "c"])
        await chain.close()
    }

    @Test("M11 a backup that was down for long is equal when it returns, and its lag was visible")
    func backupOutage() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        fake.backup.goDown()
        for number in 0..<50 { _ = try await fake.append("\(number)", to: chain) }
        let lag = await chain.status().members.first { $0.role == "backup" }?.lag
        #expect(lag == 50)
        fake.backup.comeBack()
        while await chain.status().members.first(where: { $0.role == "backup" })?.lag != 0 {
            await Task.yield()
        }
        await chain.close()
        #expect(fake.backup.values(fake.list) == fake.primary.values(fake.list))
        #expect(fake.backup.values(fake.list).count == 51)
    }

    @Test("M12 a log that is full for an unreachable backup may drop it, and copies it anew when it returns")
    func fullLogDropsBackup() async throws {
        let fake = FakeChain {
            $0.onLogFull = .dropBackup
            $0.retain = .zero
        }
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        try await chain.flush(CallOptions())
        fake.backup.goDown()
        _ = try await fake.append("b", to: chain)
        fake.log.world.withLock { $0.failure = HoldfastError(.exhausted, "max_size is reached") }
        #expect(
            await failure { () throws(HoldfastError) in _ = try await fake.append("c", to: chain) }?.code
                == .exhausted)
        while fake.log.world.withLock({ $0.first }) < 2 { await Task.yield() }
        fake.log.world.withLock { $0.failure = nil }
        _ = try await fake.append("d", to: chain)
        fake.backup.comeBack()
        while await chain.status().members.first(where: { $0.role == "backup" })?.state != "up" {
            await Task.yield()
        }
        try await chain.flush(CallOptions())
        #expect(fake.backup.values(fake.list) == ["a", "b", "d"])
        await chain.close()
    }

    @Test("M13 a clear that races with appends and a flush brings nothing back and loses nothing later")
    func clearRaces() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        for number in 0..<20 { _ = try await fake.append("old \(number)", to: chain) }
        async let cleared: Void = fake.clear(chain)
        async let racing: Void = {
            for number in 0..<20 { _ = try await fake.append("racing \(number)", to: chain) }
        }()
        _ = try await (cleared, racing)
        _ = try await fake.append("new", to: chain)
        let values = try await fake.history(chain)
        #expect(!values.contains { $0.hasPrefix("old") })
        #expect(values.last == "new")
        await chain.close()
        #expect(fake.backup.values(fake.list) == values)
        let again = try await fake.open()
        #expect(try await fake.history(again) == values)
        await again.close()
    }

    @Test("M15 with primary and backup down reads are refused and accepted writes are there afterwards")
    func allDown() async throws {
        let fake = FakeChain { $0.onPrimaryFailure = .accept }
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        fake.primary.goDown()
        fake.backup.goDown()
        _ = try await fake.append("b", to: chain)
        while await chain.status().isReadable { await Task.yield() }
        #expect(
            await failure { () throws(HoldfastError) in _ = try await fake.history(chain) }?.code
                == .unavailable)
        fake.primary.comeBack()
        fake.backup.comeBack()
        await whenUp(chain)
        #expect(try await fake.history(chain) == ["a", "b"])
        await chain.close()
        #expect(fake.backup.values(fake.list) == ["a", "b"])
    }

    @Test(
        "what a host writes after it has read is newer than what it read, on any key, whatever its clock says"
    )
    func readsAreObserved() async throws {
        let fast = FakeChain { $0.isShared = true }
        var slowSettings = fast.settings
        slowSettings.log = FakeLog("log-2")
        let first = try await fast.open()
        let second = try await Chain.open(
            slowSettings, ChainEnvironment(clock: ShiftedClock(milliseconds: -2000)))
        let read = try await fast.append("fast", to: first).versions[0]
        #expect(try await fast.history(second) == ["fast"])
        let other = Record(namespace: "messages", key: "s2", value: "slow")
        let written = try await second.write(
            WriteRequest([Change(.put, other, if: .newest, isItem: true)])
        ).versions[0]
        #expect(written > read)
        await first.close()
        await second.close()
    }

    @Test("M16 two hosts with clocks 2 s apart write one list in arrival order, the same on the backup")
    func twoHosts() async throws {
        let fast = FakeChain { $0.isShared = true }
        let slowLog = FakeLog("log-2")
        var slowSettings = fast.settings
        slowSettings.log = slowLog
        let behind = ChainEnvironment(clock: ShiftedClock(milliseconds: -2000))
        let first = try await fast.open()
        let second = try await Chain.open(slowSettings, behind)
        var expected: [String] = []
        for number in 0..<10 {
            _ = try await fast.append("fast \(number)", to: first)
            _ = try await fast.append("slow \(number)", to: second)
            expected += ["fast \(number)", "slow \(number)"]
        }
        #expect(try await fast.history(first) == expected)
        #expect(try await fast.history(second) == expected)
        try await fast.clear(second)
        _ = try await fast.append("after", to: first)
        await first.close()
        await second.close()
        #expect(fast.primary.values(fast.list) == ["after"])
        #expect(fast.backup.values(fast.list) == ["after"])
    }
}

/// The system's clock, set wrong.
struct ShiftedClock: HostClock {
    let milliseconds: Int64
    private let system = SystemClock()

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    var monotonicNanoseconds: Int64 { system.monotonicNanoseconds }
    var unixMilliseconds: Int64 { system.unixMilliseconds + milliseconds }
    func wait(until deadline: Int64) async { await system.wait(until: deadline) }
}
