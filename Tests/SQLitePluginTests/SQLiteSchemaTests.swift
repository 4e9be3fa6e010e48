import CHoldfastProvider
import HoldfastTestSupport
import Testing

@testable import SQLitePlugin

@Suite("SQLite schema") struct SQLiteSchemaTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("history.db")
    }

    @Test("a new file says whose it is, which version, and who it is")
    func newFile() throws {
        let store = try PluginStore(directory.file("made/on/the/way/history.db"), "\"page_size\": 8192")
        let raw = try RawDatabase(directory.file("made/on/the/way/history.db"))
        #expect(try raw.rows("PRAGMA application_id") == ["1212568404"])
        #expect(try raw.rows("PRAGMA user_version") == ["3"])
        #expect(try raw.rows("PRAGMA page_size") == ["8192"])
        #expect(try raw.rows("PRAGMA journal_mode") == ["wal"])
        let again = try PluginStore(directory.file("made/on/the/way/history.db"))
        #expect(store.incarnation.count == 36 && again.incarnation == store.incarnation)
        #expect(try PluginStore(path).incarnation != store.incarnation)
    }

    @Test("a file of version 1 is migrated with everything in it")
    func migration() throws {
        do {
            let raw = try RawDatabase(path)
            for statement in SQLiteStoreSchema.version1 { try raw.rows(statement) }
            try raw.rows("INSERT INTO meta VALUES ('incarnation', '11111111-2222-4333-8444-555555555555')")
            try raw.rows(
                """
                INSERT INTO records (ns, key, flags, expires, id, version, value)
                VALUES ('n', 'k', 0, 0, x'', x'00000000000170008000000000000000', '"kept"'),
                  ('n', 'k', 0, 0, x'00000000000270008000000000000000', x'00000000000270008000000000000000', '2')
                """)
            try raw.rows("PRAGMA application_id = 1212568404")
            try raw.rows("PRAGMA user_version = 1")
        }
        let store = try PluginStore(path)
        #expect(store.incarnation == "11111111-2222-4333-8444-555555555555")
        #expect(try store.get()?.text == "\"kept\"")
        #expect(try store.list().map(\.id) == [2])
        try store.put(TestRecord(id: 3, "new"))
        let raw = try RawDatabase(path)
        #expect(try raw.rows("PRAGMA user_version") == ["3"])
        #expect(try raw.rows("SELECT value FROM messages") == ["2", "new"])
        try store.ping(integrity: true)
    }

    @Test("many who make the same file at the same moment agree on it")
    func concurrentCreation() async throws {
        for round in 0..<10 {
            let path = directory.file("shared-\(round).db")
            let identities = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 { group.addTask { try PluginStore(path).incarnation } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(identities.count == 1)
        }
    }

    @Test("a file of a newer version is refused, and stays as it is")
    func newerVersion() throws {
        try PluginStore(path).close()
        try RawDatabase(path).rows("PRAGMA user_version = 7")
        let refusal = #expect(throws: PluginFailure.self) { try PluginStore(path) }
        #expect(refusal?.status == HF_E_UNSUPPORTED)
        #expect(
            refusal?.message == "\(path) has schema version 7, this plugin knows 1 to 3; use a newer plugin")
        #expect(try RawDatabase(path).rows("PRAGMA user_version") == ["7"])
    }

    @Test("the database of another application is refused, and stays as it is")
    func foreignDatabase() throws {
        try RawDatabase(path).rows("CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ada')")
        let refusal = #expect(throws: PluginFailure.self) { try PluginStore(path) }
        #expect(refusal?.status == HF_E_INVALID)
        #expect(refusal?.message.contains("a database of another application (application_id 0)") == true)
        #expect(try RawDatabase(path).rows("PRAGMA journal_mode") == ["delete"])
        #expect(try RawDatabase(path).rows("SELECT * FROM people") == ["Ada"])
    }

    @Test("a store is not opened as a log, nor a log as a store")
    func otherRole() throws {
        try PluginStore(path).close()
        let asLog = #expect(throws: PluginFailure.self) { try PluginStore(path, role: HF_ROLE_LOG) }
        #expect(asLog?.message.contains("is a Holdfast store") == true)
        let log = directory.file("log.db")
        try PluginStore(log, role: HF_ROLE_LOG).close()
        let asStore = #expect(throws: PluginFailure.self) { try PluginStore(log) }
        #expect(asStore?.status == HF_E_INVALID && asStore?.message.contains("is a Holdfast log") == true)
    }

    @Test("what is no database is corrupt, and stays as it is", arguments: [16, 4096, 100_000])
    func garbage(count: Int) throws {
        try directory.write(Array(repeating: 0x5A, count: count), to: "history.db")
        let refusal = #expect(throws: PluginFailure.self) { try PluginStore(path) }
        #expect(refusal?.status == HF_E_CORRUPT && refusal?.vendorCode == 26)
        #expect(try TextFile.read(path) == String(repeating: "Z", count: count))
    }

    @Test("a missing file is made, unless the options say not to")
    func missingFile() throws {
        let refusal = #expect(throws: PluginFailure.self) { try PluginStore(path, "\"create\": false") }
        #expect(refusal?.status == HF_E_UNAVAILABLE && refusal?.has(HF_ERROR_RETRYABLE) == true)
        #expect(FileIdentity(path: path) == nil)
        try PluginStore(path).close()
        try PluginStore(path, "\"create\": false").close()
    }

    @Test("where nothing can be written an operator must act")
    func noPermission() throws {
        let refusal = #expect(throws: PluginFailure.self) { try PluginStore("/sys/holdfast/history.db") }
        #expect(refusal?.status == HF_E_PERMISSION, "\(String(describing: refusal))")
        try directory.write([], to: "file")
        let inside = #expect(throws: PluginFailure.self) {
            try PluginStore(directory.file("file/history.db"))
        }
        #expect(inside?.status == HF_E_PERMISSION, "\(String(describing: inside))")
        let folder = try directory.makeDirectory("folder")
        let isFolder = #expect(throws: PluginFailure.self) { try PluginStore(folder) }
        #expect(isFolder?.status == HF_E_PERMISSION, "\(String(describing: isFolder))")
    }

    @Test("a damaged page is found by an integrity ping, with the first finding")
    func damagedPage() throws {
        let store = try PluginStore(path)
        for id in 1...400 as ClosedRange<UInt64> {
            try store.put(TestRecord(id: id, String(repeating: "x", count: 200)))
        }
        store.close()
        var bytes = Array(try TextFile.readBytes(path))
        for offset in 5 * 4096..<5 * 4096 + 64 { bytes[offset] = 0xFF }
        try directory.write(bytes, to: "history.db")
        let damaged = try PluginStore(path)
        try damaged.ping()
        let failure = #expect(throws: PluginFailure.self) { try damaged.ping(integrity: true) }
        #expect(failure?.status == HF_E_CORRUPT && failure?.message.contains("is damaged:") == true)
    }
}
