import HoldfastChain
import HoldfastModel
import Testing

@Suite("Chain core: writing")
struct CoreWritingTests {
    @Test("the log is durable before the primary sees an entry, and the caller hears after the primary")
    func logFirst() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        #expect(bench.takeApply() == nil)
        bench.finishAppend()
        #expect(bench.answers[1] == nil)
        bench.finishApply()
        #expect(bench.level(of: 1) == .primary)
    }

    @Test("requests that come while an append is under way share the next one")
    func groups() {
        var bench = CoreBench.up()
        for id in 1...4 { bench.submit(RequestID(id), [CoreBench.put("\(id)")]) }
        #expect(bench.finishAppend().count == 1)
        #expect(bench.finishAppend().count == 3)
    }

    @Test("a refused request gets a durable abort before its caller hears of it")
    func abortFirst() {
        var bench = CoreBench.up()
        var change = CoreBench.put("a")
        change.condition = .version(.zero)
        bench.submit(1, [change])
        bench.finishAppend()
        #expect(bench.takeApply()?.count == 1)
        bench.step(.primaryApplied(bench.core.primary.generation, [[.conflict(seen: .max)]]))
        #expect(bench.answers[1] == nil)
        #expect(CoreBench.aborted(bench.finishAppend()) == [1])
        #expect(bench.refusal(of: 1)?.code == .conflict)
        #expect(bench.core.ledger.voided == [1])
    }

    @Test("an entry whose outcome is unknown is never aborted, and is applied again")
    func unknownIsKept() {
        var policy = ChainPolicy()
        policy.failureCountMax = 1
        var bench = CoreBench.up(policy)
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        #expect(bench.takeApply() != nil)
        bench.failPrimary([.retryable, .maybeApplied])
        #expect(bench.core.primary.isDown)
        #expect(bench.finishAppend().isEmpty)
        #expect(bench.answers[1] == nil)
        bench.step(.woken(.primary))
        bench.connectPrimary()
        bench.finishApply()
        #expect(bench.level(of: 1) == .primary)
    }

    @Test(
        "an entry that surely was not sent is aborted under reject, and acknowledged from the log under accept"
    )
    func policies() {
        for accepts in [false, true] {
            var policy = ChainPolicy()
            policy.failureCountMax = 1
            policy.acceptsWhileDown = accepts
            var bench = CoreBench.up(policy)
            bench.submit(1, [CoreBench.put("a")])
            bench.finishAppend()
            #expect(bench.takeApply() != nil)
            bench.failPrimary()
            let aborted = CoreBench.aborted(bench.finishAppend())
            #expect(aborted == (accepts ? [] : [1]))
            #expect(bench.level(of: 1) == (accepts ? .log : nil))
            #expect(bench.refusal(of: 1)?.code == (accepts ? nil : .unavailable))
        }
    }

    @Test("a stale entry takes the later ones of its list along, in order, and no other list's")
    func supersedesTail() {
        var bench = CoreBench.up()
        var elsewhere = CoreBench.put("x")
        elsewhere.record.key = "another"
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.submit(2, [elsewhere])
        bench.submit(3, [CoreBench.put("b")])
        bench.finishAppend()
        #expect(bench.takeApply()?.count == 1)
        bench.finishAppend()
        let seen = Version(milliseconds: 2_000, counter: 7, node: 9)
        bench.step(.primaryApplied(bench.core.primary.generation, [[.stale(seen: seen)]]))
        let replacements = bench.finishAppend().compactMap { entry -> (LogSequenceNumber, Version)? in
            guard case .changes(let changes, let supersedes?) = entry.body else { return nil }
            return (supersedes, changes[0].record.id)
        }
        #expect(replacements.map(\.0) == [1, 3])
        #expect(replacements.map(\.1).allSatisfy { $0 > seen })
        #expect(replacements.map(\.1) == replacements.map(\.1).sorted())
        #expect(bench.core.ledger.voided == [1, 3])
        bench.finishApply()
        bench.finishApply()
        #expect(bench.answers.count == 3)
    }

    @Test("a second request with the key of one that is pending waits for that one")
    func joins() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")], key: "k")
        bench.submit(2, [CoreBench.put("a")], key: "k")
        #expect(bench.finishAppend().count == 1)
        bench.finishApply()
        #expect(bench.answers[1] != nil)
        #expect(bench.answers[1] == bench.answers[2])
    }

    @Test("requests with one key that are taken together are one entry")
    func joinsAtOnce() {
        var bench = CoreBench.up()
        let address = Address(namespace: IdempotencyRecord.namespace, key: "k")
        let changes = [IdempotencyRecord.claim(address, expiresAt: 0), CoreBench.put("a")]
        bench.step(
            .submitted((1...2).map { CoreRequest(id: $0, changes: changes, idempotency: address) }))
        #expect(bench.finishAppend().count == 1)
        bench.finishApply()
        #expect(bench.level(of: 1) == .primary)
        #expect(bench.answers[1] == bench.answers[2])
    }

    @Test("a request whose key is stored already hears where the first answer is")
    func duplicate() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")], key: "k")
        bench.finishAppend()
        #expect(bench.takeApply() != nil)
        bench.step(.primaryApplied(bench.core.primary.generation, [[.conflict(seen: .max), .applied]]))
        bench.finishAppend()
        let address = Address(namespace: IdempotencyRecord.namespace, key: "k")
        #expect(bench.answers[1] == .duplicate(address))
    }

    @Test("level log answers when the log is durable, and reads find the entry before the primary has it")
    func levelLog() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")], ack: .log)
        bench.finishAppend()
        #expect(bench.level(of: 1) == .log)
        #expect(bench.core.readPlan == .primaryOverlaid(overlayAfter: 0, through: 1, excluding: []))
        bench.finishApply()
        #expect(bench.core.readPlan == .primary)
    }

    @Test("level all answers when every backup has the entry")
    func levelAll() {
        var bench = CoreBench.up(backupCount: 2)
        bench.submit(1, [CoreBench.put("a")], ack: .all)
        bench.finishAppend()
        bench.finishApply()
        bench.finishBackup(0)
        #expect(bench.answers[1] == nil)
        bench.finishBackup(1)
        #expect(bench.level(of: 1) == .all)
    }

    @Test("a deadline on level all names the backups that are behind, and the level that was reached")
    func levelAllLate() {
        var bench = CoreBench.up(backupCount: 2)
        bench.submit(1, [CoreBench.put("a")], ack: .all)
        bench.finishAppend()
        bench.finishApply()
        bench.finishBackup(0)
        bench.step(.deadlinePassed(1))
        guard case .stored(_, .primary, let degradations) = bench.answers[1] else {
            Issue.record("\(String(describing: bench.answers[1]))")
            return
        }
        #expect(degradations == [.backupBehind(1)])
    }

    @Test("a deadline before the log is certain, one while an entry is under way is not")
    func deadlines() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        bench.submit(2, [CoreBench.put("b")])
        bench.step(.deadlinePassed(2))
        #expect(bench.refusal(of: 2)?.flags.contains(.maybeApplied) == false)
        bench.finishAppend()
        bench.step(.deadlinePassed(1))
        #expect(bench.refusal(of: 1)?.flags.contains(.maybeApplied) == true)
        #expect(bench.finishAppend().isEmpty)
    }

    @Test(
        "a log that fails for sure refuses; one whose end is unknown is opened again and says what is there")
    func logFailures() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        _ = bench.take { if case .append = $0 { true } else { nil } }
        bench.step(.logFailed(HoldfastError(.exhausted, "the disk is full")))
        #expect(bench.refusal(of: 1)?.code == .exhausted)
        bench.submit(2, [CoreBench.put("b")])
        _ = bench.take { if case .append = $0 { true } else { nil } }
        bench.step(.logFailed(HoldfastError(.unavailable, "the sync failed", flags: .maybeApplied)))
        #expect(bench.take { $0 == .reopenLog ? true : nil } == true)
        bench.step(.logReopened(last: 1))
        #expect(bench.refusal(of: 2)?.flags.contains(.maybeApplied) == true)
        #expect(bench.takeApply()?.map(\.lsn) == [1])
    }
}
