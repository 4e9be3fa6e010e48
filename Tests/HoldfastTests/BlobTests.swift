import Holdfast
import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

@testable import Holdfast

@Suite("Blobs") struct BlobTests {
    private let clock = ManualClock()
    private let backend: MemoryBackend
    private let store: HistoryStore

    init() {
        backend = MemoryBackend(clock: clock)
        store = HistoryStore(
            backend: backend, clock: clock, blobs: BlobSettings(threshold: 256, digest: Self.digest))
    }

    /// Not SHA-256, but as wide, and different for different contents of a test.
    private static func digest(_ bytes: Bytes) -> [UInt8] {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        return (0..<32).map { round in
            for byte in bytes.array { state = (state ^ UInt64(byte) ^ UInt64(round)) &* 0x100_0000_01B3 }
            return UInt8(truncatingIfNeeded: state >> 32)
        }
    }

    private func stored(_ namespace: String) async throws -> [Record] {
        try await backend.query(Query(namespace: Bytes(namespace)), CallOptions()).records
    }

    private static let large = String(repeating: "iVBORw0KGgo\\n\\u0000ü", count: 40)

    @Test("a large string of a message is stored once, apart, and nobody who reads sees it")
    func large() async throws {
        let lists = store.lists("talks")
        let first = #"{"role":"user","content":[{"data":"\#(Self.large)"},{"text":"look"}],"role":"user"}"#
        let second = #"["\#(Self.large)","\#(Self.large)"]"#
        try await lists.append([.json(Bytes(first)), .json("1")], to: "a")
        try await lists.append(.json(Bytes(second)), to: "b")
        #expect(try await lists.page(of: "a").map(\.bytes) == [Bytes(first), "1"])
        #expect(try await lists.page(of: "b").map(\.bytes) == [Bytes(second)])
        #expect(try await lists.scan().map(\.bytes) == [Bytes(first), "1", Bytes(second)])
        let selected = try await lists.select(Selection(where: Operand.member("role").equals("user")))
        #expect(selected.map(\.bytes) == [Bytes(first)])
        #expect(try await stored("~blobs").count == 1)
        #expect(try await stored("talks").allSatisfy { $0.value.count < 300 })
    }

    @Test("a large value that is not JSON is kept apart whole")
    func bytes() async throws {
        let value = Bytes((0..<1000).map { UInt8(truncatingIfNeeded: $0) })
        let documents = store.documents("files")
        let receipt = try await documents.put(.bytes(value), at: "a")
        #expect(receipt.versions.count == 1)
        #expect(try await documents.get("a").bytes == value)
        #expect(try await stored("files").first.map { $0.value.count < 120 } == true)
    }

    @Test(
        "what looks like one of our marks comes back as it was written",
        arguments: [
            #"["\u0000holdfast.blob/1:"]"#, #"{"\u0000holdfast.blob/1:x":1}"#,
            #"["\u0000holdfast.blob/1:\#(String(repeating: "a", count: 64)):12"]"#,
            #"["x\u0000holdfast.blob/1:"]"#, #"["\\u0000holdfast.blob/1:"]"#,
            #"["\u0000\u0068oldfast.blob/1:"]"#,
        ])
    func marks(json: String) async throws {
        let plain = Bytes(BlobReference.bytesMark.array + Array("not ours".utf8))
        // With settings, without, and on top of a store that has taken the marks away before.
        let stores = [
            store, HistoryStore(backend: backend, clock: clock),
            HistoryStore(backend: store.backend, clock: clock),
        ]
        for writer in stores {
            try await writer.documents("state").put(.json(Bytes(json)), at: "k")
            try await writer.documents("state").put(.bytes(plain), at: "b")
            for reader in stores {
                #expect(try await reader.documents("state").get("k").bytes == Bytes(json))
                #expect(try await reader.documents("state").get("b").bytes == plain)
                #expect(try await reader.documents("state").scan().map(\.bytes) == [plain, Bytes(json)])
            }
        }
        #expect(try await stored("~blobs").isEmpty)
    }

    @Test("a large string that looks like a mark, and one beside a mark, come back as they were written")
    func largeMarks() async throws {
        let mark = BlobReference.literalMark.description
        let json = Bytes(#"["\#(mark)=x","\#(mark)\#(Self.large)",{"\#(mark)":"\#(Self.large)"},"\#(mark)"]"#)
        try await store.documents("state").put(.json(json), at: "k")
        #expect(try await store.documents("state").get("k").bytes == json)
        #expect(try await stored("~blobs").count == 2)
        clock.advance(by: .seconds(1))
        #expect(try await store.collectBlobs(grace: .zero).unusedCount == 0)
        #expect(try await store.documents("state").get("k").bytes == json)
    }

    @Test("a retry with an idempotency key gets the first answer, its ids and no others")
    func idempotency() async throws {
        let options = WriteOptions(idempotencyKey: "once")
        let value = Value.json(Bytes("\"\(Self.large)\""))
        let first = try await store.lists("talks").append([value, .json("1")], to: "a", options)
        let again = try await store.lists("talks").append([value, .json("1")], to: "a", options)
        #expect(again.isReplay && again.versions == first.versions && first.versions.count == 2)
    }

    @Test("a store without settings reads what was kept apart before")
    func withoutSettings() async throws {
        let json = Bytes("\"\(Self.large)\"")
        try await store.documents("state").put(.json(json), at: "k")
        #expect(
            try await HistoryStore(backend: backend, clock: clock).documents("state").get("k").bytes == json)
    }

    @Test("where a content was taken out is said by the member, or by no name where there is none")
    func places() async throws {
        for (key, json) in [
            ("a", #"{"é/%":"\#(Self.large)","n":[1,{"x":"y"}]}"#), ("b", #"["\#(Self.large)"]"#),
            ("c", #"{"\#(Self.large)":1}"#), ("d", #"{"x":"\#(Self.large)","\#(Self.large)":"y"}"#),
        ] {
            try await store.documents("n\(key)").put(.json(Bytes(json)), at: "k")
            #expect(try await store.documents("n\(key)").get("k").bytes == Bytes(json))
        }
        try await store.documents("bytes").put(.bytes(Bytes(Self.large)), at: "k")
        #expect(
            try await stored("~blob-places").map(\.key.description) == [
                "na/é%2F%25", "nb/", "nc/", "nd/", "nd/x",
            ])
    }

    @Test("a content that is gone is an error, never an empty or a shorter value")
    func missing() async throws {
        try await store.documents("state").put(.json(Bytes("\"\(Self.large)\"")), at: "k")
        for blob in try await stored("~blobs") {
            _ = try await backend.write(
                WriteRequest([Change(.drop, Record(namespace: blob.namespace, key: blob.key))]))
        }
        await #expect { try await store.documents("state").get("k") } throws: { error in
            (error as? HoldfastError)?.code == .corrupt
        }
    }

    @Test("a collection removes what nothing refers to, after the grace, and nothing else")
    func collection() async throws {
        let documents = store.documents("state")
        try await documents.put(.json(Bytes("\"\(Self.large)1\"")), at: "kept")
        try await documents.put(.json(Bytes("\"\(Self.large)2\"")), at: "gone")
        try await documents.delete("gone")
        #expect(try await store.collectBlobs().removedCount == 0)
        clock.advance(by: .seconds(90_000))
        #expect(try await store.collectBlobs(isDryRun: true).removedCount == 1)
        #expect(try await stored("~blobs").count == 2)
        let report = try await store.collectBlobs()
        #expect(report.removedCount == 1 && report.blobCount == 2 && report.recordCount == 1)
        #expect(try await stored("~blobs").count == 1)
        #expect(try await documents.get("kept").bytes == Bytes("\"\(Self.large)1\""))
        try await documents.put(.json(Bytes("\"\(Self.large)2\"")), at: "again")
        #expect(try await documents.get("again").bytes == Bytes("\"\(Self.large)2\""))
    }

    @Test("a collection of many contents counts each, and leaves those that are in use")
    func collectionOfMany() async throws {
        let documents = store.documents("state")
        for number in 0..<150 {
            try await documents.put(.json(Bytes("\"\(Self.large)\(number)\"")), at: "\(number)")
            if number % 3 != 0 { try await documents.delete("\(number)") }
        }
        let report = try await store.collectBlobs(grace: .zero)
        #expect(report.blobCount == 150 && report.unusedCount == 100 && report.removedCount == 100)
        #expect(try await stored("~blobs").count == 50)
        #expect(try await stored("~blob-uses").count == 50)
        for number in stride(from: 0, to: 150, by: 3) {
            let value = try await documents.get("\(number)").bytes
            #expect(value == Bytes("\"\(Self.large)\(number)\""))
        }
    }

    @Test("a store that does not see references collects nothing, and says so")
    func blindCollection() async throws {
        try await store.documents("state").put(.json(Bytes("\"\(Self.large)\"")), at: "kept")
        clock.advance(by: .seconds(90_000))
        let settings = BlobSettings(threshold: 256, digest: Self.digest)
        let tenant = try store.confined(to: "acme")
        for blind in [
            HistoryStore(backend: backend, clock: clock), tenant,
            HistoryStore(backend: tenant.backend, clock: clock),
            HistoryStore(backend: tenant.backend, clock: clock, blobs: settings),
        ] {
            await #expect { try await blind.collectBlobs(grace: .zero) } throws: { error in
                (error as? HoldfastError)?.code == .unsupported
            }
        }
        #expect(try await stored("~blobs").count == 1)
    }

    @Test("a store on top of another lets that one collect")
    func storeOnTop() async throws {
        let documents = store.documents("state")
        for key in ["kept", "gone"] {
            try await documents.put(.json(Bytes("\"\(Self.large)\(key)\"")), at: key)
        }
        try await documents.delete("gone")
        let settings = BlobSettings(threshold: 256, digest: Self.digest)
        for top in [
            HistoryStore(backend: store.backend, clock: clock),
            HistoryStore(backend: store.backend, clock: clock, blobs: settings),
        ] {
            _ = try await top.collectBlobs(grace: .zero)
            #expect(try await stored("~blobs").count == 1)
        }
        #expect(try await documents.get("kept").bytes == Bytes("\"\(Self.large)kept\""))
    }

    @Test("a content that two tenants share goes with the last of them")
    func tenants() async throws {
        let value = Value.json(Bytes("\"\(Self.large)\""))
        let tenants = [try store.confined(to: "acme"), try store.confined(to: "b")]
        for tenant in tenants { try await tenant.documents("state").put(value, at: "k") }
        #expect(try await store.blobs().blobCount == 1)
        for tenant in tenants {
            clock.advance(by: .seconds(1))
            #expect(try await store.collectBlobs(grace: .zero).removedCount == 0)
            #expect(try await tenant.documents("state").get("k").bytes == value.bytes)
            try await tenant.documents("state").delete("k")
        }
        #expect(try await store.blobs().unusedByteCount == Self.large.utf8.count)
        #expect(try await store.collectBlobs(grace: .zero).removedCount == 1)
    }

    @Test("a dry run counts what nothing refers to, also within the grace")
    func counts() async throws {
        let documents = store.documents("state")
        try await documents.put(.json(Bytes("\"\(Self.large)1\"")), at: "kept")
        try await documents.put(.json(Bytes("\"\(Self.large)2\"")), at: "gone")
        try await documents.delete("gone")
        let size = Self.large.utf8.count + 1
        var report = try await store.blobs()
        #expect(report.blobCount == 2 && report.byteCount == 2 * size)
        #expect(report.unusedCount == 1 && report.unusedByteCount == size && report.removedCount == 0)
        clock.advance(by: .seconds(90_000))
        report = try await store.blobs()
        #expect(report.removedCount == 1 && report.removedByteCount == size)
        report = try await store.collectBlobs()
        #expect(report.removedByteCount == size && report.unusedCount == 1)
        report = try await store.blobs()
        #expect(report.blobCount == 1 && report.byteCount == size && report.unusedCount == 0)
    }

    @Test("a query that asks about strings where contents are apart says so, and no other does")
    func queries() async throws {
        let lists = store.lists("talks")
        let message = #"{"role":"user","n":1,"content":"\#(Self.large)","tags":["a"]}"#
        try await lists.append(.json(Bytes(message)), to: "a")
        try await store.lists("quiet").append(.json(#"{"content":"short"}"#), to: "a")
        func isFlagged(
            _ predicate: Predicate?, order: [Selection.Order] = [], in namespace: String = "talks"
        ) async throws -> Bool {
            let selection = Selection(where: predicate, order: order)
            let page = try await store.lists(namespace).select(selection)
            #expect(page.degradations.isEmpty || page.degradations == [.contentsApart])
            return !page.degradations.isEmpty
        }
        let content = Operand.member("content")
        let long = Filter.Scalar(String(repeating: "x", count: 50))
        for predicate in [
            content.contains("iVBOR"), !content.hasPrefix("i"), content.isLess(than: "z"),
            content.equals(long),
            Operand.pointer("").hasWords(["look"]), content.isIn([1, long]),
            Operand.member("role").equals("user") && content.contains("x"),
            content.anyElement(where: Operand.pointer("").contains("x")), content.equals("\u{0}"),
        ] {
            #expect(try await isFlagged(predicate))
            #expect(try await !isFlagged(predicate, in: "quiet"))
        }
        for predicate in [
            content.exists, content.isKind(.string), content.equals("short"), content.isLess(than: 3),
            Operand.member("role").contains("us"), Operand.key.hasPrefix("a"),
            Operand.member("tags").anyElement(where: Operand.pointer("").contains("a")),
        ] {
            #expect(try await !isFlagged(predicate))
        }
        #expect(try await isFlagged(nil, order: [.ascending(content)]))
        #expect(try await !isFlagged(nil, order: [.ascending(.member("n")), .descending(.id)]))
        let groups = try await lists.groups(by: [content], [.sum(of: content)])
        #expect(groups.degradations == [.contentsApart])
        #expect(try await lists.groups(by: [], [.sum(of: content)]).degradations.isEmpty)
        #expect(try await lists.scan(Scan(where: [Filter("content", equals: long)])).degradations.count == 1)
        #expect(try await lists.scan(Scan(where: [Filter("content", equals: "x")])).degradations.isEmpty)
        try await lists.clear("a")
        clock.advance(by: .seconds(90_000))
        #expect(try await store.collectBlobs().removedCount == 1)
        #expect(try await !isFlagged(content.contains("iVBOR")))
    }

    @Test("a daemon collects when it is time, and not again because it or another was restarted")
    func service() async throws {
        let outcomes = Guarded<[BlobService.Outcome]>([])
        func service() -> BlobService {
            BlobService(store, interval: .seconds(7200)) { outcome in outcomes.withLock { $0.append(outcome) }
            }
        }
        var counts: [Int] = []
        for seconds in [0, 3600, 3500, 200] {
            clock.advance(by: .seconds(seconds))
            await service().collectIfDue()
            counts.append(outcomes.withLock { $0.count })
        }
        #expect(counts == [1, 1, 1, 2])
        let lock = try await store.lock("blobs")
        await service().collectIfDue()
        guard case .busy = outcomes.withLock({ $0.last }) else {
            Issue.record("expected that another was at it")
            return
        }
        try await lock.unlock()
    }

    @Test("a content that is used again while it is collected stays")
    func usedMeanwhile() async throws {
        let value = Bytes("\"\(Self.large)\"")
        try await store.documents("state").put(.json(value), at: "a")
        try await store.documents("state").delete("a")
        // The write of the collection is its last step; what comes before it is a writer's whole batch.
        let uses = try await stored("~blob-uses")
        let stub = try #require(
            BlobText(threshold: 256, digest: Self.digest).stub(of: value, isJSON: true))
        await backend.race { backend in
            for use in uses { backend.put(use) }
            backend.put(Record(namespace: "state", key: "b", value: stub.value))
        }
        #expect(try await store.collectBlobs(grace: .zero).removedCount == 0)
        #expect(try await store.documents("state").get("b").bytes == value)
    }

    @Test("who reads while record and content are removed sees the record gone, and nothing corrupt")
    func readMeanwhile() async throws {
        try await store.documents("state").put(.json(Bytes("\"\(Self.large)\"")), at: "a")
        let reader = HistoryStore(
            backend: RemovingBackend(backend: backend, store: store), clock: clock,
            blobs: BlobSettings(threshold: 256, digest: Self.digest))
        #expect(try await reader.documents("state").get(["a"]).content == [nil])
    }

    @Test("namespaces that hold anything are listed in order, page by page, without those of the host")
    func namespaces() async throws {
        for name in ["b", "a/x", "a", "é", "a\u{1}"] {
            try await store.documents(name).put(.json("1"), at: "k")
        }
        try await store.documents("was").put(.json("1"), at: "k")
        try await store.documents("was").delete("k")
        try await store.documents("c").put(.json(Bytes("\"\(Self.large)\"")), at: "k")
        #expect(try await Array(store.namespaces()) == ["a", "a\u{1}", "a/x", "b", "c", "é"])
        #expect(try await Array(store.namespaces(prefix: "a")) == ["a", "a\u{1}", "a/x"])
        let page = try await store.namespaces(limit: 2)
        #expect(Array(page) == ["a", "a\u{1}"] && page.next == "a\u{1}")
        #expect(try await Array(store.namespaces(after: page.next)) == ["a/x", "b", "c", "é"])
    }
}

/// A backend in which everything that was kept apart goes right before it is read.
private struct RemovingBackend: Backend {
    let backend: MemoryBackend
    let store: HistoryStore

    var name: String { "removing" }
    var guarantees: Guarantees { get async { await backend.guarantees } }

    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        try await backend.write(request)
    }

    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        if requests.contains(where: { $0.address.namespace == BlobBackend.namespace }) {
            try await store.documents("state").delete("a")
            _ = try await store.collectBlobs(grace: .zero)
        }
        return try await backend.read(requests, options)
    }

    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await backend.query(query, options)
    }

    func flush(_ options: CallOptions) async throws(HoldfastError) { try await backend.flush(options) }
    func status() async -> BackendStatus { await backend.status() }
    func close() async {}
}
