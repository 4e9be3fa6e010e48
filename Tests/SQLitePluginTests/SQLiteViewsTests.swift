import CHoldfastProvider
import HoldfastTestSupport
import Testing

@Suite("SQLite views") struct SQLiteViewsTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("history.db")
    }

    @Test("SELECT * FROM messages shows what a reader would see, in order, as text")
    func messages() throws {
        let store = try PluginStore(path)
        let first: UInt64 = 1_700_000_000_123
        try store.put(TestRecord("s", id: first + 1, "{\"role\": \"assistant\", \"content\": [1]}"))
        try store.put(TestRecord("s", id: first, "{\"role\": \"user\", \"content\": \"Hello\"}"))
        try store.put(TestRecord("s", id: first + 2, "not JSON"))
        try store.put(TestRecord("s", id: first + 3, bytes: [0x41, 0, 0x42], flags: HF_RECORD_BYTES))
        try store.put(TestRecord("s", id: first + 4, "", flags: HF_RECORD_REMOVED))
        try store.put(TestRecord("s", id: first + 5, "gone", expires: 1))
        try store.put(TestRecord("host", ns: "~holdfast", id: first, "mark"))
        let raw = try RawDatabase(path)
        let columns = "namespace, session, id, time, role, content, expires"
        #expect(
            try raw.rows("SELECT \(columns) FROM messages") == [
                "n|s|018bcfe5-687b-7000-8000-000000000000|2023-11-14T22:13:20.123Z|user|Hello|NULL",
                "n|s|018bcfe5-687c-7000-8000-000000000000|2023-11-14T22:13:20.124Z|assistant|[1]|NULL",
                "n|s|018bcfe5-687d-7000-8000-000000000000|2023-11-14T22:13:20.125Z|NULL|NULL|NULL",
                "n|s|018bcfe5-687e-7000-8000-000000000000|2023-11-14T22:13:20.126Z|NULL|NULL|NULL",
            ])
        #expect(
            try raw.rows("SELECT value FROM messages WHERE session = 's' LIMIT 1 OFFSET 2") == ["not JSON"])
    }

    @Test("SELECT * FROM documents shows documents with their time")
    func documents() throws {
        let store = try PluginStore(path)
        let version: UInt64 = 1_700_000_000_000
        try store.put(TestRecord("d", version: version, "{\"a\":1}", expires: 4_102_444_800_000))
        try store.put(TestRecord("gone", version: version, "", flags: HF_RECORD_REMOVED))
        let rows = try RawDatabase(path).rows("SELECT namespace, key, time, expires, value FROM documents")
        #expect(rows == ["n|d|2023-11-14T22:13:20.000Z|2100-01-01T00:00:00.000Z|{\"a\":1}"])
    }

    @Test("the views read a list through the cluster, not the whole table")
    func plan() throws {
        try PluginStore(path).close()
        let plan = try RawDatabase(path).rows(
            "EXPLAIN QUERY PLAN SELECT * FROM messages WHERE namespace = 'n' AND session = 's'")
        #expect(plan.contains { $0.contains("SEARCH records USING PRIMARY KEY (ns=? AND key=? AND id>?)") })
    }
}
