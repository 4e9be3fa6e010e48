import Holdfast
import HoldfastModel
import Testing

@Suite("Documents") struct DocumentsTests {
    let clock = ManualClock()
    let backend: MemoryBackend
    let store: HistoryStore
    var documents: Documents { store.documents("settings") }

    init() {
        backend = MemoryBackend(clock: clock)
        store = HistoryStore(backend: backend, clock: clock, valueByteCountMax: 1000)
    }

    @Test(
        "a document comes back byte for byte",
        arguments: [
            #"{"b":1,"a":1.0,"a":9223372036854775808}"#, #""\u0000\ud800""#, " [ 1 , 2 ] ", "null", "1e400",
        ])
    func roundTrip(json: String) async throws {
        let receipt = try await documents.put(.json(Bytes(json)), at: "key/#..%_*")
        let answer = try await documents.get("key/#..%_*")
        #expect(answer.bytes == Bytes(json))
        #expect(answer.format == .json)
        #expect(answer.version == receipt.id)
        #expect(answer.writtenAt == receipt.time)
        #expect(answer.key == "key/#..%_*")
        #expect(answer.source == "memory")
        #expect(answer.degradations.isEmpty)
    }

    @Test("bytes that are not JSON are stored when they are said to be bytes")
    func bytes() async throws {
        try await documents.put(.bytes(Bytes([0, 0xFF, 0xC0])), at: "k")
        try await documents.put(.bytes(.empty), at: "empty")
        #expect(try await documents.get("k").bytes == Bytes([0, 0xFF, 0xC0]))
        #expect(try await documents.get("k").format == .bytes)
        #expect(try await documents.get("empty").bytes.isEmpty)
    }

    @Test("many documents are read in one round trip, each missing one is nothing")
    func many() async throws {
        try await documents.put(.json("1"), at: "a")
        try await documents.put(.json("3"), at: "c")
        let before = await backend.questionCount
        let answer = try await documents.get(["c", "b", "a"])
        #expect(answer.content.map { $0?.bytes } == ["3", nil, "1"])
        #expect(await backend.questionCount == before + 1)
        #expect(try await documents.get([]).content.isEmpty)
    }

    @Test("a missing document is not found, and so is a deleted one")
    func missing() async throws {
        let error = await #expect(throws: HoldfastError.self) { try await documents.get("k") }
        #expect(error?.code == .notFound)
        try await documents.put(.json("1"), at: "k")
        try await documents.delete("k")
        try await documents.delete("k")
        let gone = await #expect(throws: HoldfastError.self) { try await documents.get("k") }
        #expect(gone?.code == .notFound)
    }

    @Test("a write with a condition takes place only if it holds")
    func conditions() async throws {
        let first = try await documents.put(.json("1"), at: "k", if: .absent)
        let taken = await #expect(throws: HoldfastError.self) {
            try await documents.put(.json("2"), at: "k", if: .absent)
        }
        #expect(taken?.code == .conflict)
        #expect(taken?.current == first.id)
        let second = try await documents.put(.json("2"), at: "k", if: .version(first.id))
        let late = await #expect(throws: HoldfastError.self) {
            try await documents.delete("k", if: .version(first.id))
        }
        #expect(late?.current == second.id)
        #expect(try await documents.get("k").bytes == "2")
        try await documents.delete("k", if: .version(second.id))
        try await documents.put(.json("3"), at: "k", if: .absent)
    }

    @Test("a document past its expiry is not found, and counts as absent")
    func expiry() async throws {
        try await documents.put(.json("1", expiry: .after(.milliseconds(1500))), at: "k")
        let at = Timestamp(unixMilliseconds: clock.unixMilliseconds + 1500)
        #expect(try await documents.get("k").expiresAt == at)
        clock.advance(by: .seconds(1))
        #expect(try await documents.get("k").bytes == "1")
        clock.advance(by: .seconds(1))
        let gone = await #expect(throws: HoldfastError.self) { try await documents.get("k") }
        #expect(gone?.code == .notFound)
        try await documents.put(.json("2"), at: "k", if: .absent)
        #expect(try await documents.get("k").expiresAt == nil)
    }

    @Test(
        "an expiry that no clock reaches, or that lies before time, is refused",
        arguments: [
            .after(.zero), .after(.seconds(-1)), .after(.seconds(Int64.max)),
            .after(.seconds(9_223_372_036_854_775)),
            .at(Timestamp(unixMilliseconds: 0)),
        ] as [Expiry])
    func wrongExpiry(expiry: Expiry) async {
        let error = await #expect(throws: HoldfastError.self) {
            try await documents.put(.json("1", expiry: expiry), at: "k")
        }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("expiry") == true)
    }

    @Test("part of a millisecond rounds up, so that nothing goes before its time")
    func rounding() async throws {
        try await documents.put(.json("1", expiry: .after(.nanoseconds(1))), at: "k")
        #expect(try await documents.get("k").expiresAt?.unixMilliseconds == clock.unixMilliseconds + 1)
    }

    @Test("a wrong name is refused with what would be right", arguments: WrongName.all)
    func wrongName(name: WrongName) async {
        let documents = store.documents(name.namespace)
        let put = await #expect(throws: HoldfastError.self) {
            try await documents.put(.json("1"), at: name.key)
        }
        let get = await #expect(throws: HoldfastError.self) { try await documents.get(name.key) }
        #expect(put?.code == .invalid)
        #expect(put?.message == name.message)
        #expect(put == get)
        #expect(await backend.questionCount == 0)
    }

    @Test("names of the greatest length are stored")
    func longNames() async throws {
        let documents = store.documents(String(repeating: "é", count: 127) + "n")
        let key = String(repeating: "k", count: 1024)
        try await documents.put(.json("1"), at: key)
        #expect(try await documents.get(key).key == key)
    }

    @Test("a value beyond the limit is refused, one at the limit is stored")
    func valueLimit() async throws {
        try await documents.put(.bytes(Bytes([UInt8](repeating: 1, count: 1000))), at: "k")
        let error = await #expect(throws: HoldfastError.self) {
            try await documents.put(.bytes(Bytes([UInt8](repeating: 1, count: 1001))), at: "k")
        }
        #expect(error?.message == "value has 1001 bytes, expected at most 1000")
    }

    @Test("a value that is not the JSON it claims to be is refused, with the place")
    func notJSON() async {
        let error = await #expect(throws: HoldfastError.self) {
            try await documents.put(.json(#"{"a":1,}"#), at: "k")
        }
        #expect(error?.code == .invalid)
        #expect(
            error?.message
                == "value is not JSON: byte 7: expected a string; other bytes need the format bytes")
    }

    @Test("an error of the backend reaches the caller as it is")
    func backendError() async {
        let cause = HoldfastError(
            .unavailable, "down", flags: [.retryable, .maybeApplied], retryAfter: .seconds(3))
        await backend.fail(cause)
        await #expect(throws: cause) { try await documents.put(.json("1"), at: "k") }
        await backend.fail(cause)
        await #expect(throws: cause) { try await documents.get("k") }
    }

    @Test("a timeout of zero or less is refused")
    func timeout() async {
        let read = await #expect(throws: HoldfastError.self) {
            try await documents.get("k", CallOptions(timeout: .zero))
        }
        let write = await #expect(throws: HoldfastError.self) {
            try await documents.put(.json("1"), at: "k", WriteOptions(timeout: .seconds(-1)))
        }
        #expect(read?.code == .invalid)
        #expect(write?.code == .invalid)
    }
}

/// A namespace or key that is refused, and the sentence that says why.
struct WrongName: Sendable, CustomTestStringConvertible {
    let namespace: String
    let key: String
    let message: String
    var testDescription: String { message }

    static let all = [
        WrongName(namespace: "", key: "k", message: "namespace is empty, expected 1 to 255 bytes"),
        WrongName(
            namespace: String(repeating: "n", count: 256), key: "k",
            message: "namespace has 256 bytes, expected at most 255"),
        WrongName(namespace: "a\0b", key: "k", message: "namespace contains a NUL character"),
        WrongName(
            namespace: "~holdfast", key: "k",
            message: "namespace \"~holdfast\" is reserved: names that begin with ~ belong to the host"),
        WrongName(namespace: "n", key: "", message: "key is empty, expected 1 to 1024 bytes"),
        WrongName(
            namespace: "n", key: String(repeating: "é", count: 513),
            message: "key has 1026 bytes, expected at most 1024"),
        WrongName(namespace: "n", key: "a\0", message: "key contains a NUL character"),
    ]
}
