import CHoldfastProvider
import Glibc
import HoldfastTestSupport
import Testing

@Suite("SQLite crashes and company") struct SQLiteCrashTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("history.db")
    }

    /// Writes batches of 50 items and a document that counts them, as a chain writes its mark.
    static func writeBatches(_ path: String, dieAfter clockReads: Int64) throws {
        let host = TestHost()
        let store = try PluginStore(path, "\"checkpoint_size\": 65536", host: host)
        let start = try store.get("mark")?.version ?? 0
        host.dieAfter(clockReads: clockReads)
        for batch in start + 1...start + 1000 {
            var changes = (1...50 as ClosedRange<UInt64>).map { item in
                TestChange.put(
                    TestRecord("list", id: batch * 100 + item, "\(batch) \(item)"), if: HF_IF_NEWEST)
            }
            changes.append(.put(TestRecord("mark", version: batch, "\(batch * 50)")))
            let call = TestCall(deadline: host.nanoseconds + 60_000_000_000)
            let outcomes = try store.apply(changes, atomic: true, call: call)
            guard outcomes.allSatisfy({ $0 == .applied }) else { throw TestSupportError("\(outcomes)") }
        }
    }

    @Test(
        "a process that is killed inside of batches leaves whole batches, and the next one goes on",
        .timeLimit(.minutes(5)))
    func killed() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var last: UInt64 = 0
        for _ in 0..<12 {
            let clockReads = Int64.random(in: 20...400, using: &random)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, clockReads = clockReads as Int64] in
                try SQLiteCrashTests.writeBatches(path, dieAfter: clockReads)
            }
            let store = try PluginStore(path)
            let batch = try store.get("mark")?.version ?? 0
            #expect(batch >= last, "seed \(seed)")
            last = batch
            let items = try store.list("list")
            #expect(items.count == Int(batch) * 50, "seed \(seed)")
            #expect(items.map(\.id) == items.map(\.id).sorted(), "seed \(seed)")
            try store.ping(integrity: true)
        }
        #expect(last > 0, "seed \(seed)")
    }

    /// Appends with the live rule, and takes another id where somebody was faster, as a host does.
    ///
    /// One process has the odd numbers, the other the even ones: no two hosts make the same version.
    static func append(_ name: String, from start: UInt64, count: Int, to path: String) throws {
        let store = try PluginStore(path)
        var next = start
        for number in 0..<count {
            while true {
                let outcome = try store.put(
                    TestRecord("shared", id: next, "\(name) \(number)"), if: HF_IF_NEWEST)
                next += 2
                if outcome == .applied { break }
                guard outcome.status == HF_E_STALE else { throw TestSupportError("\(outcome)") }
                next = max(next, outcome.seen + 1 + (outcome.seen + 1 + start) % 2)
            }
        }
    }

    @Test(
        "two processes write one list: nothing is lost, and each one's order is kept", .timeLimit(.minutes(5))
    )
    func twoProcesses() async throws {
        try PluginStore(path).close()
        let reader = try PluginStore(path)
        async let own: Void = SQLiteCrashTests.append("parent", from: 2, count: 300, to: path)
        await #expect(processExitsWith: .success) { [path = path as String] in
            try SQLiteCrashTests.append("child", from: 1, count: 300, to: path)
        }
        try await own
        let items = try reader.list("shared")
        #expect(items.count == 600)
        for name in ["parent", "child"] {
            let own = items.map(\.text).filter { $0.hasPrefix(name) }
            #expect(own == (0..<300).map { "\(name) \($0)" })
        }
    }

    @Test("many who open a file that is not there make one file, and all of them write to it")
    func openedAtOnce() async throws {
        for round in 0..<5 {
            let path = directory.file("made-\(round)/history.db")
            let incarnations = try await withThrowingTaskGroup(of: String.self) { group in
                for opener in 1...6 as ClosedRange<UInt64> {
                    group.addTask {
                        let store = try PluginStore(path, indexes: "{\"n\": [\"kind\"]}")
                        try store.put(TestRecord(id: opener, "{\"kind\": \(opener)}"))
                        return store.incarnation
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(incarnations).count == 1)
            let store = try PluginStore(path)
            #expect(try store.list().map(\.id) == [1, 2, 3, 4, 5, 6])
            #expect(try store.query(matches: [("kind", "4")]).map(\.id) == [4])
        }
    }

    @Test("a writer that waits too long is told that another one is busy, and may try again")
    func busy() throws {
        let store = try PluginStore(path, "\"busy_timeout\": 20")
        let raw = try RawDatabase(path)
        try raw.rows("BEGIN IMMEDIATE")
        let failure = #expect(throws: PluginFailure.self) { try store.put(TestRecord(id: 1, "x")) }
        #expect(failure?.status == HF_E_UNAVAILABLE && failure?.has(HF_ERROR_RETRYABLE) == true)
        #expect(failure?.vendorCode == 5)
        let host = store.host
        let late = #expect(throws: PluginFailure.self) {
            try store.apply(
                [.put(TestRecord(id: 1, "x"))], call: TestCall(deadline: host.nanoseconds + 5_000_000))
        }
        #expect(late?.status == HF_E_TIMEOUT)
        #expect(try store.list().isEmpty)
        try raw.rows("ROLLBACK")
        #expect(try store.put(TestRecord(id: 1, "x")) == .applied)
    }

    @Test("a deadline that passes inside of a call takes all of it back, or none of it")
    func lateAnywhere() throws {
        let host = TestHost()
        let store = try PluginStore(path, host: host)
        var next: UInt64 = 1
        var lateCount = 0
        var appliedCount = 0
        for _ in 0..<12 {
            for clockReads in 1...15 as ClosedRange<Int64> {
                let changes = (next..<next + 150).map {
                    TestChange.put(TestRecord(id: $0, "x"), if: HF_IF_NEWEST)
                }
                let call = TestCall(deadline: host.nanoseconds + 1_800_000_000_000)
                host.beLateAfter(clockReads: clockReads)
                do {
                    try store.apply(changes, call: call)
                    appliedCount += 1
                    next += 150
                } catch let failure as PluginFailure {
                    #expect(failure.status == HF_E_TIMEOUT)
                    lateCount += 1
                }
                host.beLateAfter(clockReads: .max)
                #expect(try store.list(after: next > 151 ? next - 151 : 0).last?.id ?? 0 == next - 1)
                #expect(try store.readAll(["none"]).allSatisfy(\.isEmpty))
            }
        }
        #expect(lateCount > 10 && appliedCount > 10)
        #expect(try store.list().count == Int(next) - 1)
    }

    @Test("a file that is deleted or replaced makes the store dead; the new file is another one")
    func replaced() throws {
        let store = try PluginStore(path)
        let reader = try PluginStore(path)
        try store.put(TestRecord(id: 1, "lost"))
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        for attempt in 0..<2 {
            let failures = [
                #expect(throws: PluginFailure.self) { try store.put(TestRecord(id: 2, "x")) },
                #expect(throws: PluginFailure.self) { try store.ping() },
                #expect(throws: PluginFailure.self) { try reader.list() },
                #expect(throws: PluginFailure.self) { try store.flush() },
            ]
            for failure in failures {
                #expect(failure?.status == HF_E_UNAVAILABLE && failure?.has(HF_ERROR_STORE_DEAD) == true)
            }
            guard attempt == 0 else { break }
            let fresh = try PluginStore(path)
            #expect(fresh.incarnation != store.incarnation)
            #expect(try fresh.list().isEmpty)
        }
    }

    /// Fills a quota that stands in for a disk: no file of this process may grow above it.
    static func fillDisk(_ path: String) throws {
        let store = try PluginStore(path, "\"checkpoint_size\": 65536")
        try store.put(TestRecord(id: 1, "before"))
        let big = String(repeating: "x", count: 8 << 20)
        signal(SIGXFSZ, SIG_IGN)
        var quota = rlimit(rlim_cur: 4 << 20, rlim_max: .max)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &quota)
        let failure = #expect(throws: PluginFailure.self) { try store.put(TestRecord(id: 2, big)) }
        quota.rlim_cur = .max
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &quota)
        #expect(failure?.status == HF_E_EXHAUSTED, "\(String(describing: failure))")
        #expect(failure?.has(HF_ERROR_RETRYABLE) == true)
        #expect(try store.list().map(\.text) == ["before"])
        #expect(try store.put(TestRecord(id: 2, big)) == .applied)
    }

    @Test("a disk that is full is said to be full, and the store goes on when there is room")
    func full() async throws {
        await #expect(processExitsWith: .success) { [path = path as String] in
            try SQLiteCrashTests.fillDisk(path)
        }
    }
}
