import CHoldfastProvider
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite("SQLite store") struct SQLiteStoreTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("history.db")
    }

    @Test("a document and a list come back byte for byte, newest first or last")
    func roundTrip() throws {
        let store = try PluginStore(path)
        #expect(try store.put(TestRecord(version: 1, "{\"b\":1, \"a\":1.0}")) == .applied)
        for id in 2...6 as ClosedRange<UInt64> { try store.put(TestRecord(id: id, "item \(id)")) }
        #expect(try store.get()?.text == "{\"b\":1, \"a\":1.0}")
        #expect(try store.get()?.version == 1)
        #expect(try store.list(limit: 3, reversed: true).map(\.id) == [6, 5, 4])
        #expect(try store.list(after: 2, before: 5).map(\.text) == ["item 3", "item 4"])
        #expect(try store.list(limit: 0).count == 5)
        #expect(try store.get("other") == nil)
        #expect(try store.list("other").isEmpty)
    }

    @Test("a page of rows that are handed over together is whole and in order, and stops where the host does")
    func rows() throws {
        let store = try PluginStore(path)
        let sizes = (0..<200).map { [0, 300, 1, 50_000, 131_072, 131_073, 7][$0 % 7] }
        for (index, size) in sizes.enumerated() {
            try store.put(
                TestRecord("k", id: UInt64(index + 1), bytes: [UInt8](repeating: UInt8(index), count: size)))
        }
        for reversed in [false, true] {
            let records = try store.list("k", reversed: reversed)
            let ids = records.map(\.id)
            #expect(ids == (reversed ? (1...200).reversed() : Array(1...200)))
            for record in records {
                let index = Int(record.id) - 1
                #expect(record.value == [UInt8](repeating: UInt8(index), count: sizes[index]))
            }
        }
        let stopped = try store.list("k", countMax: 2).map(\.id)
        #expect(stopped.count < 200)
        #expect(stopped == Array(1...UInt64(stopped.count)))
    }

    @Test(
        "values survive whatever they are",
        arguments: [
            [], [0], [0x22, 0, 0x22], [0xFF, 0xFE, 0xC0], Array("\"\\ud800\"".utf8),
            Array("9223372036854775808".utf8),
            Array(repeating: 0x61, count: 5 << 20),
        ] as [[UInt8]])
    func hostileValues(value: [UInt8]) throws {
        let store = try PluginStore(path)
        try store.put(TestRecord("json", version: 1, bytes: value))
        try store.put(TestRecord("bytes", id: 2, bytes: value, flags: HF_RECORD_BYTES))
        store.close()
        let reopened = try PluginStore(path)
        #expect(try reopened.get("json")?.value == value)
        let item = try reopened.list("bytes").first
        #expect(item?.value == value && item?.flags == UInt32(HF_RECORD_BYTES))
    }

    @Test(
        "keys are data: what looks like a pattern, a path or SQL is none",
        arguments: [
            "%", "_", "..", "a/b", "#", "'; DROP TABLE records; --", "\"", "ключ", "🙂",
            "~x", " ", "?1", "\\",
        ])
    func hostileKeys(key: String) throws {
        let store = try PluginStore(path)
        try store.put(TestRecord("plain", version: 1, "1"))
        try store.put(TestRecord(key, ns: key, version: 1, "2"))
        try store.put(TestRecord(key, version: 1, "3"))
        #expect(try store.get(key, ns: key)?.text == "2")
        #expect(try store.query(prefix: key).map(\.key) == [key])
        #expect(try store.query(ns: key).map(\.text) == ["2"])
        try store.apply([.drop(key, upTo: 9)])
        #expect(try store.get(key) == nil)
        #expect(try store.get("plain")?.text == "1")
    }

    @Test("an atomic batch with a refused change leaves nothing, and says of each change what it met")
    func atomicBatch() throws {
        let store = try PluginStore(path)
        try store.put(TestRecord(id: 5, "first"))
        let outcomes = try store.apply(
            [
                .put(TestRecord(id: 7, "second"), if: HF_IF_NEWEST),
                .put(TestRecord(id: 6, "late"), if: HF_IF_NEWEST),
                .put(TestRecord("d", version: 8, "document"), if: HF_IF_VERSION, expected: 3),
                .check(TestRecord("d"), if: HF_IF_VERSION),
                .put(TestRecord(id: 7, version: 9, "edit"), if: HF_IF_EXISTS),
            ], atomic: true)
        #expect(outcomes == [.applied, .stale(7), .conflict(0), .applied, .applied])
        #expect(try store.list().map(\.text) == ["first"])
        // The rolled back items must not be remembered either.
        #expect(try store.put(TestRecord(id: 6, "now")) == .applied)
        let kept = try store.apply(
            [
                .put(TestRecord(id: 4, "refused"), if: HF_IF_NEWEST),
                .put(TestRecord(id: 8, "stands"), if: HF_IF_NEWEST),
            ])
        #expect(kept == [.stale(6), .applied])
        #expect(try store.list().map(\.id) == [5, 6, 8])
    }

    @Test("every sequence of changes has the outcomes and the state of the model", arguments: 0..<24)
    func agreesWithModel(round: UInt64) throws {
        var random = SeededRandom(seed: 0x5EED + round)
        let host = TestHost()
        let store = try PluginStore(path, host: host)
        let other = try PluginStore(path, host: host)
        var model: [String: KeyState] = [:]
        let now = host.milliseconds
        for _ in 0..<60 {
            let batch = (0..<Int.random(in: 1...6, using: &random)).map { _ in ModelChange(&random, now: now)
            }
            let isAtomic = Bool.random(using: &random)
            // Two writers: what one remembers, the other may have made wrong.
            let writer = Bool.random(using: &random) ? store : other
            let outcomes = try writer.apply(batch.map(\.change), atomic: isAtomic)
            var next = model
            var expected: [TestOutcome] = []
            for step in batch {
                expected.append(next[step.change.record.key, default: KeyState()].outcome(of: step, at: now))
            }
            #expect(outcomes == expected, "seed \(0x5EED + round)")
            let stands = expected.allSatisfy { $0 == .applied || $0 == .unchanged }
            if !isAtomic || stands { model = next }
        }
        let raw = try store.query(ns: "", HF_QUERY_DOCUMENTS | HF_QUERY_ITEMS | HF_QUERY_RAW)
        #expect(raw.map(\.description) == model.raw().map(\.description), "seed \(0x5EED + round)")
        let keys = model.keys.sorted()
        let answers = try store.readAll(keys)
        for (index, key) in keys.enumerated() {
            let state = model[key, default: KeyState()]
            #expect(
                answers[2 * index].map(\.version) == state.visibleDocument(at: now), "seed \(0x5EED + round)")
            #expect(answers[2 * index + 1].map(\.id) == state.visibleItems(at: now), "seed \(0x5EED + round)")
        }
        try store.ping(integrity: true)
    }

    @Test("what expired is not read, and nothing late brings back what it replaced")
    func expiry() throws {
        let host = TestHost()
        let store = try PluginStore(path, "\"tombstone_retention\": 3600000", host: host)
        let soon = host.milliseconds + 50_000
        try store.put(TestRecord(version: 1, "old"))
        try store.put(TestRecord(version: 2, "short-lived", expires: soon))
        try store.put(TestRecord(id: 3, "item", expires: soon))
        #expect(try store.get()?.text == "short-lived")
        host.advance(milliseconds: 60_000)
        #expect(try store.get() == nil)
        #expect(try store.list().isEmpty)
        let everything = HF_QUERY_DOCUMENTS | HF_QUERY_ITEMS | HF_QUERY_RAW
        #expect(try store.query(everything).map(\.text) == ["short-lived", "item"])
        host.advance(milliseconds: 120_000)
        try store.flush()
        #expect(try store.query(everything).map(\.description) == ["n/k#0@2=", "n/k#3@3="])
        #expect(try store.put(TestRecord(version: 1, "old")) == .unchanged)
        #expect(try store.put(TestRecord(version: 2, "short-lived", expires: soon)) == .unchanged)
        host.advance(milliseconds: 7_200_000)
        try store.apply([.drop("floored", upTo: 9)])
        #expect(try store.query(everything).count == 1)
        host.advance(milliseconds: 7_200_000)
        try store.flush()
        #expect(try store.query(everything).isEmpty)
    }

    @Test("records past their time are found by their indexes, not by reading the table")
    func purgePlans() throws {
        try PluginStore(path).close()
        let raw = try RawDatabase(path)
        for (condition, index) in [
            (
                "expires > 0 AND flags & 512 = 0 AND expires < 5 ORDER BY expires",
                "records_expiring (expires>? AND"
            ),
            (
                "flags & 514 <> 0 AND version < x'05' AND expires < 5 ORDER BY version",
                "records_removed (version<?)"
            ),
        ] {
            let plan = try raw.rows("EXPLAIN QUERY PLAN SELECT ns, key, id FROM records WHERE \(condition)")
            #expect(plan.count == 1 && plan[0].contains(index), "\(plan)")
        }
    }

    @Test("a call that is over before it begins does nothing, and says why")
    func deadlines() throws {
        let store = try PluginStore(path)
        let late = #expect(throws: PluginFailure.self) {
            try store.apply([.put(TestRecord(id: 1))], call: TestCall(deadline: 1))
        }
        #expect(late?.status == HF_E_TIMEOUT)
        let cancelled = #expect(throws: PluginFailure.self) {
            try store.apply([.put(TestRecord(id: 1))], call: TestCall(isCancelled: true))
        }
        #expect(cancelled?.status == HF_E_CANCELLED)
        #expect(try store.list().isEmpty)
    }
}
