import Holdfast
import HoldfastModel
import Testing

@Suite("Scans, cursors and streams") struct ScanningTests {
    let backend = MemoryBackend()
    let store: HistoryStore
    var documents: Documents { store.documents("users") }

    init() { store = HistoryStore(backend: backend, clock: ManualClock()) }

    private func fill() async throws {
        for key in ["a/1", "a/2", "a/3", "b/1", "é%_"] {
            let role = key.hasSuffix("1") ? "admin" : "user"
            try await documents.put(.json(Bytes("{\"role\":\"\(role)\",\"age\":3}")), at: key)
        }
        try await store.lists("users").append(.json("1"), to: "a/1")
    }

    @Test("documents come in the order of their keys, and pages join up", arguments: [1, 2, 3, 5, 100])
    func paging(limit: Int) async throws {
        try await fill()
        for order in Scan.Order.allCases {
            var keys: [String] = []
            var cursor: Cursor?
            repeat {
                let page = try await documents.scan(Scan(order: order), limit: limit, after: cursor)
                keys += page.map(\.key)
                #expect(page.count <= limit)
                cursor = page.next
            } while cursor != nil
            let all = ["a/1", "a/2", "a/3", "b/1", "é%_"]
            #expect(keys == (order == .ascending ? all : all.reversed()))
        }
    }

    @Test("a prefix is data, not a pattern")
    func prefix() async throws {
        try await fill()
        #expect(try await documents.scan(Scan(prefix: "a/")).map(\.key) == ["a/1", "a/2", "a/3"])
        #expect(try await documents.scan(Scan(prefix: "%")).isEmpty)
        #expect(try await documents.scan(Scan(prefix: "é%")).count == 1)
    }

    @Test("filters must all hold, and keys alone leave the values out")
    func filters() async throws {
        try await fill()
        let admins = Scan(where: [Filter("role", equals: "admin"), Filter("age", equals: 3)], keysOnly: true)
        let page = try await documents.scan(admins)
        #expect(page.map(\.key) == ["a/1", "b/1"])
        #expect(page.map(\.bytes) == [.empty, .empty])
        #expect(try await documents.scan(Scan(where: [Filter("role", equals: .null)])).isEmpty)
    }

    @Test("a scalar is written as JSON")
    func scalars() {
        #expect(Filter.Scalar("a\"b\\c\n\u{1}é").json == #""a\"b\\c\u000a\u0001é""#)
        #expect(Filter.Scalar(-3).json == "-3")
        #expect(Filter.Scalar(true).json == "true")
        #expect((false as Filter.Scalar).json == "false")
    }

    @Test(
        "a filter on no field, or with something else than a scalar, is refused",
        arguments: ["{}", "[1]", "nul", ""])
    func wrongFilter(json: String) async {
        let scan = Scan(where: [Filter("f", equals: .init(json: Bytes(json)))])
        let error = await #expect(throws: HoldfastError.self) { try await documents.scan(scan) }
        #expect(error?.code == .invalid)
        let field = await #expect(throws: HoldfastError.self) {
            try await documents.scan(Scan(where: [Filter("", equals: 1)]))
        }
        #expect(field?.code == .invalid)
    }

    @Test("a cursor is text for URLs, and survives being one")
    func cursorText() async throws {
        try await fill()
        let page = try await documents.scan(limit: 1)
        let text = try #require(page.next).description
        #expect(
            text.utf8.allSatisfy { $0 == 45 || $0 == 95 || Character(UnicodeScalar($0)).isLetter || $0 < 58 })
        #expect(try await documents.scan(after: Cursor(text)).first?.key == "a/2")
    }

    @Test("a cursor of another question, or a changed one, is refused")
    func wrongCursor() async throws {
        try await fill()
        let cursor = try #require(try await documents.scan(limit: 1).next)
        for scan in [
            Scan(prefix: "a"), Scan(order: .descending), Scan(where: [Filter("role", equals: "admin")]),
        ] {
            let error = await #expect(throws: HoldfastError.self) {
                try await documents.scan(scan, after: cursor)
            }
            #expect(error?.message.hasPrefix("the cursor belongs to another question") == true)
        }
        let other = await #expect(throws: HoldfastError.self) {
            try await store.documents("other").scan(after: cursor)
        }
        #expect(other?.code == .invalid)
        #expect(try await documents.scan(Scan(keysOnly: true), after: cursor).count == 4)
        for text in ["", "A", "!!", "AAAA", cursor.description + "A", String(cursor.description.dropLast(2))]
        {
            let error = await #expect(throws: HoldfastError.self) {
                try await documents.scan(after: Cursor(text))
            }
            #expect(error?.code == .invalid, "\(text)")
        }
    }

    @Test("every character of a cursor is guarded")
    func changedCursor() async throws {
        try await fill()
        let text = Array(try #require(try await documents.scan(limit: 1).next).description)
        for position in text.indices {
            var changed = text
            changed[position] = text[position] == "A" ? "B" : "A"
            let error = await #expect(throws: HoldfastError.self) {
                try await documents.scan(after: Cursor(String(changed)))
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test("limit 0 returns nothing, a negative one is refused")
    func limits() async throws {
        #expect(try await documents.scan(limit: 0).isEmpty)
        let error = await #expect(throws: HoldfastError.self) { try await documents.scan(limit: -1) }
        #expect(error?.code == .invalid)
    }

    @Test(
        "a stream returns everything once, over any number of pages", arguments: [0, 999, 1000, 1001, 2500])
    func stream(count: Int) async throws {
        let lists = store.lists("events")
        if count > 0 { try await lists.append((0..<count).map { .json(Bytes("\($0)")) }, to: "k") }
        var seen: [String] = []
        for try await item in lists.stream(of: "k") { seen.append(item.bytes.description) }
        #expect(seen == (0..<count).map(String.init))
        var scanned = 0
        for try await _ in lists.stream(Scan(prefix: "k")) { scanned += 1 }
        #expect(scanned == count)
    }

    @Test("a stream keeps to its limit and order, and the latest come oldest first")
    func streamRange() async throws {
        let lists = store.lists("events")
        try await lists.append((0..<3000).map { .json(Bytes("\($0)")) }, to: "k")
        var seen: [String] = []
        for try await item in lists.stream(of: "k", ListRange(.descending, limit: 1500)) {
            seen.append(item.bytes.description)
        }
        #expect(seen == (1500..<3000).reversed().map(String.init))
        var latest: [String] = []
        for try await item in lists.stream(of: "k", .latest(2)) { latest.append(item.bytes.description) }
        #expect(latest == ["2998", "2999"])
        var iterator = lists.stream(of: "k", ListRange(.latest)).makeAsyncIterator()
        let error = await #expect(throws: HoldfastError.self) { try await iterator.next() }
        #expect(error?.code == .invalid)
        for try await _ in lists.stream(of: "k", ListRange(.ascending, limit: 0)) { Issue.record("limit 0") }
    }

    @Test("a stream of documents ends with the error of its backend")
    func streamError() async throws {
        try await fill()
        let stream = documents.stream(Scan(prefix: "a/"))
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next()?.key == "a/1")
        await backend.fail(HoldfastError(.unavailable, "down"))
        var again = stream.makeAsyncIterator()
        let error = await #expect(throws: HoldfastError.self) { try await again.next() }
        #expect(error?.code == .unavailable)
    }

    @Test("a cancelled task gets no further page")
    func cancelled() async {
        let stream = documents.stream()
        let task = Task { () async -> HoldfastError.Code? in
            withUnsafeCurrentTask { $0?.cancel() }
            var iterator = stream.makeAsyncIterator()
            do throws(HoldfastError) { _ = try await iterator.next() } catch { return error.code }
            return nil
        }
        #expect(await task.value == .cancelled)
    }
}
