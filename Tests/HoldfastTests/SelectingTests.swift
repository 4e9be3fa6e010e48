import Holdfast
import HoldfastModel
import Testing

@Suite("Selecting by what records hold") struct SelectingTests {
    private static let calls = [
        ("c1", #"{"name":"bash","state":"FAILED","ms":120,"content":[{"type":"text"}]}"#),
        ("c2", #"{"name":"bash","state":"DONE","ms":80.5,"approval":null}"#),
        ("c3", #"{"name":"read","state":"DONE","ms":9223372036854775808}"#),
        ("c4", #"{"name":"Grep","state":"DONE","content":[{"type":"tool_use"},{"type":"text"}]}"#),
        ("d1", #"{"name":"bash","state":"DONE","ms":1}"#),
    ]

    private func documents() async throws -> Documents {
        let store = HistoryStore(backend: MemoryBackend())
        let documents = store.documents("calls")
        for (key, value) in Self.calls { _ = try await documents.put(.json(Bytes(value)), at: key) }
        return documents
    }

    @Test("filters, order and pages work together, and a cursor goes on where a page ended")
    func pages() async throws {
        let documents = try await documents()
        let selection = Selection(
            prefix: "c",
            where: Operand.member("ms").exists || Operand.member("name").hasPrefix("gr", ignoringCase: true),
            order: [.descending(.member("ms")), .ascending(.member("name"))])
        var keys: [String] = []
        var cursor: Cursor?
        repeat {
            let page = try await documents.select(selection, limit: 2, after: cursor)
            keys += page.map(\.key)
            cursor = page.next
        } while cursor != nil
        #expect(keys == ["c3", "c1", "c2", "c4"])
        #expect(try await documents.select(selection, offset: 1, limit: 2).map(\.key) == ["c1", "c2"])
        #expect(try await documents.count(selection).content == 4)
    }

    @Test("a cursor of another selection is refused, and one of a scan as well")
    func foreignCursor() async throws {
        let documents = try await documents()
        let page = try await documents.select(Selection(order: [.ascending(.member("ms"))]), limit: 1)
        let scan = try await documents.scan(limit: 1)
        for cursor in [page.next, scan.next] {
            let error = await #expect(throws: HoldfastError.self) {
                _ = try await documents.select(Selection(), after: cursor)
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test("elements of an array are looked into, and what is missing satisfies the opposite")
    func predicates() async throws {
        let documents = try await documents()
        func keys(_ predicate: Predicate) async throws -> [String] {
            try await documents.select(Selection(where: predicate)).map(\.key)
        }
        #expect(
            try await keys(Operand.member("content").anyElement(where: Operand.member("type").equals("text")))
                == ["c1", "c4"])
        #expect(try await keys(!Operand.member("ms").isAtLeast(80)) == ["c4", "d1"])
        #expect(try await keys(Operand.member("approval").isKind(.null)) == ["c2"])
        #expect(try await keys(Operand.member("state").isIn(["FAILED", "OTHER"])) == ["c1"])
        #expect(
            try await keys(Operand.key.isGreater(than: "c3") && Operand.time.isGreater(than: 0)) == [
                "c4", "d1",
            ])
        #expect(try await keys(Operand.path(["content", "1", "type"]).contains("ex")) == ["c4"])
        #expect(try await keys(Predicate(json: #"{"lt":["/ms",100]}"#)) == ["c2", "d1"])
    }

    @Test("groups come in order, with exact figures")
    func groups() async throws {
        let documents = try await documents()
        let groups = try await documents.groups(
            by: [.member("name")], [.sum(of: .member("ms")), .average(of: .member("ms")), .maximum(of: .key)])
        #expect(groups.content.map(\.by) == [["Grep"], ["bash"], ["read"]])
        #expect(groups.content.map(\.count) == [1, 3, 1])
        let bash = groups.content[1].figures.map { $0?.json.description }
        #expect(bash == ["201.5", "67.166666666666", #""d1""#])
        #expect(groups.content[0].figures.map { $0?.json.description } == [nil, nil, #""c4""#])
        let all = try await documents.groups(Selection(prefix: "none"), by: [])
        #expect(all.content.isEmpty)
    }

    @Test("items of all lists merge in the order of arrival, without values where they are not wanted")
    func items() async throws {
        let store = HistoryStore(backend: MemoryBackend())
        let lists = store.lists("messages")
        for index in 0..<6 {
            _ = try await lists.append(.json(Bytes("{\"n\":\(index)}")), to: "agent \(index % 3)")
        }
        let newest = Selection(order: [.descending(.id)], keysOnly: true)
        let page = try await lists.select(newest, limit: 4)
        #expect(page.map(\.key) == ["agent 2", "agent 1", "agent 0", "agent 2"])
        #expect(page.allSatisfy { $0.bytes.isEmpty })
        #expect(try await lists.select(newest, after: page.next).map(\.key) == ["agent 1", "agent 0"])
        var byValue = newest
        byValue.order = [.descending(.member("n"))]
        let values = try await lists.select(byValue, limit: 1)
        #expect(values.map(\.key) == ["agent 2"] && values[0].bytes.isEmpty)
        #expect(try await lists.select(Selection(key: "agent 1")).map(\.bytes) == [#"{"n":1}"#, #"{"n":4}"#])
    }

    @Test("what cannot be asked is refused before the backend is")
    func refused() async throws {
        let documents = try await documents()
        let wrong: [Selection] = [
            Selection(where: Operand.pointer("a").exists), Selection(where: Predicate(json: "{}")),
            Selection(where: Operand.member("a").equals(.init(json: #"1]},{"exists":["/b""#))),
            Selection(key: "x", prefix: "y"),
            Selection(order: Array(repeating: .ascending(.key), count: 5)),
        ]
        for selection in wrong {
            let error = await #expect(throws: HoldfastError.self) {
                _ = try await documents.select(selection)
            }
            #expect(error?.code == .invalid)
        }
        await #expect(throws: HoldfastError.self) { _ = try await documents.select(Selection(), offset: -1) }
        await #expect(throws: HoldfastError.self) {
            _ = try await documents.select(Selection(), limit: 10_001)
        }
    }
}
