import HoldfastChain
import HoldfastModel
import Testing

@Suite("The core while its primary fails")
struct CoreOutageTests {
    private static var accepting: ChainPolicy {
        var policy = ChainPolicy()
        policy.acceptsWhileDown = true
        return policy
    }

    @Test("a missed deadline takes the primary out of use at once, one refused connection does not")
    func missedDeadline() {
        var bench = CoreBench.up()
        bench.failPrimary()
        #expect(!bench.core.primary.isDown)
        bench.connectPrimary()
        bench.failPrimary(code: .timeout)
        #expect(bench.core.primary.isDown)
        bench.submit(1, [CoreBench.put("a")])
        #expect(bench.refusal(of: 1)?.code == .unavailable)
    }

    @Test("what is under way when a read finds the primary gone is ignored when it comes, and sent again")
    func lateAnswer() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        let generation = bench.core.primary.generation
        bench.failPrimary([.retryable, .maybeApplied], code: .timeout)
        bench.step(.primaryApplied(generation, [[.applied]]))
        #expect(bench.core.primary.holdReason == nil)
        #expect(bench.answers[1] == nil)
        bench.step(.woken(.primary))
        bench.connectPrimary()
        bench.finishApply()
        #expect(bench.level(of: 1) == .primary)
    }

    @Test("under accept a request whose time is up while the primary hangs is answered by the log")
    func hanging() {
        var bench = CoreBench.up(Self.accepting)
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.step(.deadlinePassed(1))
        #expect(bench.answers[1].map(Self.isDegraded) == true)
        bench.failPrimary([.retryable, .maybeApplied], code: .timeout)
        bench.step(.woken(.primary))
        bench.connectPrimary()
        #expect(bench.takeApply()?.count == 1)
    }

    @Test("under accept only the primary answers for a condition, however long it takes")
    func hangingCondition() {
        var bench = CoreBench.up(Self.accepting)
        bench.submit(1, [Change(.put, CoreBench.put("a").record, if: .version(.zero))])
        bench.finishAppend()
        bench.step(.deadlinePassed(1))
        #expect(bench.refusal(of: 1)?.flags.contains(.maybeApplied) == true)
    }

    private static func isDegraded(_ answer: CoreAnswer) -> Bool {
        if case .stored(_, .log, [.primaryDown]) = answer { true } else { false }
    }
}

@Suite("The core while its log fails")
struct CoreLogOutageTests {
    @Test(
        "a log whose connection is lost is opened again, and what is asked meanwhile is refused for certain")
    func lostConnection() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        _ = bench.take { if case .append = $0 { true } else { nil } }
        bench.step(.logFailed(HoldfastError(.unavailable, "gone", flags: [.retryable, .providerDead])))
        #expect(bench.take { $0 == .reopenLog ? true : nil } == true)
        bench.submit(2, [CoreBench.put("b")])
        #expect(bench.refusal(of: 2)?.flags.contains(.maybeApplied) == false)
        bench.step(.logReopened(last: 0))
        #expect(bench.refusal(of: 1)?.flags.contains(.maybeApplied) == false)
        bench.submit(3, [CoreBench.put("c")])
        bench.finishAppend()
        bench.finishApply()
        #expect(bench.level(of: 3) == .primary)
    }

    @Test(
        "what a refused request leaves to be taken back is logged by itself once the log takes entries again")
    func abortAfterRefusal() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.submit(2, [CoreBench.put("b")])
        _ = bench.take { if case .append = $0 { true } else { nil } }
        bench.step(.logFailed(HoldfastError(.exhausted, "full")))
        #expect(bench.takeApply() != nil)
        bench.step(.primaryApplied(bench.core.primary.generation, [[.invalid("never")]]))
        #expect(bench.take { $0 == .wake(.log, attempt: 1) ? true : nil } == true)
        bench.step(.woken(.log))
        #expect(bench.finishAppend().map(\.body) == [.abort(1)])
        #expect(bench.refusal(of: 1)?.code == .invalid)
    }

    /// A core whose log has kept one request waiting, and another one behind it.
    private static var hanging: CoreBench {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        bench.submit(2, [CoreBench.put("b")])
        bench.step(.logHangs)
        return bench
    }

    @Test("while the log hangs who writes hears so at once, for certain; what it was given waits for it")
    func hanging() {
        var bench = Self.hanging
        bench.submit(3, [CoreBench.put("c")])
        for request: RequestID in [2, 3] {
            let refusal = bench.refusal(of: request)
            #expect(refusal?.code == .unavailable && refusal?.retryAfter == .seconds(1))
            #expect(refusal?.flags == .retryable)
        }
        #expect(bench.answers[1] == nil)
        #expect(bench.finishAppend().count == 1)
        bench.finishApply()
        #expect(bench.level(of: 1) == .primary)
        bench.submit(4, [CoreBench.put("d")])
        bench.finishAppend()
        bench.finishApply()
        #expect(bench.level(of: 4) == .primary)
    }

    @Test(
        "a log that hung and was opened again gets one entry of the chain's own before anybody's",
        arguments: [1, 3])
    func probed(attempts: Int) {
        var bench = Self.hanging
        let late = HoldfastError(.timeout, "too late", flags: [.retryable, .maybeApplied, .providerDead])
        for attempt in 1...attempts {
            let entries = bench.take { if case .append(let entries) = $0 { entries } else { nil } }
            #expect(entries?.count == 1)
            if attempt > 1 { #expect(entries?.first?.body == .abort(0)) }
            bench.step(.logFailed(late))
            #expect(bench.take { $0 == .reopenLog ? true : nil } == true)
            bench.submit(RequestID(10 * attempt), [CoreBench.put("x")])
            #expect(bench.refusal(of: RequestID(10 * attempt))?.code == .unavailable)
            bench.step(.logReopened(last: 0))
            bench.submit(RequestID(10 * attempt + 1), [CoreBench.put("y")])
            #expect(bench.refusal(of: RequestID(10 * attempt + 1))?.code == .unavailable)
        }
        #expect(bench.finishAppend().map(\.body) == [.abort(0)])
        bench.submit(4, [CoreBench.put("d")])
        #expect(bench.finishAppend().count == 1)
        bench.finishApply()
        #expect(bench.level(of: 4) == .primary)
    }

    @Test(
        "a log that refuses what it is given does not hang any more, also where that was the chain's own entry"
    )
    func refusedProbe() {
        var bench = Self.hanging
        bench.step(
            .logFailed(HoldfastError(.timeout, "too late", flags: [.maybeApplied, .providerDead])))
        _ = bench.take { if case .append = $0 { true } else { nil } }
        bench.step(.logReopened(last: 0))
        _ = bench.take { if case .append = $0 { true } else { nil } }
        bench.step(.logFailed(HoldfastError(.exhausted, "full")))
        #expect(!bench.core.isLogHanging)
        bench.step(.woken(.log))
        #expect(bench.finishAppend().isEmpty)
        bench.submit(4, [CoreBench.put("d")])
        #expect(bench.finishAppend().count == 1)
    }

    @Test("a reader who finds the log gone has it opened again, once")
    func lostByReader() {
        var bench = CoreBench.up()
        let error = HoldfastError(.unavailable, "gone", flags: [.retryable, .providerDead])
        bench.step(.logLost(error))
        bench.step(.logLost(error))
        #expect(bench.take { $0 == .reopenLog ? true : nil } == true)
        #expect(bench.take { $0 == .reopenLog ? true : nil } == nil)
    }

    @Test("a backup for which the log cannot be read stays in use, and is served when it can")
    func starved() {
        var bench = CoreBench.up(backupCount: 1)
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.finishApply()
        #expect(bench.takeBackup(0) != nil)
        bench.step(.backupStarved(0, generation: bench.core.backups[0].generation))
        #expect(bench.core.backups[0].phase == .following)
        #expect(bench.takeBackup(0) == nil)
        bench.step(.woken(.backup(0)))
        #expect(bench.takeBackup(0) != nil)
    }

    /// The positions whose entries a reader of the primary sees although the primary may not have them.
    private func overlaid(_ bench: CoreBench) -> [LogSequenceNumber] {
        guard case .primaryOverlaid(let after, let through, let excluding) = bench.core.readPlan,
            after < through
        else { return [] }
        return (after + 1...through).filter { !excluding.contains($0) }
    }

    @Test("what a reopened log holds is shown to nobody before what stands in front of it in its list")
    func shownInOrder() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.submit(2, [CoreBench.put("b")])
        let lost = HoldfastError(.unavailable, "gone", flags: [.retryable, .providerDead, .maybeApplied])
        bench.step(.logFailed(lost))
        bench.step(.logReopened(last: 2))
        #expect(bench.refusal(of: 2)?.flags.contains(.maybeApplied) == true)
        // The first is under way to the primary; who reads now may come before it.
        #expect(overlaid(bench) == [])
        bench.finishApply()
        #expect(bench.level(of: 1) == .primary)
        #expect(overlaid(bench) == [2])
        bench.finishApply()
        #expect(overlaid(bench) == [])
    }

    @Test("what is acknowledged by the log shows what stands in front of it in its list, which then stays")
    func acknowledgedShowsEarlier() {
        var bench = CoreBench.up()
        bench.submit(1, [CoreBench.put("a")])
        bench.finishAppend()
        bench.submit(2, [CoreBench.put("b")], ack: .log)
        bench.finishAppend()
        #expect(bench.level(of: 2) == .log)
        #expect(overlaid(bench) == [1, 2])
        #expect(bench.takeApply()?.map(\.lsn) == [1])
        bench.failPrimary()
        for _ in 0..<5 where !bench.core.primary.isDown { bench.failPrimary() }
        #expect(bench.refusal(of: 1)?.flags.contains(.maybeApplied) != false)
        bench.connectPrimary()
        bench.finishApply()
        #expect(bench.core.ledger.pending.isEmpty && bench.core.ledger.voided.isEmpty)
    }
}
