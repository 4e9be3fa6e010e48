import CHoldfastProvider
import HoldfastTestSupport
import Testing

@testable import SQLitePlugin

@Suite("SQLite scans") struct SQLiteScanTests {
    private let directory: TemporaryDirectory
    private let path: String
    private static let both = HF_QUERY_DOCUMENTS | HF_QUERY_ITEMS

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("history.db")
    }

    private func fill(_ store: PluginStore) throws {
        var changes: [TestChange] = []
        for key in ["a", "ab", "b", "b%", "c"] {
            changes.append(.put(TestRecord(key, version: 1, "{\"kind\":\"doc\",\"key\":\"\(key)\"}")))
            for id in 2...4 as ClosedRange<UInt64> {
                changes.append(.put(TestRecord(key, id: id, "{\"kind\":\"item\",\"n\":\(id)}")))
            }
        }
        changes.append(.put(TestRecord("a", ns: "other", version: 1, "{\"kind\":\"doc\"}")))
        changes.append(.drop("b", upTo: 2))
        changes.append(.put(TestRecord("c", id: 4, version: 9, "", flags: HF_RECORD_REMOVED)))
        changes.append(.put(TestRecord("d", ns: "n", version: 1, "soon gone", expires: 1)))
        try store.apply(changes)
    }

    private func names(_ records: [TestRecord]) -> [String] {
        records.map { "\($0.key)\($0.flags & 4 != 0 ? "^" : "")\($0.id == 0 ? "" : String($0.id))" }
    }

    @Test("a scan is in the order of key and id, either way, and sees what a reader sees")
    func order() throws {
        let store = try PluginStore(path)
        try fill(store)
        let all = [
            "a", "a2", "a3", "a4", "ab", "ab2", "ab3", "ab4", "b3", "b4", "b%", "b%2", "b%3", "b%4", "c",
            "c2", "c3",
        ]
        #expect(names(try store.query()) == all)
        #expect(names(try store.query(Self.both | HF_QUERY_REVERSE)) == all.reversed())
        #expect(names(try store.query(HF_QUERY_DOCUMENTS)) == ["a", "ab", "b%", "c"])
        #expect(names(try store.query(HF_QUERY_DOCUMENTS | HF_QUERY_REVERSE)) == ["c", "b%", "ab", "a"])
        #expect(
            names(try store.query(prefix: "a", HF_QUERY_ITEMS)) == ["a2", "a3", "a4", "ab2", "ab3", "ab4"])
        #expect(names(try store.query(prefix: "b%")) == ["b%", "b%2", "b%3", "b%4"])
        #expect(names(try store.query(limit: 0)) == all)
        #expect(try store.query(ns: "").isEmpty)
        let keysOnly = try store.query(Self.both | HF_QUERY_KEYS_ONLY)
        #expect(names(keysOnly) == all && keysOnly.allSatisfy { $0.value.isEmpty })
    }

    @Test("pages of any size put together are the scan", arguments: 1...5)
    func paging(size: UInt64) throws {
        let store = try PluginStore(path)
        try fill(store)
        for kinds in [HF_QUERY_DOCUMENTS, HF_QUERY_ITEMS, Self.both] {
            for mode in [0, HF_QUERY_REVERSE, HF_QUERY_RAW, HF_QUERY_RAW | HF_QUERY_REVERSE] {
                for ns in mode & HF_QUERY_RAW != 0 ? ["n", ""] : ["n"] {
                    let whole = try store.query(ns: ns, kinds | mode)
                    var pages: [TestRecord] = []
                    while true {
                        let page = try store.query(ns: ns, kinds | mode, after: pages.last, limit: size)
                        pages += page
                        if page.count < Int(size) { break }
                    }
                    #expect(pages == whole, "kinds \(kinds), mode \(mode), namespace \"\(ns)\"")
                }
            }
        }
    }

    @Test("a raw scan also has floors, tombstones and what expired, in all namespaces")
    func raw() throws {
        let store = try PluginStore(path)
        try fill(store)
        let records = try store.query(ns: "", Self.both | HF_QUERY_RAW)
        #expect(names(records.filter { $0.ns == "other" }) == ["a"])
        let own = records.filter { $0.ns == "n" }
        #expect(names(own.filter { $0.key == "b" }) == ["b^", "b3", "b4"])
        #expect(own.last?.text == "soon gone")
        #expect(own.contains { $0.key == "c" && $0.id == 4 && $0.flags == UInt32(HF_RECORD_REMOVED) })
    }

    private static let odd: [(String, String)] = [
        ("plain", "{\"kind\":\"x\"}"), ("number", "{\"kind\":1}"), ("float", "{\"kind\":1.0}"),
        ("text", "{\"kind\":\"1\"}"), ("true", "{\"kind\":true}"), ("false", "{\"kind\":false}"),
        ("null", "{\"kind\":null}"), ("missing", "{}"), ("nested", "{\"a\":{\"kind\":\"x\"}}"),
        ("twice", "{\"kind\":\"y\",\"kind\":\"x\"}"), ("escaped", "{\"k\\u0069nd\":\"x\"}"),
        ("value", "{\"kind\":\"\\u0078\"}"), ("half", "{\"kind\":\"\\ud800\"}"),
        ("broken", "{\"kind\":\"x\""),
        ("array", "[\"kind\",\"x\"]"), ("nul", "{\"kind\":\"x\\u0000y\"}"),
        ("big", "{\"kind\":9007199254740993}"),
        ("exponent", "{\"kind\":1e2}"), ("pair", "{\"kind\":\"\\ud83d\\ude00\"}"),
    ]

    @Test(
        "an index changes how long a query takes, never what it finds",
        arguments: [
            "\"x\"", "\"y\"", "1", "1.0", "\"1\"", "true", "false", "null", "\"\\u0078\"", "\"\\ud800\"",
            "\"\u{FFFD}\"",
            "\"x\\u0000y\"", "9007199254740993", "9007199254740992", "100", "\"😀\"", "broken",
        ])
    func indexed(json: String) throws {
        let indexed = try PluginStore(path, indexes: "{\"n\": [\"kind\", \"other\"]}")
        let plain = try PluginStore(directory.file("plain.db"))
        // Some values are there before the field is declared.
        let late = try PluginStore(directory.file("late.db"))
        for store in [indexed, plain, late] {
            try store.apply(Self.odd.map { .put(TestRecord($0.0, version: 1, $0.1)) })
            try store.apply(Self.odd.map { .put(TestRecord($0.0, id: 2, $0.1)) })
            try store.put(TestRecord("bytes", version: 1, "{\"kind\":\"x\"}", flags: HF_RECORD_BYTES))
        }
        let declared = try PluginStore(directory.file("late.db"), indexes: "{\"n\": [\"kind\"]}")
        for mode in [Self.both, Self.both | HF_QUERY_REVERSE, HF_QUERY_DOCUMENTS, Self.both | HF_QUERY_RAW] {
            let expected = try plain.query(matches: [("kind", json)], mode)
            #expect(try indexed.query(matches: [("kind", json)], mode) == expected)
            #expect(try declared.query(matches: [("kind", json)], mode) == expected)
            var pages: [TestRecord] = []
            while true {
                let page = try indexed.query(matches: [("kind", json)], mode, after: pages.last, limit: 2)
                pages += page
                if page.count < 2 { break }
            }
            #expect(pages == expected)
        }
    }

    @Test("a declared field is searched, not scanned, and what is no longer declared goes")
    func indexes() throws {
        try PluginStore(path, indexes: "{\"it's\": [\"a b\", \"q\\\"uote\", \"\"], \"n\": [\"kind\"]}")
            .close()
        let raw = try RawDatabase(path)
        #expect(try raw.rows("SELECT ns, field FROM fields") == ["it's|a b", "n|kind"])
        let name = SQLiteFieldIndex.name(of: "kind", in: "n")
        let index = SQLiteFieldIndex(namespace: "n", field: "kind", name: name)
        let plan = try raw.rows(
            """
            EXPLAIN QUERY PLAN SELECT * FROM records INDEXED BY "\(name)"
            WHERE \(index.condition) AND \(index.expression) IS 'x' AND (key, id) > ('k', x'')
            ORDER BY key, id
            """)
        #expect(plan.count == 1 && plan[0].contains("(<expr>=? AND (key,id)>(?,?))"), "\(plan)")
        try PluginStore(path).close()
        #expect(try raw.rows("SELECT count(*) FROM fields") == ["2"])
        try PluginStore(path, indexes: "{\"n\": []}").close()
        #expect(try raw.rows("SELECT ns, field FROM fields") == ["it's|a b"])
    }

    @Test("a store whose index another host has dropped reads without it")
    func droppedIndex() throws {
        let store = try PluginStore(path, indexes: "{\"n\": [\"kind\"]}")
        try fill(store)
        let expected = try store.query(matches: [("kind", "\"doc\"")])
        #expect(expected.count == 4)
        try PluginStore(path, indexes: "{\"n\": [\"other\"]}").close()
        #expect(try store.query(matches: [("kind", "\"doc\"")]) == expected)
        try store.put(TestRecord("late", version: 2, "{\"other\":1,\"other\":2}"))
        #expect(try store.query(matches: [("other", "2")]).map(\.key) == ["late"])
    }
}
