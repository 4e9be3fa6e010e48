import CHoldfastProvider
import CSQLite
import Glibc
import HoldfastTestSupport
import Testing

@testable import SQLitePlugin

@Suite("SQLite commit frames") struct SQLiteCommitFramesTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("history.db")
    }

    // MARK: - Decisions

    @Test("the frames of a commit are held, and all of them are written with the one that ends it")
    func wholeCommit() {
        var frames = SQLiteCommitFrames()
        frames.begin()
        for number in 0..<40 as Range<Int64> {
            let isLast = number == 39
            let offset = 32 + number * 4120
            #expect(frames.move(count: 24, at: offset, databasePageCount: isLast ? 7 : 0) == .hold)
            let page = frames.move(count: 4096, at: offset + 24, databasePageCount: 9)
            #expect(page == (isLast ? .holdAndWrite : .hold))
        }
        // Frames that fill up a sector end a commit too.
        #expect(frames.move(count: 24, at: 32 + 40 * 4120, databasePageCount: 7) == .hold)
        #expect(frames.move(count: 4096, at: 56 + 40 * 4120, databasePageCount: 0) == .holdAndWrite)
    }

    @Test("outside of a commit nothing is held")
    func outside() {
        var frames = SQLiteCommitFrames()
        #expect(frames.move(count: 24, at: 32, databasePageCount: 0) == .pass)
        frames.begin()
        frames.end()
        #expect(frames.move(count: 24, at: 32, databasePageCount: 0) == .pass)
    }

    @Test(
        "after a write that is not the next part of a frame nothing more is held in this commit",
        arguments: [
            // The header of the WAL; a page that is written over; a header elsewhere, as its checksum is written anew; a page
            // elsewhere; a page that has no room.
            (0, 32, 0), (0, 4096, 56), (1, 24, 32), (1, 24, 32 + 2 * 4120), (2, 4096, 56), (2, 127_000, 4176),
        ] as [(Int, Int, Int64)])
    func odd(framesBefore: Int, count: Int, offset: Int64) {
        var frames = SQLiteCommitFrames()
        frames.begin()
        if framesBefore > 0 {
            #expect(frames.move(count: 24, at: 32, databasePageCount: 0) == .hold)
            #expect(frames.move(count: 4096, at: 56, databasePageCount: 0) == .hold)
        }
        if framesBefore > 1 { #expect(frames.move(count: 24, at: 4152, databasePageCount: 0) == .hold) }
        #expect(frames.move(count: count, at: offset, databasePageCount: 3) == .pass)
        #expect(frames.move(count: 24, at: 100_000, databasePageCount: 3) == .pass)
        frames.begin()
        #expect(frames.move(count: 24, at: 100_000, databasePageCount: 3) == .hold)
    }

    // MARK: - Files

    @Test(
        "who opens the file after a commit sees all of it",
        arguments: [512, 4096, 65_536], ["full", "normal"])
    func seen(pageByteCount: Int, synchronous: String) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        // So little is cached that SQLite writes frames before the commit too, and writes some of them again.
        let store = try PluginStore(
            path,
            """
            "page_size": \(pageByteCount), "synchronous": "\(synchronous)", "cache_size": 65536,
            "checkpoint_size": 262144
            """)
        var expected: [String: [UInt64]] = [:]
        for batch in 1...60 as ClosedRange<UInt64> {
            let changes = (1...UInt64.random(in: 1...60, using: &random)).map { item in
                let key = "list-\(UInt64.random(in: 1...20, using: &random))"
                let text = String(repeating: "x", count: .random(in: 0...6000, using: &random))
                expected[key, default: []].append(batch * 100 + item)
                return TestChange.put(TestRecord(key, id: batch * 100 + item, text), if: HF_IF_NEWEST)
            }
            #expect(try store.apply(changes, atomic: true).allSatisfy { $0 == .applied }, "seed \(seed)")
            let raw = try RawDatabase(path)
            let count = try raw.rows("SELECT count(*), sum(length(id)) FROM records")
            let total = expected.values.reduce(0) { $0 + $1.count }
            #expect(count == ["\(total)|\(total * 16)"], "seed \(seed), batch \(batch)")
        }
        let reader = try PluginStore(path)
        for (key, ids) in expected {
            #expect(try reader.list(key).map(\.id) == ids, "seed \(seed)")
        }
        try reader.ping(integrity: true)
    }

    @Test("what a commit that failed had written is never written over what came after it")
    func failed() async throws {
        await #expect(processExitsWith: .success) { [path = path as String] in
            try SQLiteCommitFramesTests.failAndGoOn(path)
        }
    }

    /// Two stores on one file: the commits of one fail at any place, those of the other come between.
    static func failAndGoOn(_ path: String) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let options = "\"checkpoint_size\": 1073741824, \"cache_size\": 65536"
        let one = try PluginStore(path, options)
        let other = try PluginStore(path, options)
        signal(SIGXFSZ, SIG_IGN)
        var stored: [UInt64] = []
        var failureCount = 0
        for round in 1...60 as ClosedRange<UInt64> {
            // The database and the index of the WAL are smaller than the WAL, so only the WAL meets the limit.
            let room = rlim_t(byteCount("\(path)-wal")) + rlim_t.random(in: 0...300_000, using: &random)
            var quota = rlimit(rlim_cur: room, rlim_max: .max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &quota)
            let ids = (1...40).map { round * 100 + $0 }
            let changes = ids.map {
                TestChange.put(TestRecord(id: $0, String(repeating: "x", count: 5000)), if: HF_IF_NEWEST)
            }
            do {
                #expect(try one.apply(changes, atomic: true).allSatisfy { $0 == .applied }, "seed \(seed)")
                stored += ids
            } catch let failure as PluginFailure {
                #expect(failure.status == HF_E_EXHAUSTED, "seed \(seed): \(failure)")
                failureCount += 1
            }
            quota.rlim_cur = .max
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &quota)
            let id = round * 100 + 50
            #expect(try other.put(TestRecord(id: id, "other"), if: HF_IF_NEWEST) == .applied)
            stored.append(id)
            #expect(try PluginStore(path).list().map(\.id) == stored, "seed \(seed), round \(round)")
        }
        #expect(failureCount > 0, "seed \(seed)")
        try one.ping(integrity: true)
    }

    /// A connection of the plugin's file system with so small a cache that SQLite writes frames before it commits.
    private final class Connection {
        let handle: OpaquePointer

        init(_ path: String) throws {
            var handle: OpaquePointer?
            #expect(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, SQLiteFileSystem.name) == SQLITE_OK)
            self.handle = try #require(handle)
            run("PRAGMA cache_size = 4")
        }

        deinit { sqlite3_close(handle) }

        func run(_ sql: String) {
            #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK, "\(sql)")
        }
    }

    /// Two tables with one row each, a WAL that has a header, and what stays open so that nobody removes that.
    private func table() throws -> RawDatabase {
        let other = try RawDatabase(path)
        try other.rows(
            "PRAGMA journal_mode = WAL; CREATE TABLE u (x); CREATE TABLE t (n INTEGER PRIMARY KEY, x)")
        try other.rows("INSERT INTO t VALUES (0, 'first'); INSERT INTO u VALUES ('first')")
        return other
    }

    /// Twelve pages of rows from a number on.
    private func rows(from first: Int) -> String {
        "WITH RECURSIVE s(n) AS (SELECT \(first) UNION ALL SELECT n + 1 FROM s WHERE n < \(first + 11)) "
            + "INSERT INTO t SELECT n, zeroblob(3000) FROM s"
    }

    @Test("frames of a commit that ended before it was whole are forgotten")
    func forgotten() throws {
        let other = try table()
        let own = try Connection(path)
        // What the commit needs is read before it, since reading ends the holding.
        own.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (1, 'x')")
        let before = Self.byteCount("\(path)-wal")
        let unfinished = SQLiteError(SQLITE_NOMEM, nil, while: "commit")
        #expect(throws: unfinished) {
            try SQLiteWALFile.withCommit(on: own.handle) { () throws(SQLiteError) in
                own.run(rows(from: 10))
                throw unfinished
            }
        }
        own.run("ROLLBACK")
        #expect(Self.byteCount("\(path)-wal") == before)
        try other.rows(rows(from: 100))
        own.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (1000, 'x')")
        try SQLiteWALFile.withCommit(on: own.handle) { own.run("COMMIT") }
        for database in [other, try RawDatabase(path)] {
            #expect(try database.rows("SELECT count(*), sum(n) FROM t") == ["14|2266"])
            #expect(try database.rows("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test("frames that are read back in the middle of a commit are there")
    func readBack() throws {
        let other = try table()
        let own = try Connection(path)
        own.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (1, 'x')")
        try SQLiteWALFile.withCommit(on: own.handle) {
            own.run(rows(from: 10))
            own.run("UPDATE t SET x = zeroblob(length(x)) WHERE n > 0")
            own.run("COMMIT")
        }
        for database in [other, try RawDatabase(path)] {
            #expect(try database.rows("SELECT count(*), sum(length(x)) FROM t") == ["14|36006"])
            #expect(try database.rows("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test("a commit that also writes frames over keeps all that was held before")
    func writtenOver() throws {
        let other = try table()
        let own = try Connection(path)
        own.run("BEGIN IMMEDIATE")
        own.run(rows(from: 10))
        // These pages have frames of this transaction, those before them have none yet; the last one gets another.
        own.run("UPDATE t SET x = 'changed' WHERE n IN (10, 12); UPDATE u SET x = 'changed'")
        try SQLiteWALFile.withCommit(on: own.handle) { own.run("COMMIT") }
        for database in [other, try RawDatabase(path)] {
            #expect(
                try database.rows("SELECT n, u.x FROM t JOIN u USING (x)") == ["10|changed", "12|changed"])
            #expect(try database.rows("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test("a commit of many pages is written in few calls")
    func fewCalls() throws {
        guard let before = writeCallCount() else {
            print("skipped: this kernel does not count the write calls of a thread")
            return
        }
        let store = try PluginStore(path)
        let opened = try #require(writeCallCount())
        #expect(opened > before)
        let changes = (1...100 as ClosedRange<UInt64>).map {
            TestChange.put(TestRecord("list-\($0)", id: $0, String(repeating: "x", count: 3000)))
        }
        try store.apply(changes, atomic: true)
        let count = try #require(writeCallCount()) - opened
        // More than a hundred frames in pieces of 124 KiB.
        #expect((1...16).contains(count), "\(count) calls")
    }

    private static func byteCount(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// How often this thread has called a function that writes, see proc_pid_io(5).
    private func writeCallCount() -> Int? {
        guard let file = fopen("/proc/thread-self/io", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        while fgets(&line, 128, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("syscw: ") { return Int(text.dropFirst(7).dropLast()) }
        }
        return nil
    }
}
