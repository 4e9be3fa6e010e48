import Holdfast
import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

/// Hosts that share one store, with wall clocks apart.
struct LockHosts {
    let time: LockTime
    let space: SharedSpace

    init(jumps: Bool = true) {
        time = LockTime(jumps: jumps)
        space = SharedSpace(time)
    }

    func host(_ number: UInt64, ahead: Duration = .zero) async throws -> HistoryStore {
        let clock = time.clock(ahead: ahead)
        let draws = Guarded(number << 32)
        let random = RandomSource {
            draws.withLock { state in
                state += 1
                return state
            }
        }
        let backend = try await DirectBackend(space, ChainEnvironment(clock: clock, random: random))
        return HistoryStore(backend: backend, clock: clock, random: random)
    }
}

/// What an operation throws.
func refusal(_ body: () async throws -> Void) async -> HoldfastError? {
    await #expect(throws: HoldfastError.self) { try await body() }
}

@Suite("Locks") struct LockTests {
    let hosts = LockHosts()
    let a: HistoryStore
    let b: HistoryStore

    init() async throws {
        a = try await hosts.host(1, ahead: .seconds(20))
        b = try await hosts.host(2, ahead: .seconds(-20))
    }

    @Test("who holds a lock keeps others out, who hear who it is and since when")
    func exclusion() async throws {
        let lock = try await a.lock("x/#~", wait: .zero, owner: "worker \"1\"")
        #expect(lock.isHeld && lock.owner == "worker \"1\"" && lock.name == "x/#~" && !lock.isTakenOver)
        let error = await refusal { _ = try await b.lock("x/#~", wait: .zero) }
        #expect(error?.code == .conflict && error?.flags == .retryable)
        #expect(
            error?.message == "lock \"x/#~\" is held by worker \"1\" since 2023-11-14T22:13:41.000Z "
                + "with fence \(lock.fence.number)")
        let other = try await b.lock("y", wait: .zero)
        #expect(other.isHeld)
    }

    @Test("a lock that was given back is free at once, and its next fence is higher")
    func release() async throws {
        let first = try await a.lock("x", wait: .zero)
        try await first.unlock()
        try await first.unlock()
        #expect(!first.isHeld && first.remaining == .zero)
        let second = try await b.lock("x", wait: .zero)
        #expect(second.fence.number > first.fence.number && !second.isTakenOver)
        #expect(await refusal { try await first.renew() }?.code == .invalid)
    }

    @Test("a lock whose holder is silent for the whole lease is taken over, and never before")
    func takeover() async throws {
        let first = try await a.lock("x", lease: .seconds(10), wait: .zero)
        let start = hosts.time.now
        let second = try await b.lock("x", lease: .seconds(10), wait: .seconds(60))
        #expect(second.isTakenOver && second.fence.number > first.fence.number)
        #expect(!first.isHeld)
        let waited = hosts.time.now - start
        #expect(waited >= 10_000_000_000 && waited < 11_000_000_000)
    }

    @Test("the watch of a silent holder goes on from one attempt to the next")
    func watchAcrossAttempts() async throws {
        _ = try await a.lock("x", lease: .seconds(10), wait: .zero)
        _ = await refusal { _ = try await b.lock("x", wait: .zero) }
        hosts.time.advance(by: .seconds(11))
        let fresh = try await hosts.host(3)
        #expect(await refusal { _ = try await fresh.lock("x", wait: .zero) }?.code == .conflict)
        #expect(try await b.lock("x", wait: .zero).isTakenOver)
    }

    @Test("a renewal starts the lease anew for everybody who watches")
    func renewal() async throws {
        let first = try await a.lock("x", lease: .seconds(10), wait: .zero)
        for _ in 0..<5 {
            #expect(await refusal { _ = try await b.lock("x", wait: .zero) }?.code == .conflict)
            hosts.time.advance(by: .seconds(6))
            try await first.renew()
            #expect(first.remaining == .seconds(10))
        }
        #expect(first.isHeld(for: .seconds(9)) && !first.isHeld(for: .seconds(10)))
        hosts.time.advance(by: .seconds(10))
        #expect(!first.isHeld)
        // Nobody came: the holder may go on.
        try await first.renew()
        #expect(first.isHeld)
    }

    @Test("a renewal at the last moment wins over who takes the lock over")
    func lastMoment() async throws {
        let first = try await a.lock("x", lease: .seconds(10), wait: .zero)
        _ = await refusal { _ = try await b.lock("x", wait: .zero) }
        hosts.time.advance(by: .seconds(11))
        hosts.space.beforeNextWrite { _ in try await first.renew() }
        #expect(await refusal { _ = try await b.lock("x", wait: .zero) }?.code == .conflict)
        #expect(first.isHeld)
        try await a.documents("n").put(.json("1"), at: "k", WriteOptions(fence: first.fence))
    }

    @Test("of many who find the same lock free, one gets it")
    func race() async throws {
        let lock = Guarded<LeaseLock?>(nil)
        let b = b
        hosts.space.beforeNextWrite { _ in
            let taken = try await b.lock("x", wait: .zero)
            lock.withLock { $0 = taken }
        }
        #expect(await refusal { _ = try await a.lock("x", wait: .zero) }?.code == .conflict)
        #expect(lock.withLock { $0?.isHeld } == true)
    }

    @Test("fences rise also when the store has forgotten the lock or lost everything")
    func risingFences() async throws {
        let first = try await a.lock("x", wait: .zero)
        try await first.unlock()
        hosts.time.advance(by: .seconds(31 * 86_400))
        #expect(try await b.locks.state(of: "x").content.fence == 0)
        let second = try await b.lock("x", wait: .zero)
        #expect(second.fence.number > first.fence.number)
        hosts.space.loseEverything()
        hosts.time.advance(by: .seconds(41))
        let third = try await b.lock("x", wait: .zero)
        #expect(third.fence.number > second.fence.number)
        #expect(await refusal { try await second.renew() }?.code == .conflict)
    }

    @Test("states and lists say who holds what")
    func states() async throws {
        let unknown = try await a.locks.state(of: "x").content
        #expect(unknown.name == "x" && unknown.fence == 0 && unknown.holder == nil)
        let x = try await a.lock("x", lease: .seconds(10), owner: "one")
        let y = try await b.lock("y", lease: .seconds(20), owner: "two")
        hosts.time.advance(by: .seconds(2))
        try await x.renew()
        try await y.unlock()
        let state = try await b.locks.state(of: "x").content
        #expect(state.fence == x.fence.number)
        #expect(state.holder?.owner == "one" && state.holder?.lease == .seconds(10))
        #expect(
            (state.holder?.renewedAt.unixMilliseconds ?? 0) - (state.holder?.since.unixMilliseconds ?? 0)
                == 2000)
        let page = try await b.locks.list()
        #expect(page.map(\.name) == ["x", "y"] && page.map { $0.holder?.owner } == ["one", nil])
        #expect(try await b.locks.list(limit: 1).next == "x")
        #expect(try await b.locks.list(after: "x").map(\.name) == ["y"])
        #expect(try await b.locks.list(prefix: "y").map(\.fence) == [y.fence.number])
        #expect(try await b.locks.list(limit: 0).isEmpty)
    }

    @Test("an operator breaks a lock, and its holder cannot write any more")
    func broken() async throws {
        #expect(try await b.locks.breakLock("x") == nil)
        let lock = try await a.lock("x", owner: "one")
        #expect(try await b.locks.breakLock("x")?.owner == "one")
        let error = await refusal { try await lock.renew() }
        #expect(error?.code == .conflict && error?.message.hasSuffix("any more: it is free") == true)
        #expect(!lock.isHeld)
        #expect(await refusal { try await lock.unlock() } == error)
    }

    @Test("what no lock can be is refused before anything is asked")
    func limits() async {
        let long = String(repeating: "x", count: 1025)
        for name in ["", "a\0b", long] {
            #expect(await refusal { _ = try await a.lock(name) }?.code == .invalid)
            #expect(await refusal { _ = try await a.locks.state(of: name) }?.code == .invalid)
        }
        for lease in [Duration.zero, .milliseconds(9), .seconds(86_401)] {
            #expect(await refusal { _ = try await a.lock("x", lease: lease) }?.code == .invalid)
        }
        #expect(await refusal { _ = try await a.lock("x", wait: .seconds(-1)) }?.code == .invalid)
        #expect(await refusal { _ = try await a.lock("x", owner: "") }?.code == .invalid)
        #expect(hosts.space.writeCount == 0)
    }

    @Test("a wait that is taken back ends with cancelled")
    func cancellation() async throws {
        let hosts = LockHosts(jumps: false)
        let holder = try await hosts.host(1)
        let store = try await hosts.host(2)
        _ = try await holder.lock("x")
        let waiter = Task { try await store.lock("x") }
        await hosts.time.waiters(atLeast: 1)
        waiter.cancel()
        let error = await refusal { _ = try await waiter.value }
        #expect(error?.code == .cancelled)
    }
}
