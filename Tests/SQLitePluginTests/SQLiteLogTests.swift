import CHoldfastProvider
import Glibc
import HoldfastTestSupport
import Testing

@Suite("SQLite log") struct SQLiteLogTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("log.db")
    }

    private func open(_ options: String = "") throws -> PluginStore {
        try PluginStore(path, options, role: HF_ROLE_LOG)
    }

    @Test("entries come back in order with dense numbers, also after a reopening")
    func roundTrip() throws {
        let log = try open()
        #expect(try log.bounds() == (1, 0, log.bounds().size))
        #expect(try log.append(["a", "", "\u{0}c"]) == 1)
        #expect(try log.append(["d"]) == 4)
        let identity = log.incarnation
        log.close()
        let again = try open()
        #expect(again.incarnation == identity && again.has(UInt64(1) << 4))
        #expect(try again.append(["e"]) == 5)
        #expect(try again.entries() == ["1:a", "2:", "3:\u{0}c", "4:d", "5:e"])
        #expect(try again.entries(from: 4) == ["4:d", "5:e"])
        #expect(try again.entries(from: 6).isEmpty)
        #expect(try again.entries(byteCountMax: 0) == ["1:a"])
        #expect(try again.entries(from: 3, byteCountMax: 3) == ["3:\u{0}c", "4:d"])
    }

    @Test("what is trimmed is gone, its numbers are never given again, and its room is used again")
    func trimming() throws {
        let log = try open()
        let entry = String(repeating: "x", count: 1000)
        for _ in 0..<100 { _ = try log.append(Array(repeating: entry, count: 100)) }
        let full = try log.bounds().size
        #expect(full > 10_000_000)
        try log.trim(before: 9000)
        #expect(try log.bounds().first == 9000 && log.bounds().last == 10_000)
        #expect(try log.bounds().size < full / 4)
        #expect(try log.entries(from: 1).count == 1001)
        try log.trim(before: 5)
        try log.trim(before: .max)
        #expect(try log.bounds().first == 10_001)
        log.close()
        let again = try open()
        #expect(try again.bounds().first == 10_001 && again.bounds().last == 10_000)
        #expect(try again.append(["next"]) == 10_001)
    }

    @Test("a log belongs to one process, which whoever comes second is told")
    func oneProcess() throws {
        let log = try open()
        let refusal = #expect(throws: PluginFailure.self) { try open() }
        #expect(refusal?.status == HF_E_UNAVAILABLE)
        #expect(refusal?.message.contains("is held by this process (\(getpid()))") == true)
        log.close()
        try open().close()
    }

    @Test("another process that holds a log is named by its number")
    func otherProcess() async throws {
        try open().close()
        let log = try open()
        await #expect(processExitsWith: .success) { [path = path as String, process = getpid() as Int32] in
            do {
                _ = try PluginStore(path, role: HF_ROLE_LOG)
            } catch let failure as PluginFailure {
                guard failure.message.contains("is held by process \(process)") else { throw failure }
                return
            }
            throw TestSupportError("the log was opened twice")
        }
        log.close()
    }

    @Test("a log that is full says so until it is trimmed")
    func bound() throws {
        let log = try open("\"max_size\": 200000")
        let entry = String(repeating: "x", count: 10_000)
        var count = 0
        let failure = #expect(throws: PluginFailure.self) {
            for _ in 0..<100 {
                _ = try log.append([entry])
                count += 1
            }
        }
        #expect(failure?.status == HF_E_EXHAUSTED && failure?.has(HF_ERROR_RETRYABLE) == true)
        #expect(failure?.message.contains("option \"max_size\" is 200000") == true)
        try log.trim(before: UInt64(count) + 1)
        #expect(try log.append([entry]) == UInt64(count) + 1)
    }

    @Test("a turned bit is reported, never read as an entry, and a salvage keeps the rest")
    func damage() throws {
        let log = try open()
        _ = try log.append((1...9).map { "entry number \($0)" })
        let identity = log.incarnation
        log.close()
        try RawDatabase(path).rows("UPDATE entries SET entry = CAST('entry numbe! 5' AS BLOB) WHERE lsn = 5")
        let damaged = try open()
        #expect(try damaged.verify() == ["0 1-4", "2 5-5", "0 6-9"])
        #expect(try damaged.entries().count == 8)
        let refusal = #expect(throws: PluginFailure.self) { try damaged.append(["x"]) }
        #expect(refusal?.status == HF_E_CORRUPT)
        #expect(throws: PluginFailure.self) { try damaged.ping() }
        #expect(try damaged.salvage() == 10)
        #expect(try damaged.append(["after"]) == 10)
        #expect(
            try damaged.entries().map { $0.prefix(2) } == [
                "1:", "2:", "3:", "4:", "6:", "7:", "8:", "9:", "10",
            ])
        damaged.close()
        let again = try open()
        #expect(again.incarnation == identity)
        #expect(try again.append(["more"]) == 11)
        try again.ping(integrity: true)
        let left = try CommandRun(["ls", directory.path], scratch: directory).output
        #expect(left.contains("log.db.damaged-") && !left.contains("salvaged"))
    }

    @Test("entries that are missing are noticed when the log is opened, and it is read-only")
    func missing() throws {
        let log = try open()
        _ = try log.append(["a", "b", "c", "d"])
        log.close()
        try RawDatabase(path).rows("DELETE FROM entries WHERE lsn = 2")
        let damaged = try open()
        let refusal = #expect(throws: PluginFailure.self) { try damaged.append(["x"]) }
        #expect(refusal?.message.contains("entries are missing: 3 of 4 after 0 are there") == true)
        #expect(try damaged.verify() == ["0 1-1", "2 2-2", "0 3-4"])
        #expect(try damaged.salvage() == 5)
        damaged.close()
        #expect(try open().append(["x"]) == 5)
    }

    @Test("a damaged page opens, and what lies before it is salvaged")
    func damagedPage() throws {
        let log = try open()
        for number in 0..<50 {
            _ = try log.append((0..<20).map { "\(number) \($0) " + String(repeating: "x", count: 300) })
        }
        log.close()
        var bytes = try TextFile.readBytes(path)
        for offset in 40 * 4096..<41 * 4096 { bytes[offset] = 0xFF }
        try directory.write(bytes, to: "log.db")
        let damaged = try open()
        #expect(try damaged.verify().contains { $0.hasPrefix("2 ") })
        let next = try damaged.salvage()
        #expect(next > 1)
        #expect(try damaged.append(["after"]) == next)
        try damaged.ping(integrity: true)
    }

    @Test(
        "a process that is killed while it appends leaves whole appends, all that it was told of",
        .timeLimit(.minutes(5)))
    func killed() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<6 {
            let clockReads = Int64.random(in: 5...120, using: &random)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, clockReads = clockReads as Int64] in
                let host = TestHost()
                let log = try PluginStore(path, role: HF_ROLE_LOG, host: host)
                host.dieAfter(clockReads: clockReads)
                while true {
                    let call = TestCall(deadline: host.nanoseconds + 60_000_000_000)
                    let first = try log.append((0..<10).map { "\($0)" }, call: call)
                    // What was acknowledged is written down where a kill does not reach it.
                    let note = Glibc.open(path + ".acknowledged", O_WRONLY | O_CREAT, 0o600)
                    let text = Array("\(first + 9)".utf8)
                    pwrite(note, text, text.count, 0)
                    close(note)
                }
            }
            let log = try open()
            let bounds = try log.bounds()
            let acknowledged = UInt64(try TextFile.read(path + ".acknowledged")) ?? 0
            #expect(bounds.last >= acknowledged && bounds.last % 10 == 0, "seed \(seed)")
            #expect(try log.entries().count == Int(bounds.last), "seed \(seed)")
            #expect(try log.verify() == ["0 1-\(bounds.last)"], "seed \(seed)")
        }
    }
}
