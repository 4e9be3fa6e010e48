import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Lanes that are stuck, full or cancelled")
struct LaneTests {
    private func provider(
        _ fixture: PluginFixture, name: String = "s", _ change: (inout PluginSettings.Pool) -> Void = { _ in }
    ) throws -> PluginProvider {
        let library = try fixture.library("misbehaving", type: "misbehaving", defines: ["HANG"])
        var settings = PluginSettings(name: name)
        change(&settings.pool)
        return try PluginProvider(library, type: "misbehaving", settings)
    }

    @Test("a write that is stuck is answered with timeout, and what it says later goes nowhere")
    func stuckWrite() async throws {
        let clock = SteppedClock()
        let fixture = try PluginFixture(clock: clock)
        let provider = try provider(fixture)
        let store = try await provider.connect(.unbounded)
        let limit = CallContext(deadline: clock.monotonicNanoseconds + 1_000_000_000)
        async let stuck = Result.of {
            try await store.apply([.item(1, "until-cancelled")], atomic: false, limit)
        }
        await provider.statistics(until: { $0.batchCount == 1 })
        async let waiting = Result.of { try await store.apply([.item(2, "waits")], atomic: false, limit) }
        await provider.statistics(until: { $0.queueDepth == 1 })
        clock.advance(by: .seconds(1))
        // What waits was never called: nothing can be stored.
        let queued = await waiting
        #expect(queued.error?.code == .timeout && queued.error?.flags.contains(.maybeApplied) == false)
        clock.advance(by: .seconds(1))
        let error = await stuck.error
        #expect(error?.code == .timeout)
        #expect(error?.flags == [.retryable, .maybeApplied, .providerDead])
        #expect(provider.statistics.stuckTotal == 1)
        // Abandoning it cancels the call, upon which the plugin comes back and writes into all that it was lent.
        await provider.statistics(until: { $0.stuckCount == 0 })
        let next = await Result.of { try await store.list() }
        #expect(next.error?.flags.contains(.providerDead) == true)
        await store.close()
        let again = try await provider.connect(.unbounded)
        #expect(try await again.apply([.item(1, "a")], atomic: false, .unbounded) == [.applied])
        await again.close()
    }

    @Test("calls that never come back are replaced up to a limit, and closing does not wait for them")
    func stuckForEver() async throws {
        let clock = SteppedClock()
        let fixture = try PluginFixture(clock: clock)
        let provider = try provider(fixture) { $0.stuckCountMax = 2 }
        for round in 1...2 {
            let store = try await provider.connect(.unbounded)
            let limit = CallContext(deadline: clock.monotonicNanoseconds + 1_000_000_000)
            async let stuck = Result.of {
                try await store.apply([.item(1, "for-ever")], atomic: false, limit)
            }
            await provider.statistics(until: { $0.batchCount == 1 })
            clock.advance(by: .seconds(2))
            #expect(await stuck.error?.code == .timeout)
            #expect(provider.statistics.stuckCount == round)
            await store.close()
        }
        let refused = await Result.of { try await provider.connect(.unbounded) }
        #expect(
            refused.error?.message
                == "s (misbehaving): 2 calls are stuck in its plugin past their deadlines, the most that "
                + "are replaced; look at the backend, then restart the host")
    }

    @Test("closing waits for a call without a deadline no longer than the drain timeout")
    func closing() async throws {
        let clock = SteppedClock()
        let fixture = try PluginFixture(clock: clock)
        let provider = try provider(fixture)
        let store = try await provider.connect(.unbounded)
        async let stuck = Result.of {
            try await store.apply([.item(1, "for-ever")], atomic: false, .unbounded)
        }
        await provider.statistics(until: { $0.batchCount == 1 })
        async let closed: Void = store.close()
        await clock.waiters(atLeast: 1)
        clock.advance(by: .seconds(10))
        await closed
        #expect(await stuck.error?.code == .timeout)
    }

    @Test("an open that is stuck is answered with timeout, and keeps no other backend of the plugin waiting")
    func stuckOpen() async throws {
        let clock = SteppedClock()
        let fixture = try PluginFixture(clock: clock)
        let library = try fixture.library("misbehaving", type: "misbehaving", defines: ["HANG"])
        let hanging = try PluginProvider(library, type: "misbehaving", PluginSettings(name: "hanging"))
        async let stuck = Result.of { try await hanging.connect(.unbounded) }
        await clock.waiters(atLeast: 1)
        clock.advance(by: .seconds(6))
        let error = await stuck.error
        #expect(error?.code == .timeout)
        #expect(error?.message == "hanging (misbehaving): opening it took longer than its deadline allows")
        let other = try await PluginProvider(library, type: "misbehaving", PluginSettings(name: "s")).connect(
            .unbounded)
        #expect(try await other.list() == [])
        await other.close()
    }

    @Test("an open that asks for more time gets it, minute by minute, and the operator is told once why")
    func patientOpen() async throws {
        let clock = SteppedClock()
        let fixture = try PluginFixture(clock: clock)
        let library = try fixture.library("misbehaving", type: "misbehaving", defines: ["HANG"])
        let patient = try PluginProvider(library, type: "misbehaving", PluginSettings(name: "patient"))
        let start = clock.monotonicNanoseconds
        let opening = Task { await Result.of { try await patient.connect(.unbounded) } }
        var count = 0
        while clock.monotonicNanoseconds - start < 600_000_000_000 {
            count += 1
            while fixture.log.withLock({ $0.count { $0 == "debug patient: records are filed" } }) < count {
                await Task.yield()
            }
            clock.advance(by: .seconds(31))
            guard count == 1 else { continue }
            // From here on it keeps no other backend of the plugin waiting.
            let other = try await PluginProvider(library, type: "misbehaving", PluginSettings(name: "s"))
                .connect(
                    .unbounded)
            await other.close()
        }
        let store = try await opening.value.get()
        #expect(try await store.list() == [])
        await store.close()
        let lines = fixture.log.withLock { $0.filter { !$0.hasPrefix("debug") } }
        #expect(
            lines == [
                "warning patient (misbehaving): opening it takes longer than its deadline allows: records are filed",
                "info patient: 10",
            ])
        #expect(patient.statistics.stuckTotal == 0)
    }

    @Test("a read that is stuck is answered with timeout, and its connection replaced: the session goes on")
    func stuckRead() async throws {
        let clock = SteppedClock()
        let fixture = try PluginFixture(clock: clock)
        let library = try fixture.library(
            "misbehaving", type: "misbehaving", defines: ["SHARED_STATE", "BATCH"])
        let settings = PluginSettings(name: "s", pool: .init(connectionCountMax: 2))
        let provider = try PluginProvider(library, type: "misbehaving", settings)
        let store = try await provider.connect(.unbounded)
        let limit = CallContext(deadline: clock.monotonicNanoseconds + 1_000_000_000)
        async let stuck = Result.of {
            try await store.read([ReadRequest(Address(namespace: "n", key: "hang"))], limit)
        }
        await provider.statistics(until: { $0.batchCount == 1 })
        async let behind = Result.of { try await store.list() }
        await provider.statistics(until: { $0.queueDepth == 1 })
        clock.advance(by: .seconds(2))
        let error = await stuck.error
        #expect(error?.code == .timeout && error?.flags == .retryable)
        #expect(try await behind.get() == [])
        #expect(provider.statistics.stuckTotal == 1)
        #expect(try await store.apply([.item(1, "v")], atomic: true, .unbounded) == [.applied])
        await store.close()
    }

    @Test("questions that take long leave a connection to reads, and to each other in turn")
    func longQuestions() async throws {
        let fixture = try PluginFixture()
        let library = try fixture.library(
            "misbehaving", type: "misbehaving", defines: ["SHARED_STATE", "BATCH"])
        let settings = PluginSettings(name: "s", pool: .init(connectionCountMax: 3))
        let provider = try PluginProvider(library, type: "misbehaving", settings)
        let store = try await provider.connect(.unbounded)
        let question = Query(namespace: "n", keyPrefix: "hang")
        let first = Task { await Result.of { try await store.query(question, .unbounded) } }
        await provider.statistics(until: { $0.batchCount == 1 })
        let second = Task { await Result.of { try await store.query(question, .unbounded) } }
        await provider.statistics(until: { $0.queueDepth == 1 })
        #expect(try await store.list() == [])
        #expect(provider.statistics.queueDepth == 1)
        first.cancel()
        #expect(await first.value.error?.code == .cancelled)
        await provider.statistics(until: { $0.queueDepth == 0 })
        #expect(try await store.list() == [])
        second.cancel()
        #expect(await second.value.error?.code == .cancelled)
        await store.close()
    }

    @Test("who asks for too much hears what to ask for instead, not what the backend was doing")
    func advice() async throws {
        let fixture = try PluginFixture()
        let library = try fixture.library(
            "misbehaving", type: "misbehaving", defines: ["SHARED_STATE", "BATCH"])
        let provider = try PluginProvider(library, type: "misbehaving", PluginSettings(name: "s"))
        let store = try await provider.connect(.unbounded)
        let error = await Result.of {
            try await store.query(Query(namespace: "n", keyPrefix: "slow"), .unbounded)
        }.error
        #expect(
            error?.description
                == "timeout: s (misbehaving): the question took longer than its deadline; ask about one key or "
                + "prefix, declare what it looks for in the backend's `indexes`, or give it more time")
        await store.close()
    }

    @Test("a full queue refuses at once, and a cancelled call leaves it")
    func fullQueue() async throws {
        let clock = SteppedClock()
        let fixture = try PluginFixture(clock: clock)
        let provider = try provider(fixture) { $0.queueCountMax = 1 }
        let store = try await provider.connect(.unbounded)
        let stuck = Task { try await store.apply([.item(1, "until-cancelled")], atomic: false, .unbounded) }
        await provider.statistics(until: { $0.batchCount == 1 })
        let waiting = Task { try await store.apply([.item(2, "a")], atomic: false, .unbounded) }
        await provider.statistics(until: { $0.queueDepth == 1 })
        let full = await Result.of { try await store.apply([.item(3, "b")], atomic: false, .unbounded) }
        #expect(full.error?.code == .exhausted)
        waiting.cancel()
        let cancelled = await Result.of { try await waiting.value }
        #expect(
            cancelled.error
                == HoldfastError(.cancelled, "s (misbehaving): the call was cancelled by its caller"))
        // The cancelled flag reaches the plugin, and the caller hears what became of the write.
        stuck.cancel()
        let late = await Result.of { try await stuck.value }
        #expect(late.error?.code == .internal && late.error?.flags.contains(.maybeApplied) == true)
        await store.close()
    }
}
