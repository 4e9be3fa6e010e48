import CHoldfastProvider
import Glibc
import HoldfastTestSupport
import Testing

@Suite("SQLite checkpoints") struct SQLiteCheckpointTests {
    private static let options = "\"checkpoint_size\": 65536"

    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("history.db")
    }

    @Test(
        "a WAL is copied into the file while it is written, and begins anew",
        arguments: [("full", 65_536), ("normal", 65_536), ("normal", 1_572_864)])
    func copied(synchronous: String, checkpointByteCount: Int) throws {
        // The largest is written back in steps before it is copied.
        let store = try PluginStore(
            path, "\"checkpoint_size\": \(checkpointByteCount), \"synchronous\": \"\(synchronous)\"")
        var batch: UInt64 = 0
        // As often as the thread needs; without copies the file never grows, and without a new beginning the WAL is larger.
        repeat {
            batch += 1
            try write(batch, to: store)
        } while batch < 5000 && (size(path) < 1 << 20 || size("\(path)-wal") > size(path) / 2)
        #expect(size(path) >= 1 << 20)
        #expect(size("\(path)-wal") <= size(path) / 2, "after \(batch) batches")
        #expect(try store.get("mark")?.version == batch)
        store.close()
    }

    @Test("a store that closes while its WAL is copied leaves one whole file")
    func closed() throws {
        for round in 1...8 as ClosedRange<UInt64> {
            let store = try PluginStore(path, Self.options)
            // Enough to begin a copy, never the same number.
            for batch in 1...(4 + round) { try write(round * 100 + batch, to: store) }
            store.close()
            #expect(size("\(path)-wal") == 0)
        }
        let store = try PluginStore(path)
        try store.ping(integrity: true)
        #expect(try store.get("mark")?.version == 812)
        #expect(try store.list("list").count == (1...8).reduce(0) { $0 + (4 + $1) * 20 })
    }

    /// Some 20 kB of items, and a document that says which batch it was.
    private func write(_ batch: UInt64, to store: PluginStore) throws {
        var changes = (1...20 as ClosedRange<UInt64>).map { item in
            TestChange.put(
                TestRecord("list", id: batch * 100 + item, String(repeating: "x", count: 1000)),
                if: HF_IF_NEWEST)
        }
        changes.append(.put(TestRecord("mark", version: batch, "\(batch)")))
        #expect(try store.apply(changes, atomic: true).allSatisfy { $0 == .applied })
    }

    private func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
