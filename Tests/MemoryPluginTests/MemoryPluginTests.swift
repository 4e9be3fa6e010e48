import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

/// A clock that stands still until a test moves it.
private final class StillClock: HostClock {
    private let milliseconds = Guarded<Int64>(1_800_000_000_000)

    var monotonicNanoseconds: Int64 { SystemClock().monotonicNanoseconds }
    var unixMilliseconds: Int64 { milliseconds.withLock { $0 } }

    func wait(until deadline: Int64) async { await SystemClock().wait(until: deadline) }
    func advance(milliseconds count: Int64) { milliseconds.withLock { $0 += count } }
}

@Suite("The memory plugin")
struct MemoryPluginTests {
    private let clock = StillClock()
    private let library: PluginLibrary
    private let space = "space \(UInt64.random(in: .min ... .max))"

    init() throws {
        library = try PluginLibrary(
            path: "\(PluginCompiler.productDirectory)/libholdfast-memory.so",
            host: HostServices(version: "1.0.0-test", clock: clock) { _, _, _ in })
    }

    private func connect(name: String? = nil, options: Bytes = "{}") async throws -> any Store {
        let settings = PluginSettings(name: name ?? space, options: options)
        return try await PluginProvider(library, type: "memory", settings).connect(.unbounded)
    }

    private func version(_ number: UInt64) -> Version {
        Version(milliseconds: UInt64(clock.unixMilliseconds), counter: number, node: 1)
    }

    private func put(_ key: Bytes, _ version: Version, _ value: Bytes = "{}", flags: Record.Flags = [])
        -> Change
    {
        Change(.put, Record(namespace: "n", key: key, version: version, value: value, flags: flags))
    }

    private func raw(_ store: any Store) async throws -> [Bytes] {
        try await store.query(Query(namespace: "n", scope: [.documents, .items, .raw]), .unbounded).map(\.key)
    }

    @Test("backends of one name share what they hold, in one incarnation; those of another do not")
    func sharing() async throws {
        let first = try await connect()
        let second = try await connect()
        let other = try await connect(name: "\(space) other")
        let renamed = try await connect(name: "\(space) renamed", options: Bytes("{\"space\": \"\(space)\"}"))
        _ = try await first.apply([put("key", version(1))], atomic: false, .unbounded)
        await first.close()
        let request = ReadRequest(Address(namespace: "n", key: "key"))
        #expect(try await second.read([request], .unbounded)[0].count == 1)
        #expect(try await renamed.read([request], .unbounded)[0].count == 1)
        #expect(try await other.read([request], .unbounded)[0].isEmpty)
        #expect(first.info.incarnation == second.info.incarnation)
        #expect(first.info.incarnation != other.info.incarnation)
    }

    @Test("a store that is full says so, applies nothing, and has room again after a drop")
    func fullness() async throws {
        let store = try await connect(options: #"{"max_size": 1000}"#)
        let value = Bytes([UInt8](repeating: 0x20, count: 600))
        _ = try await store.apply([put("a", version(1), value)], atomic: false, .unbounded)
        do throws(HoldfastError) {
            let changes = [put("small", version(2)), put("b", version(3), value)]
            _ = try await store.apply(changes, atomic: true, .unbounded)
            Issue.record("it took more than max_size")
        } catch {
            #expect(error.code == .exhausted)
            #expect(error.message.contains("max_size of 1000 bytes: 600 are used"))
        }
        #expect(try await raw(store) == ["a"])
        let drop = Change(.drop, Record(namespace: "n", key: "a", version: version(4)))
        _ = try await store.apply([drop], atomic: false, .unbounded)
        let again = try await store.apply([put("b", version(5), value)], atomic: false, .unbounded)
        #expect(again == [.applied])
    }

    @Test("tombstones, floors and expired records are kept for the retention, and not for ever")
    func retention() async throws {
        let store = try await connect(options: #"{"tombstone_retention": 3600000}"#)
        var dying = put("expired", version(1))
        dying.record.expiresAt = clock.unixMilliseconds + 1000
        _ = try await store.apply(
            [
                put("removed", version(2), .empty, flags: .removed), dying,
                Change(.drop, Record(namespace: "n", key: "floor", version: version(3))),
                put("kept", version(4)),
            ], atomic: false, .unbounded)
        clock.advance(milliseconds: 1_800_000)
        _ = try await store.apply([put("tick", version(5))], atomic: false, .unbounded)
        #expect(try await raw(store) == ["expired", "floor", "kept", "removed", "tick"])
        clock.advance(milliseconds: 7_200_000)
        _ = try await store.apply([put("tick", version(6))], atomic: false, .unbounded)
        #expect(try await raw(store) == ["kept", "tick"])
    }

    @Test(
        "wrong options are refused by name before anything is opened",
        arguments: [
            (#"{"max_size": "big"}"#, #"option "max_size" is a string, expected a whole number"#),
            (
                #"{"spcae": "x"}"#,
                #"unknown option "spcae", expected one of space, max_size, tombstone_retention"#
            ),
        ])
    func options(text: String, message: String) async throws {
        let settings = PluginSettings(name: space, options: Bytes(text))
        let provider = try PluginProvider(library, type: "memory", settings)
        do throws(HoldfastError) {
            try await provider.validateOptions()
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.message.contains(message))
        }
    }
}
