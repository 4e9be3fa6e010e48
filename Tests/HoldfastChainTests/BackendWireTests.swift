import HoldfastModel
import Testing

@testable import HoldfastChain

@Suite("Calls between processes") struct BackendWireTests {
    private static let record = Record(
        namespace: "n", key: "k/%😀", id: Version(high: 1, low: 2), version: Version(high: 3, low: 4),
        value: Bytes(#"{"a":"\u0000"}"#), expiresAt: 7, flags: .bytes)
    private static let error = HoldfastError(
        .conflict, "no", flags: [.maybeApplied], retryAfter: .milliseconds(5),
        at: FileLocation(file: "storage.yaml", line: 3, column: 4), vendorCode: -9,
        current: Version(high: 5, low: 6))

    private static let calls: [BackendCall] = [
        .write(
            WriteRequest(
                [
                    Change(.put, record, if: .version(.zero), isItem: true),
                    Change(.drop, record, if: .newest),
                    Change(.check, record, if: .exists), Change(.put, record),
                ],
                idempotencyKey: .init(scope: record.address, text: "once"), ack: .all, timeout: .seconds(3))),
        .write(WriteRequest([])),
        .read(
            [
                ReadRequest(record.address),
                ReadRequest(
                    record.address,
                    range: .init(after: record.id, before: record.version, limit: 9, reversed: true)),
            ], CallOptions(timeout: .milliseconds(1))),
        .query(
            Query(
                namespace: "n", keyPrefix: "p", matches: [.init(field: "role", json: "\"user\"")],
                scope: [.items, .reversed], after: .init(address: record.address, id: .max), limit: 5),
            CallOptions()),
        .select(#"{"select":1}"#, CallOptions()), .flush(CallOptions(timeout: .seconds(1))), .status,
        .collectBlobs(BlobCollection(grace: .seconds(3), isDryRun: true), CallOptions()),
        .invoke(
            DomainCall(
                "list_runs", arguments: #"{"agent":"a"}"#,
                parts: [
                    .init("entries", "{}"), .init("runs", "{}", .ofRecords(in: 0)), .init("a", "", .none),
                    .init("total", "{}", .rows), .init("other", "{}", .anyOrder),
                ]), CallOptions(timeout: .seconds(2))),
    ]

    private static let replies: [BackendReply] = [
        .receipt(
            WriteReceipt(
                versions: [.zero, record.id], isReplay: true, level: .log,
                degradations: [
                    .primaryDown, .fallback("b"), .hostLocal, .logDamaged, .idMayChange, .backupBehind("c"),
                    .contentsApart,
                ])),
        .answer(
            ReadAnswer(results: [[record], [], [record, record]], source: "s", degradations: [.hostLocal])),
        .records(QueryAnswer(records: [Record(namespace: "n", key: "", value: "[1]")], source: "s")),
        .records(QueryAnswer(records: [], source: "s", isScanned: true)), .done,
        .status(
            BackendStatus(
                name: "chain", isWritable: true, isReadable: false,
                members: [
                    .init(
                        name: "a", type: "t", role: "backup", state: "down", mark: 4, lag: 2,
                        lagDuration: .seconds(2), lastError: "it broke", lastErrorTime: 1_700_000_000_000,
                        figures: ["lanes": 3.5])
                ]),
            Guarantees(
                isAtomic: true, isDurable: false, isShared: true, operations: ["search", "list_runs"]),
            wordIndexes: ["a": ["conversations", "chats"], "b": []]),
        .failure(error), .failure(HoldfastError(.internal, "")), .blobs(report), .blobs(BlobReport()),
        .declined,
    ]
    private static let report: BlobReport = {
        var report = BlobReport()
        report.blobCount = 7
        report.unusedByteCount = .max
        report.recordCount = 1 << 40
        return report
    }()

    @Test("what one process writes another reads, whole")
    func roundTrip() throws {
        for call in Self.calls { #expect(try BackendCall(decoding: call.encoded) == call) }
        for reply in Self.replies { #expect(try BackendReply(decoding: reply.encoded) == reply) }
    }

    @Test("a message that is cut anywhere, or has a byte to spare, is refused")
    func damage() {
        for bytes in Self.calls.map(\.encoded) {
            for count in 0..<bytes.count {
                #expect(throws: HoldfastError.self) { try BackendCall(decoding: bytes[0..<count]) }
            }
            #expect(throws: HoldfastError.self) { try BackendCall(decoding: Bytes(bytes.array + [0])) }
        }
        for bytes in Self.replies.map(\.encoded) {
            for count in 0..<bytes.count {
                #expect(throws: HoldfastError.self) { try BackendReply(decoding: bytes[0..<count]) }
            }
        }
    }

    @Test(
        "a call with a byte that is not as it was is read as another call or refused, and never ends the process"
    )
    func mutation() {
        for bytes in Self.calls.map(\.encoded.array) {
            for position in bytes.indices {
                for mask in [0x01, 0x80, 0xFF] as [UInt8] {
                    var damaged = bytes
                    damaged[position] ^= mask
                    _ = try? BackendCall(decoding: Bytes(damaged))
                }
            }
        }
    }

    @Test("records that break the limits are refused before a backend sees them")
    func limits() {
        for record in [
            Record(namespace: "", key: "k"), Record(namespace: "n", key: ""),
            Record(namespace: "n", key: "a\0b"),
            Record(namespace: Bytes(String(repeating: "n", count: 256)), key: "k"),
        ] {
            let call = BackendCall.write(WriteRequest([Change(.put, record)]))
            #expect(throws: HoldfastError.self) { try BackendCall(decoding: call.encoded) }
        }
    }
}
