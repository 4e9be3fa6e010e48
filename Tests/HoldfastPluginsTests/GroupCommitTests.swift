import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Group commit and pools")
struct GroupCommitTests {
    private let fixture: PluginFixture
    private let provider: PluginProvider

    init() throws {
        fixture = try PluginFixture()
        let library = try fixture.library(
            "misbehaving", type: "misbehaving", defines: ["SHARED_STATE", "BATCH"])
        provider = try PluginProvider(library, type: "misbehaving", PluginSettings(name: "s"))
    }

    /// How often the plugin's `apply` ran, how many stores are open, how often many reads came together.
    private func counts(_ store: any Store) async throws -> [Int] {
        let text = try await store.document(key: "calls")?.value.description ?? ""
        return text.split(separator: " ").compactMap { Int($0) }
    }

    /// Applies many requests at once, queued behind one that keeps the lane busy until all are there.
    private func together(
        _ requests: [[Change]], atomic: Bool, on store: any Store
    ) async throws -> [Result<[ChangeOutcome], HoldfastError>] {
        let batches = provider.statistics.batchCount
        let release = "release-\(batches)"
        let slowKey = Bytes(fixture.directory.file(release))
        async let slow = Result.of {
            try await store.apply([.item(999, "slow", key: slowKey)], atomic: false, .unbounded)
        }
        await provider.statistics(until: { $0.batchCount == batches + 1 })
        let answers = try await withThrowingTaskGroup(
            of: (Int, Result<[ChangeOutcome], HoldfastError>).self
        ) { group in
            for (position, changes) in requests.enumerated() {
                group.addTask {
                    (position, await Result.of { try await store.apply(changes, atomic: atomic, .unbounded) })
                }
                await provider.statistics(until: { $0.queueDepth == position + 1 })
            }
            try fixture.directory.write([], to: release)
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        _ = await slow
        return requests.indices.compactMap { answers[$0] }
    }

    @Test("what many callers ask for at once goes to the plugin with few calls")
    func merges() async throws {
        let store = try await provider.connect(.unbounded)
        let requests = (1...100).map { [Change.item(UInt64($0), "v")] }
        let answers = try await together(requests, atomic: false, on: store)
        #expect(answers.allSatisfy { (try? $0.get()) == [.applied] })
        #expect(try await counts(store)[0] == 2)
        #expect(try await store.list().count == 100)
        await store.close()
    }

    @Test("one bad request in a merged atomic batch fails alone")
    func poison() async throws {
        let store = try await provider.connect(.unbounded)
        var requests = (1...20).map { number in
            (1...2).map { Change.item(UInt64(number * 10 + $0), "v", key: Bytes("k\(number)")) }
        }
        requests[7][1] = .item(82, "poison", key: "k8")
        let answers = try await together(requests, atomic: true, on: store)
        #expect(try await counts(store)[0] == 1 + 1 + 20)
        for (position, answer) in answers.enumerated() {
            let outcomes = try answer.get()
            let expected: [ChangeOutcome] =
                position == 7 ? [.applied, .invalid("it tastes bad")] : [.applied, .applied]
            #expect(outcomes == expected)
            #expect(try await store.list(key: Bytes("k\(position + 1)")).count == (position == 7 ? 0 : 2))
        }
        await store.close()
    }

    @Test("a merged batch that fails without having applied anything is tried request by request")
    func full() async throws {
        let store = try await provider.connect(.unbounded)
        var requests = (1...10).map { [Change.item(UInt64($0), "v")] }
        requests[4] = [.item(5, "full")]
        let answers = try await together(requests, atomic: true, on: store)
        for (position, answer) in answers.enumerated() where position != 4 {
            #expect(try answer.get() == [.applied])
        }
        #expect(answers[4].error?.code == .exhausted)
        #expect(answers[4].error?.flags.contains(.maybeApplied) == false)
        #expect(try await store.list().count == 9)
        await store.close()
    }

    @Test(
        "a connection that breaks in mid-commit leaves every caller of the batch uncertain, and ends the session"
    )
    func reset() async throws {
        let store = try await provider.connect(.unbounded)
        let answers = try await together(
            [[.item(1, "v")], [.item(2, "reset")], [.item(3, "v")]], atomic: true, on: store)
        #expect(
            answers.allSatisfy { $0.error?.flags.isSuperset(of: [.maybeApplied, .providerDead]) == true })
        let next = await Result.of { try await store.list() }
        #expect(next.error?.flags.contains(.providerDead) == true)
        await store.close()
    }

    @Test(
        "a status that the plugin forgot or made up leaves the change uncertain",
        arguments: [
            ("unset", "no status for change 1"),
            ("foreign", "status 42 for change 1, which the contract does not know"),
        ] as [(Bytes, String)])
    func statuses(value: Bytes, rule: String) async throws {
        let store = try await provider.connect(.unbounded)
        let answer = await Result.of {
            try await store.apply([.item(1, "v"), .item(2, value)], atomic: true, .unbounded)
        }
        #expect(answer.error?.code == .internal)
        #expect(answer.error?.flags == .maybeApplied)
        #expect(answer.error?.message.hasSuffix("answered apply with \(rule)") == true)
        await store.close()
    }

    @Test("readers have connections of their own, as many as the pool allows, and questions travel together")
    func readers() async throws {
        let store = try await provider.connect(.unbounded)
        _ = try await store.apply([.item(1, "v")], atomic: false, .unbounded)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask { #expect((try? await store.list())?.count == 1) }
            }
        }
        let counts = try await counts(store)
        #expect((2...4).contains(counts[1]))
        let three = try await store.read(
            [
                ReadRequest(testAddress), ReadRequest(testAddress, range: .init(limit: 0)),
                ReadRequest(testAddress, range: .init()),
            ],
            .unbounded)
        #expect(three.map(\.count) == [0, 0, 1])
        // Asking for the counts may itself have opened one more.
        #expect((counts[1]...4).contains(provider.statistics.laneCount))
        await store.close()
        #expect(provider.statistics.laneCount == 0)
    }

    @Test("a reader that is broken is replaced, and a read is tried once more on another")
    func brokenReader() async throws {
        let store = try await provider.connect(.unbounded)
        let error = await Result.of { try await store.document(key: "dead") }.error
        #expect(error?.message == "s (misbehaving): connection reset")
        #expect(error?.flags.contains(.providerDead) == false)
        #expect(try await store.list() == [])
        _ = try await store.apply([.item(1, "v")], atomic: true, .unbounded)
        await store.close()
    }

    @Test("a read whose reader broke goes on with one that is idle, without waiting for its deadline")
    func brokenBesideIdle() async throws {
        let store = try await provider.connect(.unbounded)
        // Two readers: the second is opened while the first is busy.
        let batches = provider.statistics.batchCount
        let busy = Task { await Result.of { try await store.document(key: "hang") } }
        await provider.statistics(until: { $0.batchCount == batches + 1 })
        _ = try await counts(store)
        busy.cancel()
        _ = await busy.value
        let error = await Result.of { try await store.document(key: "dead") }.error
        #expect(error?.message == "s (misbehaving): connection reset")
        await store.close()
    }

    @Test("a reader that shows another incarnation ends the session")
    func otherIncarnation() async throws {
        let store = try await provider.connect(.unbounded)
        _ = try await store.apply([.item(1, "bump")], atomic: false, .unbounded)
        let first = await Result.of { try await store.list() }
        #expect(first.error?.flags.contains(.providerDead) == true)
        #expect(first.error?.message.contains("it may have lost writes") == true)
        let next = await Result.of { try await store.apply([.item(2, "v")], atomic: false, .unbounded) }
        #expect(next.error?.code == .unavailable && next.error?.flags.contains(.providerDead) == true)
        await store.close()
        let again = try await provider.connect(.unbounded)
        #expect(again.info.incarnation != store.info.incarnation)
        #expect(try await again.list().count == 1)
        await again.close()
    }

    @Test("connections that nobody uses are closed after the idle timeout, and come back when needed")
    func idle() async throws {
        let clock = SteppedClock()
        let fixture = try PluginFixture(clock: clock)
        let library = try fixture.library(
            "misbehaving", type: "misbehaving", defines: ["SHARED_STATE", "BATCH"])
        let provider = try PluginProvider(library, type: "misbehaving", PluginSettings(name: "s"))
        let store = try await provider.connect(.unbounded)
        #expect(try await store.list() == [])
        #expect(provider.statistics.laneCount == 2)
        // The reader answers before it is idle, and only from then on does its time count.
        while provider.statistics.laneCount > 1 {
            clock.advance(by: .seconds(61))
            await Task.yield()
        }
        #expect(provider.statistics.laneCount == 1)
        #expect(try await store.list() == [])
        #expect(provider.statistics.laneCount == 2)
        await store.close()
    }

    @Test("an idle timeout of zero keeps no connection that nobody uses, and the one that writes stays")
    func idleZero() async throws {
        let fixture = try PluginFixture()
        let library = try fixture.library(
            "misbehaving", type: "misbehaving", defines: ["SHARED_STATE", "BATCH"])
        var settings = PluginSettings(name: "s")
        settings.pool.idleTimeout = .zero
        let provider = try PluginProvider(library, type: "misbehaving", settings)
        let store = try await provider.connect(.unbounded)
        for _ in 0..<3 {
            #expect(try await store.list() == [])
            await provider.statistics { $0.laneCount == 1 }
        }
        #expect(try await store.apply([.item(1, "v")], atomic: true, .unbounded) == [.applied])
        await store.close()
    }

    @Test("options are checked by the plugin, without opening anything")
    func options() async throws {
        let error = await #expect(throws: HoldfastError.self) { try await provider.validateOptions() }
        #expect(error == HoldfastError(.invalid, "s (misbehaving): option \"sync\" is not known"))
        try await fixture.sixPrimitives(options: "{}").validateOptions()
    }
}
