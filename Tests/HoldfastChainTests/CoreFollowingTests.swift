import HoldfastChain
import HoldfastModel
import Testing

@Suite("Chain core: recovery, backups and trimming")
struct CoreFollowingTests {
    private func entry(_ text: String, at milliseconds: UInt64, resolved: LogSequenceNumber = 0) -> LogEntry {
        var change = CoreBench.put(text)
        change.assign(Version(milliseconds: milliseconds, counter: 0, node: 1))
        return LogEntry(.changes([change], supersedes: nil), resolvedThrough: resolved)
    }

    @Test("a backup follows in one batch what comes while more is on its way, unless somebody waits for it")
    func gathers() {
        var policy = ChainPolicy()
        policy.backupGatherCountMax = 3
        var bench = CoreBench.up(policy, backupCount: 1)
        bench.connectBackup(0)
        bench.submit(1, [CoreBench.put("a")])
        _ = bench.finishAppend()
        bench.submit(2, [CoreBench.put("b")])
        bench.finishApply()
        #expect(bench.takeBackup(0) == nil)
        _ = bench.finishAppend()
        bench.finishApply()
        #expect(bench.takeBackup(0) == 1...2)
    }

    @Test("a backup that others wait for, or that is far behind, follows at once")
    func gathersNoLonger() {
        var policy = ChainPolicy()
        policy.backupGatherCountMax = 1
        var bench = CoreBench.up(policy, backupCount: 1)
        bench.connectBackup(0)
        bench.submit(1, [CoreBench.put("a")], ack: .all)
        _ = bench.finishAppend()
        bench.submit(2, [CoreBench.put("b")])
        bench.finishApply()
        #expect(bench.takeBackup(0) == 1...1)
        bench.step(.backupApplied(0, generation: bench.core.backups[0].generation, through: 1))
        for request in UInt64(3)...4 {
            _ = bench.finishAppend()
            bench.submit(RequestID(request), [CoreBench.put("c")])
            bench.finishApply()
        }
        #expect(bench.takeBackup(0) == 2...3)
    }

    @Test("a backup gathers no longer than the flush interval, whatever is on its way")
    func gathersForATime() {
        var policy = ChainPolicy()
        policy.backupGatherTimeMax = 20
        var bench = CoreBench.up(policy, backupCount: 1)
        bench.connectBackup(0)
        for request in UInt64(1)...2 {
            bench.submit(RequestID(request), [CoreBench.put("a")])
            _ = bench.finishAppend()
            bench.submit(RequestID(request + 10), [CoreBench.put("b")])
            bench.finishApply()
            #expect((bench.takeBackup(0) == nil) == (request == 1))
            bench.now += 20
        }
    }

    @Test("a primary that holds the mark of another log is left alone, unless hosts share it")
    func foreignLog() {
        let foreign = Mark(log: "another log", lsn: 9, incarnation: "first", phase: .serving)
        var bench = CoreBench()
        bench.connectPrimary(foreign: [foreign])
        #expect(bench.core.primary.holdReason?.code == .permission)
        bench.submit(1, [CoreBench.put("a")])
        #expect(bench.refusal(of: 1)?.code == .unavailable)
    }

    @Test("a log that is older than the primary's mark is refused")
    func olderLog() {
        var bench = CoreBench(log: [entry("a", at: 1)])
        bench.connectPrimary(mark: 7)
        #expect(bench.core.primary.holdReason?.code == .corrupt)
        #expect(bench.takeApply() == nil)
    }

    @Test("what the mark covers is resolved; what is above it is applied as if live")
    func recovers() {
        var bench = CoreBench(log: [entry("a", at: 1), entry("b", at: 2)])
        bench.connectPrimary(mark: 1)
        let entries = bench.takeApply()
        #expect(entries?.map(\.lsn) == [2])
        #expect(entries?.first?.changes.first?.condition == .newest)
    }

    @Test("an entry that was aborted or superseded is not applied by a recovery")
    func recoversWithoutVoid() {
        var bench = CoreBench(log: [
            entry("a", at: 1), LogEntry(.abort(1), resolvedThrough: 0), entry("b", at: 2),
        ])
        bench.connectPrimary()
        #expect(bench.takeApply()?.map(\.lsn) == [3])
    }

    @Test(
        "a primary of another incarnation, or one behind what the log knows, is merged before it serves",
        arguments: [true, false])
    func lostData(isIncarnation: Bool) {
        var bench = CoreBench(log: [entry("a", at: 1), entry("b", at: 2, resolved: 1)])
        bench.connectPrimary(mark: 0, incarnation: isIncarnation ? "second" : "first")
        #expect(bench.core.primary.phase == .merging(1))
        #expect(bench.takeApply() == nil)
        guard case .unavailable = bench.core.readPlan else {
            Issue.record("\(bench.core.readPlan)")
            return
        }
    }

    @Test("a write that comes during recovery waits before it is logged")
    func waitsBeforeLog() {
        var bench = CoreBench(log: [entry("a", at: 1)])
        bench.connectPrimary()
        bench.submit(1, [CoreBench.put("b")])
        #expect(bench.finishAppend().isEmpty)
        bench.finishApply()
        #expect(bench.finishAppend().count == 1)
    }

    @Test(
        "a shared primary that was wiped is not served before a log that only a backup knows of has replayed")
    func barrierAsksBackups() {
        var policy = ChainPolicy()
        policy.isShared = true
        var bench = CoreBench.up(policy, backupCount: 1)
        bench.step(.primaryMarks(bench.core.primary.generation, []))
        let before = bench.core.backups[0].generation
        bench.failPrimary()
        bench.connectPrimary(incarnation: "second")
        #expect(bench.core.backups[0].generation == before + 1)
        bench.finishApply()
        let marks = [
            Mark(log: CoreBench.log, lsn: 0, incarnation: "first", phase: .serving),
            Mark(log: "another log", lsn: 3, incarnation: "first", phase: .serving),
        ]
        let view = ProviderView(incarnation: "first", isAtomic: true, isDurable: true, marks: marks)
        bench.step(.backupConnected(0, generation: before + 1, view))
        bench.step(.primaryMarks(bench.core.primary.generation, [marks[0]]))
        #expect(bench.core.primary.phase == .merged)
    }

    @Test("a consumer stops at the first pending entry")
    func consumersStop() {
        var bench = CoreBench.up(backupCount: 1)
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        #expect(bench.takeBackup(0) == nil)
        bench.finishApply()
        #expect(bench.takeBackup(0) == 1...1)
    }

    @Test("an entry that a backup refuses for good is found, tried again, and set aside")
    func poison() {
        var policy = ChainPolicy()
        policy.poisonAttemptCountMax = 2
        var bench = CoreBench.up(policy, backupCount: 1)
        for id in 1...2 { bench.submit(RequestID(id), [CoreBench.put("\(id)")]) }
        bench.finishAppend()
        bench.finishAppend()
        bench.finishApply()
        bench.finishApply()
        let refusal = HoldfastError(.invalid, "the value is too large")
        // The first range is whatever was resolved then; each refusal makes it one entry, and counts.
        for _ in 0..<3 {
            #expect(bench.takeBackup(0)?.lowerBound == 1)
            bench.step(.backupFailed(0, generation: bench.core.backups[0].generation, refusal))
            bench.step(.woken(.backup(0)))
        }
        let setAside: LogSequenceNumber? = bench.take { action in
            if case .quarantine(0, let lsn, _) = action { lsn } else { nil }
        }
        #expect(setAside == 1)
        #expect(bench.core.backups[0].quarantinedCount == 1)
        #expect(bench.takeBackup(0) == 2...2)
    }

    @Test("the log is trimmed when every consumer's mark is durable, not before")
    func trims() {
        var bench = CoreBench.up(backupCount: 1, isDurable: false)
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.finishApply()
        bench.finishBackup(0)
        bench.step(.aged(through: 1))
        #expect(bench.actions.contains(.flush(.primary)))
        #expect(bench.actions.contains(.flush(.backup(0))))
        bench.step(.flushed(.primary, through: 1))
        bench.step(.aged(through: 1))
        #expect(!bench.actions.contains(.trim(before: 2)))
        bench.step(.flushed(.backup(0), through: 1))
        bench.step(.aged(through: 1))
        #expect(!bench.actions.contains(.trim(before: 2)), "the highest version stays in the log")
        bench.submit(2, [CoreBench.put("b")])
        bench.finishAppend()
        bench.step(.aged(through: 1))
        #expect(bench.actions.contains(.trim(before: 2)))
    }

    @Test("a dropped backup no longer holds the log, and is copied anew when it returns")
    func dropsBackup() {
        var policy = ChainPolicy()
        policy.dropsBackupWhenFull = true
        var bench = CoreBench.up(policy, backupCount: 1)
        bench.step(
            .backupFailed(
                0, generation: bench.core.backups[0].generation, HoldfastError(.unavailable, "gone")))
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.finishApply()
        bench.submit(2, [CoreBench.put("b")])
        bench.finishAppend()
        bench.step(.aged(through: 1))
        #expect(!bench.actions.contains(.trim(before: 2)))
        bench.drop()
        bench.step(.aged(through: 1))
        #expect(bench.actions.contains(.trim(before: 2)))
        bench.step(.woken(.backup(0)))
        bench.connectBackup(0)
        #expect(bench.core.backups[0].phase == .resyncing)
    }

    @Test(
        "a read falls back to a backup, with the log after its mark and without what may still be taken back")
    func fallsBack() {
        var policy = ChainPolicy()
        policy.failureCountMax = 2
        var bench = CoreBench.up(policy, backupCount: 1)
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.finishApply()
        bench.submit(2, [CoreBench.put("b")])
        bench.finishAppend()
        bench.failPrimary()
        #expect(bench.core.readPlan == .backup(0, overlayAfter: 0, through: 2, excluding: [2]))
    }
}
