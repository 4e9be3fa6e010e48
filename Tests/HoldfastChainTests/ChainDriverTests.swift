import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

/// A chain of fakes, and the few calls that tests make.
struct FakeChain {
    let primary = FakeProvider("primary")
    let backup = FakeProvider("backup")
    let log = FakeLog()
    let list = Address(namespace: "messages", key: "s1")
    var settings: ChainSettings

    init(_ change: (inout ChainSettings) -> Void = { _ in }) {
        settings = ChainSettings(name: "chain", primary: primary, backups: [backup], log: log)
        settings.timeout = .seconds(60)
        settings.retry = Backoff(initial: .milliseconds(1), maximum: .milliseconds(5))
        change(&settings)
    }

    func open() async throws(HoldfastError) -> Chain { try await Chain.open(settings) }

    func append(
        _ value: String, key: String? = nil, timeout: Duration? = nil, to chain: Chain
    ) async throws(HoldfastError) -> WriteReceipt {
        let record = Record(namespace: list.namespace, key: list.key, value: Bytes(value))
        let idempotency = key.map { WriteRequest.IdempotencyKey(scope: list, text: Bytes($0)) }
        return try await chain.write(
            WriteRequest(
                [Change(.put, record, if: .newest, isItem: true)], idempotencyKey: idempotency,
                timeout: timeout))
    }

    func clear(_ chain: Chain) async throws(HoldfastError) {
        let record = Record(namespace: list.namespace, key: list.key)
        _ = try await chain.write(WriteRequest([Change(.drop, record, if: .newest)]))
    }

    func history(_ chain: Chain) async throws(HoldfastError) -> [String] {
        let answer = try await chain.read([ReadRequest(list, range: ReadRequest.Range())], CallOptions())
        return answer.results[0].map(\.value.description)
    }
}

@Suite("Chain") struct ChainDriverTests {
    @Test("what was appended is read back in order, and reaches the backup")
    func appends() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        for value in ["a", "b", "c"] { _ = try await fake.append(value, to: chain) }
        #expect(try await fake.history(chain) == ["a", "b", "c"])
        try await chain.flush(CallOptions())
        #expect(fake.backup.values(fake.list) == ["a", "b", "c"])
        await chain.close()
    }

    @Test("a log that has much to read may take longer to open than any other call")
    func slowLog() async throws {
        let start = SystemClock().monotonicNanoseconds
        let fake = FakeChain()
        let chain = try await fake.open()
        let deadline = try #require(fake.log.world.withLock { $0.openingDeadline })
        #expect(deadline >= start + 10 * 60_000_000_000)
        await chain.close()
    }

    @Test("an idempotency key gives the first answer and stores once")
    func idempotency() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        let first = try await fake.append("a", key: "k", to: chain)
        let second = try await fake.append("a", key: "k", to: chain)
        #expect(!first.isReplay)
        #expect(second.isReplay)
        #expect(first.versions == second.versions)
        #expect(try await fake.history(chain) == ["a"])
        await chain.close()
    }

    @Test("under reject a write during an outage is refused and never shows up; reads come from the backup")
    func reject() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        fake.primary.goDown()
        await #expect(throws: HoldfastError.self) { _ = try await fake.append("b", to: chain) }
        let answer = try await chain.read([ReadRequest(fake.list, range: ReadRequest.Range())], CallOptions())
        #expect(answer.results[0].map(\.value.description) == ["a"])
        #expect(answer.degradations == [.fallback("backup")])
        fake.primary.comeBack()
        _ = try await appendWhenUp("c", fake, chain)
        #expect(try await fake.history(chain) == ["a", "c"])
        await chain.close()
    }

    @Test("under accept writes go on during an outage, and the primary gets them before it serves again")
    func accept() async throws {
        let fake = FakeChain { $0.onPrimaryFailure = .accept }
        let chain = try await fake.open()
        _ = try await fake.append("a", to: chain)
        fake.primary.goDown()
        let receipt = try await fake.append("b", to: chain)
        #expect(receipt.level == .log)
        #expect(receipt.degradations == [.primaryDown])
        #expect(try await fake.history(chain) == ["a", "b"])
        fake.primary.comeBackEmpty()
        while try await chain.read([], CallOptions()).source != "primary" { await Task.yield() }
        #expect(fake.primary.values(fake.list) == ["a", "b"])
        await chain.close()
        #expect(fake.backup.values(fake.list) == ["a", "b"])
    }

    @Test(
        "under accept one host decides conditions by what a reader sees, and the primary gets what it decided"
    )
    func acceptedConditions() async throws {
        let fake = FakeChain { $0.onPrimaryFailure = .accept }
        let chain = try await fake.open()
        let address = Address(namespace: "state", key: "d")
        func put(_ value: Bytes, if condition: Change.Condition) async throws(HoldfastError) -> WriteReceipt {
            let record = Record(namespace: address.namespace, key: address.key, value: value)
            return try await chain.write(WriteRequest([Change(.put, record, if: condition)]))
        }
        let first = try await put("1", if: .version(.zero)).versions[0]
        let item = try await fake.append("a", to: chain).versions[0]
        fake.primary.goDown()
        let second = try await put("2", if: .version(first))
        #expect(second.level == .log && second.degradations == [.primaryDown])
        for wrong in [Version.zero, first] {
            let error = await #expect(throws: HoldfastError.self) { try await put("3", if: .version(wrong)) }
            #expect(error?.code == .conflict && error?.current == second.versions[0])
        }
        let edit = Record(namespace: "messages", key: "s1", id: item, value: "edited")
        _ = try await chain.write(WriteRequest([Change(.put, edit, if: .exists)]))
        var elsewhere = edit
        elsewhere.id = item.successor
        let missing = await #expect(throws: HoldfastError.self) {
            try await chain.write(WriteRequest([Change(.put, elsewhere, if: .exists)]))
        }
        #expect(missing?.code == .notFound)
        // An item after what a check saw, in one batch.
        let check = Change(
            .check, Record(namespace: "state", key: "d"), if: .version(second.versions[0]))
        let next = Record(namespace: "messages", key: "s1", value: "b")
        _ = try await chain.write(WriteRequest([check, Change(.put, next, if: .newest, isItem: true)]))
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    (try? await put(Bytes("race \(number)"), if: .version(second.versions[0]))) != nil
                }
            }
            #expect(await group.reduce(into: 0) { $0 += $1 ? 1 : 0 } == 1)
        }
        #expect(try await fake.history(chain) == ["edited", "b"])
        fake.primary.comeBack()
        while try await chain.read([], CallOptions()).source != "primary" { await Task.yield() }
        #expect(fake.primary.values(fake.list) == ["edited", "b"])
        let stored = try await chain.read([ReadRequest(address)], CallOptions()).results[0]
        #expect(stored.first?.value.description.hasPrefix("race ") == true)
        await chain.close()
        #expect(fake.backup.values(fake.list) == ["edited", "b"])
    }

    @Test("a failure that comes again and again is reported once a minute, another one at once")
    func reports() {
        var filter = ReportFilter()
        let said: [(String, Int64)] = [
            ("disk full", 0), ("disk full", ReportFilter.silence - 1), ("connection refused", 1),
            ("disk full", ReportFilter.silence),
        ]
        #expect(said.map { filter.admits($0.0, at: $0.1) } == [true, false, true, true])
        let second: Int64 = 1_000_000_000
        let returns: [(Int64, Int64)] = [
            (1, 0), (1, second), (second, 2 * second), (1, ReportFilter.silence),
        ]
        let isTold = returns.map { filter.admitsReturn(of: "primary", after: $0.0, at: $0.1) }
        #expect(isTold == [true, false, true, true])
        let others = (0..<1000).map { filter.admits("\($0)", at: ReportFilter.silence) }
        #expect(others.allSatisfy { $0 })
    }

    @Test("an answer that was lost is not a lost write, and not a double one")
    func lostAnswer() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        fake.primary.world.withLock { $0.losesNextAnswer = true }
        async let receipt = fake.append("a", to: chain)
        while !fake.primary.world.withLock({ $0.isDown }) { await Task.yield() }
        fake.primary.comeBack()
        #expect(try await receipt.level == .primary)
        #expect(try await fake.history(chain) == ["a"])
        await chain.close()
    }

    @Test("a host that starts again finds what was acknowledged, and goes on")
    func restart() async throws {
        let fake = FakeChain()
        let first = try await fake.open()
        _ = try await fake.append("a", to: first)
        await first.close()
        let second = try await fake.open()
        _ = try await fake.append("b", to: second)
        #expect(try await fake.history(second) == ["a", "b"])
        try await fake.clear(second)
        #expect(try await fake.history(second) == [])
        await second.close()
        #expect(fake.backup.values(fake.list) == [])
    }

    @Test("a primary that was swapped for an empty one is rebuilt from the log and the backup")
    func swap() async throws {
        let fake = FakeChain()
        let first = try await fake.open()
        for value in ["a", "b", "c"] { _ = try await fake.append(value, to: first) }
        await first.close()
        fake.log.world.withLock { $0.first = 3 }
        var settings = fake.settings
        let fresh = FakeProvider("fresh")
        settings.primary = fresh
        let second = try await Chain.open(settings)
        #expect(try await fake.history(second) == ["a", "b", "c"])
        #expect(fresh.values(fake.list) == ["a", "b", "c"])
        await second.close()
    }

    @Test("many callers at once are stored once each")
    func concurrent() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 { group.addTask { _ = try await fake.append("\(number)", to: chain) } }
            try await group.waitForAll()
        }
        let values = try await fake.history(chain)
        #expect(values.count == 500)
        #expect(Set(values).count == 500)
        await chain.close()
        #expect(fake.backup.values(fake.list) == values)
    }

    private func appendWhenUp(_ value: String, _ fake: FakeChain, _ chain: Chain) async throws -> WriteReceipt
    {
        while true {
            do throws(HoldfastError) {
                return try await fake.append(value, to: chain)
            } catch {
                guard error.code == .unavailable else { throw error }
                await Task.yield()
            }
        }
    }
}
