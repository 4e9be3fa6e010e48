import Holdfast
import HoldfastModel
import Testing

@Suite("Trimming, and documents beside lists") struct TrimmingTests {
    let clock = ManualClock()
    let backend: MemoryBackend
    let store: HistoryStore
    var lists: Lists { store.lists("events") }
    var documents: Documents { store.documents("events") }

    init() {
        backend = MemoryBackend(clock: clock)
        store = HistoryStore(backend: backend, clock: clock)
    }

    private func values(of key: String) async throws -> [String] {
        try await lists.page(of: key, ListRange(.ascending, limit: 10_000)).map(\.bytes.description)
    }

    @Test("a list is trimmed to its newest n items", arguments: [0, 1, 4, 5, 6, Int.max])
    func count(kept: Int) async throws {
        try await lists.append((0..<5).map { .json(Bytes("\($0)")) }, to: "k")
        try await lists.append(.json("1"), to: "k2")
        try await lists.append(.json("1"), to: "j")
        let receipt = try await lists.trim("k", to: .count(kept))
        #expect(try await values(of: "k") == (0..<5).map(String.init).suffix(kept))
        #expect((receipt == nil) == (kept >= 5))
        #expect(try await values(of: "k2") == ["1"])
        #expect(try await values(of: "j") == ["1"])
    }

    @Test("more items than one page holds are counted across pages")
    func countAcrossPages() async throws {
        try await lists.append((0..<10_000).map { .json(Bytes("\($0)")) }, to: "k")
        try await lists.append((10_000..<10_005).map { .json(Bytes("\($0)")) }, to: "k")
        for kept in [10_004, 10_000, 9_999] {
            try await lists.trim("k", to: .count(kept))
            #expect(try await lists.summary(of: "k").itemCount == kept)
        }
        #expect(try await lists.page(of: "k", .latest(1)).first?.bytes == "10004")
    }

    @Test("a list is trimmed to what arrived lately")
    func age() async throws {
        for number in 0..<4 {
            try await lists.append(.json(Bytes("\(number)")), to: "k")
            clock.advance(by: .seconds(10))
        }
        #expect(try await lists.trim("k", to: .age(.seconds(40))) == nil)
        try await lists.trim("k", to: .age(.seconds(25)))
        #expect(try await values(of: "k") == ["2", "3"])
        #expect(try await lists.trim("k", to: .age(.seconds(Int64.max))) == nil)
        #expect(try await lists.trim("nobody", to: .age(.zero)) == nil)
        try await lists.trim("k", to: .age(.zero))
        #expect(try await values(of: "k").isEmpty)
    }

    @Test(
        "a list is trimmed to so many bytes", arguments: [(0, 0), (9, 0), (10, 1), (29, 2), (30, 3), (99, 3)])
    func byteCount(byteCount: Int, kept: Int) async throws {
        let value = Value.bytes(Bytes([UInt8](repeating: 65, count: 10)))
        try await lists.append([value, value, value], to: "k")
        try await lists.trim("k", to: .byteCount(byteCount))
        #expect(try await values(of: "k").count == kept)
    }

    @Test(
        "a bound below zero is refused",
        arguments: [.count(-1), .byteCount(-1), .age(.seconds(-1))] as [TrimBound])
    func negative(bound: TrimBound) async {
        let error = await #expect(throws: HoldfastError.self) { try await lists.trim("k", to: bound) }
        #expect(error?.code == .invalid)
    }

    @Test("clearing, trimming and replacing a list leave the document at its key alone")
    func keptDocument() async throws {
        try await documents.put(.json("7", expiry: .after(.seconds(60))), at: "k")
        let expiry = try await documents.get("k").expiresAt
        for write in 0..<3 {
            try await lists.append([.json("1"), .json("2")], to: "k")
            switch write {
            case 0: try await lists.clear("k")
            case 1: try await lists.trim("k", to: .count(0))
            default: try await lists.replace("k", with: [.json("3")])
            }
            #expect(try await documents.get("k").bytes == "7")
            #expect(try await documents.get("k").expiresAt == expiry)
        }
        #expect(try await values(of: "k") == ["3"])
    }

    @Test("a document that is newer than what is trimmed keeps its version")
    func newerDocument() async throws {
        try await lists.append([.json("1"), .json("2")], to: "k")
        let receipt = try await documents.put(.json("7"), at: "k")
        try await lists.trim("k", to: .count(1))
        #expect(try await documents.get("k").version == receipt.id)
        #expect(try await values(of: "k") == ["2"])
    }

    @Test("a document that is written while the list is cleared is not lost", arguments: [true, false])
    func racingDocument(isThere: Bool) async throws {
        if isThere { try await documents.put(.json("1"), at: "k") }
        try await lists.append(.json("1"), to: "k")
        await backend.race { $0.put(Record(namespace: "events", key: "k", value: "2")) }
        try await lists.clear("k")
        #expect(try await documents.get("k").bytes == "2")
        #expect(try await values(of: "k").isEmpty)
    }

    @Test("an item that arrives while a list is trimmed stays")
    func racingItem() async throws {
        try await lists.append([.json("1"), .json("2")], to: "k")
        await backend.race { $0.put(Record(namespace: "events", key: "k", value: "3"), isItem: true) }
        try await lists.trim("k", to: .count(1))
        #expect(try await values(of: "k") == ["2", "3"])
    }

    @Test("a backend without atomic batches is sent no check for a document that is not there")
    func plainBackend() async throws {
        let backend = MemoryBackend(clock: clock, isAtomic: false)
        let lists = HistoryStore(backend: backend, clock: clock).lists("events")
        try await lists.append(.json("1"), to: "k")
        try await lists.clear("k")
        #expect(await backend.requests.last?.changes.map(\.kind) == [.drop])
    }
}
