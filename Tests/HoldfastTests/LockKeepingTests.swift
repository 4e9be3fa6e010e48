import Holdfast
import HoldfastModel
import HoldfastSupport
import Testing

/// Lets a body under a lock wait until its task is cancelled, or until it is told to go on.
private final class Gate: Sendable {
    private let state = Guarded<(isOpen: Bool, waiter: CheckedContinuation<Void, Never>?)>((false, nil))

    func open() {
        state.withLock { state in
            state.isOpen = true
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    func wait(untilCancelled: Bool = false) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiter = continuation }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            if untilCancelled { open() }
        }
    }
}

@Suite("Work under a lock") struct LockKeepingTests {
    let hosts = LockHosts(jumps: false)
    let a: HistoryStore
    let b: HistoryStore

    init() async throws {
        a = try await hosts.host(1)
        b = try await hosts.host(2)
    }

    /// Lets time pass until as many writes have reached the store.
    private func pass(untilWrites count: Int) async {
        while hosts.space.writeCount < count {
            // The renewal and the watch of the lease both wait: none is left behind. After a write that tells of a loss
            // neither waits again, and it may come only now.
            guard hosts.time.waiterCount >= 2 else {
                await Task.yield()
                continue
            }
            hosts.time.advanceToNextWaiter()
            await Task.yield()
        }
    }

    @Test("the lock is kept as long as the work lasts, and given back at its end")
    func kept() async throws {
        let gate = Gate()
        let a = a
        let work = Task {
            try await a.withLock("x", lease: .seconds(9)) { lock in
                await gate.wait()
                return (lock.isHeld, lock.fence.number)
            }
        }
        await pass(untilWrites: 30)
        #expect(hosts.time.now > 9_000_000_000 * 9)
        #expect(await refusal { _ = try await b.lock("x", wait: .zero) }?.code == .conflict)
        gate.open()
        let (isHeld, number) = try await work.value
        #expect(isHeld)
        #expect(try await b.lock("x", wait: .zero).fence.number > number)
    }

    @Test("work that throws gives the lock back, and its error is the answer")
    func throwing() async throws {
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            try await a.withLock("x") { _ in throw Failure() }
        }
        #expect(try await b.lock("x", wait: .zero).isHeld)
    }

    @Test("work that gives the lock back itself is not cancelled")
    func releasedInside() async throws {
        let isCancelled = try await a.withLock("x") { lock in
            try await lock.unlock()
            return Task.isCancelled
        }
        #expect(!isCancelled)
    }

    @Test("the work's task is cancelled when the store says that the lock has moved on")
    func lost() async throws {
        let gate = Gate()
        let a = a
        let work = Task {
            try await a.withLock("x", lease: .seconds(9)) { _ in
                await gate.wait(untilCancelled: true)
                return "done"
            }
        }
        await pass(untilWrites: 3)
        try await b.locks.breakLock("x")
        let next = try await b.lock("x", wait: .zero, owner: "next")
        await pass(untilWrites: hosts.space.writeCount + 1)
        let error = await refusal { _ = try await work.value }
        #expect(error?.code == .conflict && error?.message.contains("held by next") == true)
        #expect(next.isHeld)
        try await next.renew()
    }

    @Test("the work's task is cancelled when the lease runs out during an outage")
    func outage() async throws {
        let gate = Gate()
        let a = a
        let work = Task {
            try await a.withLock("x", lease: .seconds(9)) { _ in
                await gate.wait(untilCancelled: true)
                return "done"
            }
        }
        await pass(untilWrites: 3)
        hosts.space.goDown()
        await hosts.time.waiters(atLeast: 2)
        hosts.time.advance(by: .seconds(10))
        let error = await refusal { _ = try await work.value }
        #expect(
            error?.code == .conflict && error?.message.contains("ran out before it could be renewed") == true)
    }

    @Test("a caller that is cancelled cancels the work, and the lock is held until the work has ended")
    func cancelled() async throws {
        let gate = Gate()
        let end = Gate()
        let a = a
        let work = Task {
            try await a.withLock("x", lease: .seconds(9)) { lock in
                await gate.wait(untilCancelled: true)
                await end.wait()
                return (Task.isCancelled, lock.isHeld)
            }
        }
        await pass(untilWrites: 2)
        work.cancel()
        await pass(untilWrites: 20)
        #expect(await refusal { _ = try await b.lock("x", wait: .zero) }?.code == .conflict)
        end.open()
        let (isCancelled, isHeld) = try await work.value
        #expect(isCancelled && isHeld)
        #expect(try await b.lock("x", wait: .zero).isHeld)
    }
}
