import CHoldfastProvider
import HoldfastTestSupport
import Testing

@testable import SQLitePlugin

@Suite("SQLite's index of words") struct SQLiteWordIndexTests {
    private let directory: TemporaryDirectory
    private let path: String
    private static let declared = #"{"n":["@words","kind"]}"#

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("history.db")
    }

    /// The words of each record that has an entry.
    private func entries() throws -> [String] {
        try RawDatabase(path).rows(
            "SELECT substr(words, instr(words || ' ', ' ') + 1) FROM word_index ORDER BY rowid")
    }

    @Test("every way to write, edit and remove a record keeps its entry in step")
    func inStep() throws {
        let store = try PluginStore(path, indexes: Self.declared)
        try store.put(TestRecord("a", version: 1, #"{"text":"Deploy failed","more":["again deploy"]}"#))
        try store.put(TestRecord("a", id: 2, #""one""#))
        try store.put(TestRecord("a", id: 3, #""two""#))
        try store.put(TestRecord("a", ns: "other", id: 2, #""elsewhere""#))
        #expect(try entries() == ["again deploy failed", "one", "two"])
        try store.put(TestRecord("a", id: 3, version: 5, #""edited twice""#))
        #expect(try entries() == ["again deploy failed", "one", "edited twice"])
        try store.put(TestRecord("a", id: 3, version: 6, "", flags: HF_RECORD_REMOVED))
        try store.put(TestRecord("b", id: 4, "no json words"))
        try store.put(TestRecord("b", id: 5, #""bytes""#, flags: HF_RECORD_BYTES))
        #expect(try entries() == ["again deploy failed", "one", "", "", ""])
        try store.apply([.drop("a", upTo: 7)])
        #expect(try entries() == ["", ""])
        try store.ping(integrity: true)
    }

    @Test("what is there is filed when the index is declared, and gone when it no longer is")
    func declaring() throws {
        let plain = try PluginStore(path)
        try plain.put(TestRecord("a", id: 2, #""before it""#))
        #expect(try RawDatabase(path).rows("SELECT name FROM sqlite_schema WHERE name = 'word_index'") == [])
        let store = try PluginStore(path, indexes: Self.declared)
        // Whoever opened the file before writes in step as well.
        try plain.put(TestRecord("a", id: 3, #""behind it""#))
        #expect(try entries() == ["before it", "behind it"])
        store.close()
        try PluginStore(path, indexes: #"{"x":["@words"]}"#).close()
        #expect(try entries() == ["before it", "behind it"])
        try PluginStore(path, indexes: #"{"n":["kind"]}"#).close()
        #expect(try entries() == [])
        try plain.put(TestRecord("a", id: 4, #""unfiled""#))
        try PluginStore(path, indexes: Self.declared).ping(integrity: true)
        #expect(try entries() == ["before it", "behind it", "unfiled"])
    }

    @Test("a refused batch leaves no entry behind")
    func refused() throws {
        let store = try PluginStore(path, indexes: Self.declared)
        try store.put(TestRecord("a", id: 2, #""first""#))
        try store.apply(
            [
                .put(TestRecord("a", id: 3, #""second""#)),
                .put(TestRecord("a", id: 1, #""late""#), if: HF_IF_NEWEST),
            ], atomic: true)
        #expect(try entries() == ["first"])
        try store.ping(integrity: true)
    }

    @Test("an index that lacks a record, or has another's words, is found by the check of integrity")
    func damage() throws {
        let store = try PluginStore(path, indexes: Self.declared)
        try store.put(TestRecord("a", id: 2, #""first""#))
        try store.ping(integrity: true)
        try RawDatabase(path).rows("DELETE FROM word_rows")
        let finding = #expect(throws: PluginFailure.self) { try store.ping(integrity: true) }
        #expect(finding?.status == HF_E_CORRUPT && finding?.message.contains("lacks 1 record") == true)
        try RawDatabase(path).rows(
            "INSERT INTO word_rows (row, ns, key, id) SELECT 1, ns, key, id FROM records")
        try store.ping(integrity: true)
        try RawDatabase(path).rows("UPDATE word_index_content SET c0 = '=1 other'")
        #expect(throws: PluginFailure.self) { try store.ping(integrity: true) }
    }
}
