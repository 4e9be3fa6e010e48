import HoldfastModel
import HoldfastPlugins
import Testing

@Suite("What a plugin answers is not believed")
struct HostileAnswersTests {
    private let library: PluginLibrary
    private let fixture: PluginFixture

    init() throws {
        fixture = try PluginFixture()
        library = try fixture.library("misbehaving", type: "misbehaving", defines: ["GARBAGE"])
    }

    private func connect() async throws -> any Store {
        try await PluginProvider(library, type: "misbehaving", PluginSettings(name: "archive")).connect(
            .unbounded)
    }

    private func prefix(_ operation: String) -> String {
        "archive (misbehaving): plugin \(library.path) answered \(operation) with "
    }

    /// The key asks the plugin for one wrong answer to `get`.
    private static let documents: [(Bytes, HoldfastError.Code, String)] = [
        ("status", .internal, "status 77, which the contract does not know"),
        ("negative", .internal, "status -99, which the contract does not know"),
        ("stopped", .internal, "HF_STOPPED, though nobody asked it to stop"),
        ("null", .internal, "a value of 5 bytes at NULL"),
        ("huge", .internal, "a value of 9223372036854775807 bytes, at most 1073741824 can be"),
        ("other-key", .corrupt, "a record of another key"),
        ("tombstone", .corrupt, "a tombstone, which readers never see"),
        ("no-version", .corrupt, "a record without a version"),
        ("item", .corrupt, "an item where the document was asked for"),
        ("short-record", .internal, "a record with struct_size 8, expected 96"),
        ("null-records", .internal, "3 records at NULL"),
        ("stride", .internal, "records 12 bytes apart, expected 96 or more"),
        ("two", .corrupt, "more than the 1 records that were asked for"),
        ("not-found", .corrupt, "HF_NOT_FOUND and a record"),
    ]

    @Test("M14 a wrong answer to get names the plugin and the rule", arguments: documents)
    func get(key: Bytes, code: HoldfastError.Code, rule: String) async throws {
        let store = try await connect()
        let error = await #expect(throws: HoldfastError.self) { try await store.document(key: key) }
        #expect(error?.code == code)
        #expect(error?.message == prefix("get") + rule)
        // One wrong answer does not make the next one wrong.
        #expect(try await store.document(key: "fine")?.value == "value")
        await store.close()
    }

    @Test(
        "M14 a wrong answer to get_list names the plugin and the rule",
        arguments: [
            ("disorder", "items out of order"), ("document", "a document where items were asked for"),
            ("outside", "an item outside the range"), ("fine", "more than the 2 records that were asked for"),
        ] as [(Bytes, String)])
    func list(key: Bytes, rule: String) async throws {
        let store = try await connect()
        let range = ReadRequest.Range(before: .number(1000), limit: key == "fine" ? 2 : .max)
        let error = await #expect(throws: HoldfastError.self) { try await store.list(range, key: key) }
        #expect(error == HoldfastError(.corrupt, prefix("get_list") + rule))
        await store.close()
    }

    @Test(
        "M14 a wrong answer to query names the plugin and the rule",
        arguments: [
            ("utf8", "a key that is not UTF-8"), ("nul", "a key with a NUL character"),
            ("k", "a record of another namespace"), ("x", "a key without the prefix that was asked for"),
        ] as [(Bytes, String)])
    func query(prefix keyPrefix: Bytes, rule: String) async throws {
        let store = try await connect()
        let error = await #expect(throws: HoldfastError.self) {
            try await store.query(Query(namespace: "n", keyPrefix: keyPrefix), .unbounded)
        }
        #expect(error == HoldfastError(.corrupt, prefix("query") + rule))
        await store.close()
    }

    /// The namespace asks the plugin for one wrong answer to a query.
    private static let selections: [(namespace: String, answer: String, rule: String?)] = [
        ("fine", #""records""#, nil), ("disorder", #""records""#, "records out of order"),
        ("double", #""records""#, "records out of order"),
        ("many", #""records""#, "more than the 2 records that were asked for"),
        ("foreign", #""records""#, "a record of another namespace"),
        ("prefix", #""records""#, "a key without the prefix that was asked for"),
        ("tombstone", #""records""#, "a tombstone, which readers never see"),
        ("filter", #""records""#, "a record that the filter does not keep"),
        ("item", #""records""#, "an item where documents were asked for"),
        ("count", #""count""#, "a count that is none"),
        (
            "row", #"{"by":["/f"]}"#,
            "a row that is none: by has 2 elements, expected at most 1"
        ),
        ("twice", #"{"by":["/f"]}"#, "groups out of order"),
    ]

    @Test(
        "M14 a wrong answer to a query of its own order names the plugin and the rule", arguments: selections)
    func selection(namespace: String, answer: String, rule: String?) async throws {
        let store = try await connect()
        let query = Bytes(
            #"{"select":1,"namespace":"\#(namespace)","prefix":"k","scope":"documents","where":{"lt":["/f",5]},"#
                + #""order":[{"by":"/f"}],"limit":2,"answer":\#(answer)}"#)
        do throws(HoldfastError) {
            let found = try await store.select(query, .unbounded)
            #expect(rule == nil && found?.map(\.value) == [#"{"f":1}"#])
        } catch {
            #expect(error == HoldfastError(.corrupt, prefix("select") + (rule ?? "nothing wrong")))
        }
        await store.close()
    }

    @Test("a query that the plugin does not support is left to the host, whatever came before")
    func unsupported() async throws {
        let store = try await connect()
        #expect(try await store.select(#"{"select":1,"namespace":"unsupported"}"#, .unbounded) == nil)
        await store.close()
    }

    @Test("a record past its expiry is left out")
    func expired() async throws {
        let store = try await connect()
        #expect(try await store.document(key: "expired") == nil)
        await store.close()
    }

    @Test(
        "error text without an end and without UTF-8 is cut and repaired; none at all is said to be missing")
    func errorText() async throws {
        let store = try await connect()
        var error = await #expect(throws: HoldfastError.self) { try await store.document(key: "error-text") }
        #expect(error?.code == .corrupt)
        #expect(error?.message.unicodeScalars.last == "\u{FFFD}")
        error = await #expect(throws: HoldfastError.self) { try await store.document(key: "no-reason") }
        #expect(error?.code == .permission)
        #expect(error?.message == "archive (misbehaving): get failed, and the plugin gave no reason")
        await store.close()
    }

    @Test("M14 a sink that is called after its call has returned reaches nobody, and ends the session")
    func lateSink() async throws {
        let store = try await connect()
        _ = try await store.document(key: "keep")
        let error = await #expect(throws: HoldfastError.self) { try await store.document(key: "late") }
        #expect(error?.code == .internal)
        #expect(error?.message == prefix("get") + "a sink that was called after its call had returned")
        let next = await #expect(throws: HoldfastError.self) { try await store.document(key: "fine") }
        #expect(next?.code == .unavailable && next?.flags.contains(.providerDead) == true)
        await store.close()
    }

    @Test("a store that its plugin calls dead is used no more, and can be connected anew")
    func dead() async throws {
        let store = try await connect()
        let error = await #expect(throws: HoldfastError.self) { try await store.document(key: "dead") }
        #expect(error?.message == "archive (misbehaving): connection reset")
        let next = await #expect(throws: HoldfastError.self) {
            try await store.apply([.item(1, "a")], atomic: false, .unbounded)
        }
        #expect(next?.flags == [.retryable, .providerDead])
        await store.close()
        let again = try await connect()
        #expect(try await again.document(key: "fine")?.value == "value")
        await again.close()
    }
}
