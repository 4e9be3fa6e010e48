import HoldfastModel
import HoldfastPlugins
import Testing

@Suite("What a plugin answers to a whole operation is not believed")
struct HostileOperationsTests {
    private let fixture: PluginFixture

    init() throws { fixture = try PluginFixture() }

    private func connect(_ defines: String...) async throws -> (store: any Store, path: String) {
        let library = try fixture.library("misbehaving", type: "misbehaving", defines: defines)
        let provider = try PluginProvider(library, type: "misbehaving", PluginSettings(name: "archive"))
        return (try await provider.connect(.unbounded), library.path)
    }

    /// Items, a count, documents of the items' keys, rows of its own, and a place that is only looked at.
    private static let parts = [
        DomainCall.Part(
            "items",
            #"{"select":1,"namespace":"items","prefix":"k","scope":"items","where":{"lt":["/f",5]},"limit":2}"#
        ),
        DomainCall.Part("count", #"{"select":1,"namespace":"items","answer":"count"}"#),
        DomainCall.Part(
            "docs", #"{"select":1,"namespace":"docs","scope":"documents","limit":1}"#, .ofRecords(in: 0)),
        DomainCall.Part("row", #"{"select":1,"namespace":"rows","limit":2}"#, .rows),
        DomainCall.Part("looked", #"{"select":1,"namespace":"looked"}"#, .none),
    ]

    private static let wrong: [(operation: String, code: HoldfastError.Code, rule: String)] = [
        ("status", .internal, "status 77, which the contract does not know"),
        ("stranger", .corrupt, "a record or row of no part of the operation"),
        ("tombstone", .corrupt, "a tombstone, which readers never see"),
        ("no-version", .corrupt, "a record without a version"),
        ("prefix", .corrupt, "a key without the prefix that was asked for"),
        ("utf8", .corrupt, "a key that is not UTF-8"),
        ("filter", .corrupt, #"a record that the filter does not keep, in "items""#),
        ("disorder", .corrupt, #"records out of order, in "items""#),
        ("double", .corrupt, #"records out of order, in "items""#),
        ("many", .corrupt, #"more than the 2 records of "items" that were asked for"#),
        ("no-count", .corrupt, #"0 rows where a count was asked for, in "count""#),
        ("counts", .corrupt, #"more than the 1 records of "count" that were asked for"#),
        ("count", .corrupt, #"a count that is none, in "count""#),
        ("rows", .corrupt, #"more than the 2 records of "row" that were asked for"#),
        ("no-part", .corrupt, "a record or row of no part of the operation"),
        ("orphan", .corrupt, #"a record that belongs to none, in "docs""#),
        ("item", .corrupt, "a record or row of no part of the operation"),
        ("looked-at", .corrupt, #"more than the 0 records of "looked" that were asked for"#),
        ("null", .internal, "a value of 5 bytes at NULL"),
    ]

    @Test("M14 a wrong answer to an operation names the plugin, the operation and the rule")
    func wrong() async throws {
        let (store, path) = try await connect("GARBAGE")
        for (operation, code, rule) in Self.wrong {
            let call = DomainCall(operation, arguments: "{}", parts: Self.parts)
            let error = await #expect(throws: HoldfastError.self) { try await store.invoke(call, .unbounded) }
            #expect(error?.code == code, "\(operation)")
            #expect(
                error?.message
                    == "archive (misbehaving): plugin \(path) answered \(operation) of holdfast.domain/1 with \(rule)"
            )
        }
        await store.close()
    }

    @Test("an answer has an end: what is beyond the most bytes is refused, and the plugin told to stop")
    func tooLarge() async throws {
        let (store, _) = try await connect("GARBAGE")
        let error = await #expect(throws: HoldfastError.self) {
            try await store.invoke(DomainCall("huge", arguments: "{}", parts: Self.parts), .unbounded)
        }
        #expect(error?.code == .internal)
        #expect(error?.message.hasSuffix("with more than \(DomainCall.byteCountMax) bytes") == true)
        await store.close()
    }

    @Test("a right answer comes back by part, without what is past its expiry")
    func right() async throws {
        let (store, _) = try await connect("GARBAGE")
        let answer = try await store.invoke(
            DomainCall("fine", arguments: "{}", parts: Self.parts), .unbounded)
        #expect(answer?.map(\.count) == [1, 1, 1, 2, 0])
        #expect(answer?[0].first?.value == #"{"f":1}"#)
        let expired = try await store.invoke(
            DomainCall("expired", arguments: "{}", parts: Self.parts), .unbounded)
        #expect(expired?.map(\.count) == [0, 1, 0, 0, 0])
        await store.close()
    }

    @Test("what the plugin does not name, or does not support, is left to the host; what fails fails")
    func declined() async throws {
        let (store, _) = try await connect("GARBAGE")
        #expect(store.info.operations.contains("fine") && !store.info.operations.contains("search"))
        for operation in ["search", "unsupported"] {
            let call = DomainCall(operation, arguments: "{}", parts: Self.parts)
            #expect(try await store.invoke(call, .unbounded) == nil)
        }
        let error = await #expect(throws: HoldfastError.self) {
            try await store.invoke(DomainCall("fails", arguments: "{}", parts: Self.parts), .unbounded)
        }
        #expect(error == HoldfastError(.permission, "archive (misbehaving): not today"))
        await store.close()
    }

    @Test(
        "a call whose parts cannot be told apart, or are no queries, is refused before the plugin is asked",
        arguments: [
            [], [parts[0], parts[0]], [DomainCall.Part("a", "{")],
            [parts[0], DomainCall.Part("b", #"{"select":1,"namespace":"items","scope":"all"}"#)],
            [DomainCall.Part("a", #"{"select":1,"namespace":"a"}"#, .ofRecords(in: 7))],
        ] as [[DomainCall.Part]])
    func invalid(parts: [DomainCall.Part]) async throws {
        let (store, _) = try await connect("GARBAGE")
        let error = await #expect(throws: HoldfastError.self) {
            try await store.invoke(DomainCall("fine", arguments: "{}", parts: parts), .unbounded)
        }
        #expect(error?.code == .invalid)
        await store.close()
    }

    @Test(
        "a table of operations that lacks a function or a name is refused when the store is opened",
        arguments: [
            ("DOMAIN_WITHOUT_INVOKE", "lacks invoke of holdfast.domain/1"),
            ("DOMAIN_WITHOUT_NAMES", "lacks operations of holdfast.domain/1"),
            (#"DOMAIN_NAME="""#, "names operation 2 in holdfast.domain/1, which is no name"),
            (#"DOMAIN_NAME="\xff""#, "names operation 2 in holdfast.domain/1, which is no name"),
        ])
    func table(define: String, problem: String) async throws {
        let error = await #expect(throws: HoldfastError.self) { _ = try await connect(define) }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    }
}
