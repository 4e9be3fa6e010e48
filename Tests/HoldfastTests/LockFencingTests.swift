import Holdfast
import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

@Suite("Fenced writes") struct LockFencingTests {
    let hosts = LockHosts()
    let a: HistoryStore
    let b: HistoryStore

    init() async throws {
        a = try await hosts.host(1, ahead: .seconds(20))
        b = try await hosts.host(2, ahead: .seconds(-20))
    }

    /// A lock of `a` that `b` has taken over.
    private func late() async throws -> (late: LeaseLock, current: LeaseLock) {
        let late = try await a.lock("x", lease: .seconds(10), owner: "late")
        return (late, try await b.lock("x", lease: .seconds(10), owner: "next"))
    }

    @Test("every kind of write of a late holder is refused, and says who holds the lock")
    func everyKind() async throws {
        let ids = try await a.lists("n").append([.json("1"), .json("2")], to: "k").versions
        try await a.documents("n").put(.json("1"), at: "d")
        let (late, current) = try await late()
        let options = WriteOptions(fence: late.fence)
        let store = a
        let writes: [@Sendable () async throws -> Void] = [
            { try await store.documents("n").put(.json("3"), at: "d", options) },
            { try await store.documents("n").delete("d", options) },
            { try await store.lists("n").append(.json("3"), to: "k", options) },
            { try await store.lists("n").append([.json("3"), .json("4")], to: "new", options) },
            { try await store.lists("n").edit(ids[0], in: "k", to: .json("3"), options) },
            { try await store.lists("n").remove(ids[0], from: "k", options) },
            { try await store.lists("n").clear("k", options) },
            { try await store.lists("n").replace("k", with: [.json("3")], options) },
            { try await store.lists("n").trim("k", to: .count(1), options) },
            { try await store.conversations("n").append("3", to: "k", options) },
            { try await store.conversations("n").delete("k", options) },
        ]
        for write in writes {
            let error = await refusal { try await write() }
            #expect(error?.code == .conflict)
            #expect(
                error?.message.hasPrefix(
                    "lock \"x\" is not held with fence \(late.fence.number) any more: it is held by next")
                    == true)
        }
        #expect(try await a.lists("n").page(of: "k").map(\.bytes) == ["1", "2"])
        #expect(try await a.documents("n").get("d").bytes == "1")
        let fenced = WriteOptions(fence: current.fence)
        try await b.lists("n").replace("k", with: [.json("3")], fenced)
        try await b.lists("n").clear("k", fenced)
        try await b.lists("n").append([.json("4"), .json("5")], to: "k", fenced)
        try await b.lists("n").trim("k", to: .count(1), fenced)
        #expect(try await a.lists("n").page(of: "k").map(\.bytes) == ["5"])
    }

    @Test("a receipt of a fenced write speaks of what the caller wrote")
    func receipts() async throws {
        let lock = try await a.lock("x")
        let other = try await a.lock("y")
        let receipt = try await a.lists("n").append(
            [.json("1"), .json("2")], to: "k", WriteOptions(fence: lock.fence))
        #expect(try await a.lists("n").page(of: "k").map(\.id) == receipt.versions)
        var batch = Batch()
        batch.check(lock.fence)
        batch.check(other.fence)
        batch.put(.json("1"), at: "d", in: "n")
        batch.clear("k", in: "n")
        #expect(batch.count == 2)
        #expect(try await a.write(batch).results.map(\.count) == [1, 1])
        try await other.unlock()
        let error = await refusal { try await a.write(batch) }
        #expect(
            error?.message == "lock \"y\" is not held with fence \(other.fence.number) any more: it is free")
    }

    @Test("a condition of the caller that does not hold is not blamed on the lock")
    func otherConflicts() async throws {
        let lock = try await a.lock("x")
        let version = try await a.documents("n").put(.json("1"), at: "d").id
        let error = await refusal {
            try await a.documents("n").put(
                .json("2"), at: "d", if: .absent, WriteOptions(fence: lock.fence))
        }
        #expect(error?.current == version && error?.message.contains("lock") == false)
    }

    @Test("renewing disturbs no write that is on its way")
    func renewalBetween() async throws {
        let lock = try await a.lock("x", lease: .seconds(10))
        hosts.space.beforeNextWrite { _ in try await lock.renew() }
        try await a.documents("n").put(.json("1"), at: "d", WriteOptions(fence: lock.fence))
        try await lock.renew()
        try await a.documents("n").put(.json("2"), at: "d", WriteOptions(fence: lock.fence))
    }

    @Test("a lock that changes hands while a fenced write is on its way refuses the write")
    func takeoverBetween() async throws {
        let lock = try await a.lock("x", lease: .seconds(10))
        let b = b
        hosts.space.beforeNextWrite { _ in _ = try await b.lock("x") }
        #expect(lock.isHeld)
        let error = await refusal {
            try await a.documents("n").put(.json("1"), at: "d", WriteOptions(fence: lock.fence))
        }
        #expect(error?.code == .conflict)
        #expect(try await b.documents("n").get(["d"]).content == [nil])
    }

    @Test("a retry with the same idempotency key gets the first answer, with the lock lost or taken anew")
    func idempotency() async throws {
        let lock = try await a.lock("x", lease: .seconds(10))
        var options = WriteOptions(idempotencyKey: "once", fence: lock.fence)
        let first = try await a.lists("n").append(.json("1"), to: "k", options)
        let next = try await b.lock("x")
        let late = try await a.lists("n").append(.json("1"), to: "k", options)
        #expect(late.isReplay && late.versions == first.versions)
        options.fence = next.fence
        let anew = try await b.lists("n").append(.json("1"), to: "k", options)
        #expect(anew.isReplay && anew.versions == first.versions)
    }

    @Test("a program that was started under a lock writes with its fence")
    func fenceByNumber() async throws {
        let lock = try await a.lock("x", lease: .seconds(10))
        let fence = try await b.locks.fence(of: "x", number: lock.fence.number)
        #expect(fence == lock.fence)
        try await b.documents("n").put(.json("1"), at: "d", WriteOptions(fence: fence))
        let wrong = await refusal { _ = try await b.locks.fence(of: "x", number: lock.fence.number + 1) }
        #expect(wrong?.code == .conflict)
        try await lock.unlock()
        #expect(
            await refusal { _ = try await b.locks.fence(of: "x", number: lock.fence.number) }?.code
                == .conflict)
    }

    // MARK: outages

    @Test(
        "a lock whose answer was lost is had in the end, by one",
        arguments: [[SharedSpace.Fault.answerLost], [.requestLost], [.answerLost, .answerLost], [.refused]])
    func lostAnswers(faults: [SharedSpace.Fault]) async throws {
        hosts.space.fail(faults)
        let lock = try await a.lock("x", lease: .seconds(10), wait: .seconds(30))
        #expect(lock.isHeld && !lock.isTakenOver)
        try await a.documents("n").put(.json("1"), at: "d", WriteOptions(fence: lock.fence))
        #expect(await refusal { _ = try await b.lock("x", wait: .zero) }?.code == .conflict)
    }

    @Test("a release whose answer was lost may be repeated")
    func lostRelease() async throws {
        let lock = try await a.lock("x", lease: .seconds(10))
        hosts.space.fail([.answerLost])
        let error = await refusal { try await lock.unlock() }
        #expect(error?.code == .timeout && !lock.isHeld)
        try await lock.unlock()
        #expect(try await b.lock("x", wait: .zero).fence.number > lock.fence.number)
    }

    @Test("while the store is down no lock is had, and one that is held runs out by itself")
    func outage() async throws {
        let lock = try await a.lock("x", lease: .seconds(10))
        hosts.space.goDown()
        #expect(await refusal { _ = try await b.lock("y", wait: .zero) }?.code == .unavailable)
        #expect(await refusal { _ = try await b.lock("y", wait: .seconds(5)) }?.code == .unavailable)
        #expect(await refusal { try await lock.renew() }?.code == .unavailable)
        #expect(lock.isHeld)
        hosts.time.advance(by: .seconds(10))
        #expect(!lock.isHeld)
        hosts.space.comeBack()
        try await lock.renew()
        #expect(lock.isHeld)
    }

    @Test("what only the log has is no lock: it is given back, and the answer is unavailable")
    func grantedByTheLog() async throws {
        let backend = AcceptingBackend(a.backend)
        let store = HistoryStore(backend: backend, clock: hosts.time.clock())
        backend.isPrimaryDown.withLock { $0 = true }
        let error = await refusal { _ = try await store.lock("x", wait: .seconds(3)) }
        #expect(error?.code == .unavailable && error?.message.contains("only it can grant") == true)
        #expect(try await b.locks.state(of: "x").content.holder == nil)
        backend.isPrimaryDown.withLock { $0 = false }
        let lock = try await store.lock("x", wait: .zero)
        // The host writes alone, and knows that nobody has taken what it holds.
        backend.isPrimaryDown.withLock { $0 = true }
        try await lock.renew()
        try await store.documents("n").put(.json("1"), at: "d", WriteOptions(fence: lock.fence))
        #expect(lock.isHeld)
    }
}

/// A chain of one host under `accept`, as far as its answers go.
private struct AcceptingBackend: Backend {
    let inner: any Backend
    let isPrimaryDown = Guarded(false)

    init(_ inner: any Backend) { self.inner = inner }

    var name: String { inner.name }
    var guarantees: Guarantees { get async { await inner.guarantees } }
    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        var receipt = try await inner.write(request)
        if isPrimaryDown.withLock({ $0 }) {
            receipt.level = .log
            receipt.degradations = [.primaryDown]
        }
        return receipt
    }
    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        try await inner.read(requests, options)
    }
    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await inner.query(query, options)
    }
    func flush(_ options: CallOptions) async throws(HoldfastError) { try await inner.flush(options) }
    func status() async -> BackendStatus { await inner.status() }
    func close() async { await inner.close() }
}
