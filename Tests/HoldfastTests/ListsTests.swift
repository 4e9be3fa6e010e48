import Holdfast
import HoldfastModel
import Testing

@Suite("Lists") struct ListsTests {
    let clock = ManualClock()
    let backend: MemoryBackend
    let store: HistoryStore
    var lists: Lists { store.lists("events") }

    init() {
        backend = MemoryBackend(clock: clock)
        store = HistoryStore(backend: backend, clock: clock)
    }

    private func values(of key: String) async throws -> [String] {
        try await lists.page(of: key, ListRange(.ascending, limit: 10_000)).map(\.bytes.description)
    }

    private func fill(_ key: String, _ count: Int) async throws -> [Version] {
        try await lists.append((0..<count).map { .json(Bytes("\($0)")) }, to: key).versions
    }

    @Test("items come back in the order of their arrival, with rising ids and their times")
    func order() async throws {
        let first = try await lists.append(.json("1"), to: "k")
        clock.advance(by: .seconds(2))
        let more = try await lists.append([.json("2"), .bytes("x")], to: "k")
        let page = try await lists.page(of: "k")
        #expect(page.map(\.bytes) == ["1", "2", "x"])
        #expect(page.map(\.id) == first.versions + more.versions)
        #expect(page.map(\.format) == [.json, .json, .bytes])
        #expect(page[0].appendedAt.unixMilliseconds == clock.unixMilliseconds - 2000)
        #expect(more.time == Timestamp(unixMilliseconds: clock.unixMilliseconds))
        #expect(page[0].editedAt == nil)
        #expect(page.next == nil)
        #expect(page.source == "memory")
    }

    @Test("the latest n are the last n, oldest of them first, and the pages further back join up")
    func latest() async throws {
        _ = try await fill("k", 7)
        let last = try await lists.page(of: "k", .latest(3))
        #expect(last.map(\.bytes) == ["4", "5", "6"])
        let before = try await lists.page(of: "k", try #require(last.next))
        #expect(before.map(\.bytes) == ["1", "2", "3"])
        let first = try await lists.page(of: "k", try #require(before.next))
        #expect(first.map(\.bytes) == ["0"])
        #expect(first.next == nil)
    }

    @Test(
        "both directions page through everything once", arguments: [ListRange.Order.ascending, .descending])
    func paging(order: ListRange.Order) async throws {
        _ = try await fill("k", 10)
        var seen: [String] = []
        var range: ListRange? = ListRange(order, limit: 4)
        while let asked = range {
            let page = try await lists.page(of: "k", asked)
            seen += page.map(\.bytes.description)
            range = page.next
        }
        let all = (0..<10).map(String.init)
        #expect(seen == (order == .ascending ? all : all.reversed()))
    }

    @Test("bounds leave out the items they name")
    func bounds() async throws {
        let ids = try await fill("k", 5)
        let page = try await lists.page(of: "k", ListRange(.ascending, after: ids[0], before: ids[4]))
        #expect(page.map(\.bytes) == ["1", "2", "3"])
        let ending = try await lists.page(
            of: "k", ListRange(.latest, after: ids[0], before: ids[4], limit: 2))
        #expect(ending.map(\.bytes) == ["2", "3"])
    }

    @Test("limit 0 returns nothing without asking, a wrong limit is refused, none is 100")
    func limits() async throws {
        _ = try await fill("k", 101)
        let before = await backend.questionCount
        let nothing = try await lists.page(of: "k", .latest(0))
        #expect(nothing.isEmpty && nothing.next == nil)
        #expect(await backend.questionCount == before)
        #expect(try await lists.page(of: "k").count == 100)
        let negative = await #expect(throws: HoldfastError.self) {
            try await lists.page(of: "k", .latest(-1))
        }
        #expect(negative?.code == .invalid)
        #expect(negative?.message == "limit is -1, expected 0 to 10000")
        let high = await #expect(throws: HoldfastError.self) {
            try await lists.page(of: "k", .latest(10_001))
        }
        #expect(high?.message == "limit is 10001, expected at most 10000; streams return more")
    }

    @Test("a list that was never written is empty")
    func missing() async throws {
        #expect(try await lists.page(of: "nobody").isEmpty)
        #expect(try await lists.summary(of: "nobody").itemCount == 0)
    }

    @Test("one item is read by its id")
    func item() async throws {
        let ids = try await fill("k", 3)
        #expect(try await lists.item(ids[1], of: "k").bytes == "1")
        for id in [Version.zero, .max, ids[1].successor] {
            let error = await #expect(throws: HoldfastError.self) { try await lists.item(id, of: "k") }
            #expect(error?.code == .notFound)
        }
    }

    @Test("an edit keeps the place, a removal leaves the others, and neither finds what is not there")
    func editAndRemove() async throws {
        let ids = try await fill("k", 3)
        let receipt = try await lists.edit(ids[1], in: "k", to: .json("\"new\""))
        let item = try await lists.item(ids[1], of: "k")
        #expect(item.version == receipt.id)
        #expect(item.editedAt != nil)
        try await lists.remove(ids[0], from: "k")
        #expect(try await values(of: "k") == ["\"new\"", "2"])
        let edit = await #expect(throws: HoldfastError.self) {
            try await lists.edit(ids[0], in: "k", to: .json("1"))
        }
        #expect(edit?.code == .notFound)
        let remove = await #expect(throws: HoldfastError.self) { try await lists.remove(ids[0], from: "k") }
        #expect(remove?.code == .notFound)
        let zero = await #expect(throws: HoldfastError.self) { try await lists.remove(.zero, from: "k") }
        #expect(zero?.code == .invalid)
    }

    @Test("an edit after a clear does not bring the item back")
    func editAfterClear() async throws {
        let ids = try await fill("k", 2)
        try await lists.clear("k")
        let error = await #expect(throws: HoldfastError.self) {
            try await lists.edit(ids[1], in: "k", to: .json("1"))
        }
        #expect(error?.code == .notFound)
        #expect(try await values(of: "k").isEmpty)
    }

    @Test("an append may ask that nothing came before it")
    func ifLast() async throws {
        let first = try await lists.append(.json("1"), to: "k", ifLast: .zero)
        try await lists.append([.json("2"), .json("3")], to: "k", ifLast: first.id)
        let late = await #expect(throws: HoldfastError.self) {
            try await lists.append(.json("4"), to: "k", ifLast: first.id)
        }
        #expect(late?.code == .conflict)
        #expect(try await values(of: "k") == ["1", "2", "3"])
    }

    @Test("the same idempotency key twice stores once and answers the same")
    func idempotency() async throws {
        let options = WriteOptions(idempotencyKey: "request-1")
        let first = try await lists.append([.json("1"), .json("2")], to: "k", options)
        let second = try await lists.append([.json("1"), .json("2")], to: "k", options)
        #expect(!first.isReplay && second.isReplay)
        #expect(first.versions == second.versions)
        #expect(try await values(of: "k") == ["1", "2"])
        let other = try await lists.append(.json("1"), to: "other", options)
        #expect(!other.isReplay)
        let mixed = await #expect(throws: HoldfastError.self) {
            try await lists.append(.json("3"), to: "k", options)
        }
        #expect(mixed?.code == .conflict)
    }

    @Test(
        "an idempotency key has 1 to 255 bytes without NUL",
        arguments: ["", String(repeating: "k", count: 256), "a\0b"])
    func wrongIdempotencyKey(text: String) async {
        let error = await #expect(throws: HoldfastError.self) {
            try await lists.append(.json("1"), to: "k", WriteOptions(idempotencyKey: text))
        }
        #expect(error?.code == .invalid)
        #expect(error?.message.hasPrefix("idempotency key") == true)
    }

    @Test("one request writes at most 10 000 items and 32 MiB, and at least one item")
    func requestLimits() async throws {
        _ = try await fill("full", 10_000)
        let many = await #expect(throws: HoldfastError.self) { try await fill("k", 10_001) }
        #expect(many?.message == "the request writes 10001 records, expected at most 10000")
        let half = Value.bytes(Bytes([UInt8](repeating: 0, count: 11 << 20)))
        let large = await #expect(throws: HoldfastError.self) {
            try await lists.append([half, half, half], to: "k")
        }
        #expect(large?.code == .invalid)
        let none = await #expect(throws: HoldfastError.self) { try await lists.append([], to: "k") }
        #expect(none?.message == "there is nothing to append, expected at least one value")
    }

    @Test("a clear takes everything, and a replacement leaves exactly the new items")
    func clearAndReplace() async throws {
        _ = try await fill("k", 3)
        let receipt = try await lists.replace("k", with: [.json("8"), .json("9")])
        #expect(try await values(of: "k") == ["8", "9"])
        #expect(try await lists.page(of: "k").map(\.id) == receipt.versions)
        try await lists.replace("k", with: [])
        #expect(try await values(of: "k").isEmpty)
        try await lists.append(.json("1"), to: "k")
        try await lists.clear("k")
        try await lists.clear("k")
        #expect(try await values(of: "k").isEmpty)
        try await lists.append(.json("2"), to: "k")
        #expect(try await values(of: "k") == ["2"])
    }

    @Test("an answer names the level that was reached and what it had to do without")
    func degradations() async throws {
        await backend.degrade([.primaryDown, .fallback("archive")])
        let receipt = try await lists.append(.json("1"), to: "k", WriteOptions(ack: .log))
        #expect(receipt.level == .log)
        #expect(receipt.degradations == [.primaryDown, .fallback("archive")])
        #expect(try await lists.page(of: "k").degradations == [.primaryDown, .fallback("archive")])
        #expect(try await lists.summaries().degradations == [.primaryDown, .fallback("archive")])
    }
}
