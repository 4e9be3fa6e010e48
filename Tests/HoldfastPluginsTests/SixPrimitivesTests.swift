import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("A store with the six primitives only")
struct SixPrimitivesTests {
    @Test("a C plugin of under 300 lines, compiled by clang from the header alone, serves as a store")
    func servesAsStore() async throws {
        let source = try TextFile.read(
            "\(PluginCompiler.packageDirectory)/Tests/Fixtures/plugins/six-primitives.c")
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count < 300)
        let store = try await PluginFixture().sixPrimitives().connect(.unbounded)
        let changes: [Change] = [
            .item(1, "one"), .item(2, "two"), .item(3, ""), .document(4, "{\"a\":1}"), .item(2, "again"),
        ]
        let outcomes = try await store.apply(changes, atomic: false, .unbounded)
        #expect(outcomes == [.applied, .applied, .applied, .applied, .unchanged])
        #expect(try await store.list().map(\.value) == ["one", "two", ""])
        #expect(try await store.list(.init(limit: 2, reversed: true)).map(\.value) == ["", "two"])
        #expect(try await store.list(.init(after: .number(1), before: .number(3))).map(\.value) == ["two"])
        #expect(try await store.document()?.value == "{\"a\":1}")
        #expect(try await store.document(key: "nobody") == nil)
        #expect(!store.info.capabilities.contains(.atomicBatch))
        await store.close()
    }

    @Test("a drop takes what is at or below it, and nothing comes back")
    func drops() async throws {
        let store = try await PluginFixture().sixPrimitives().connect(.unbounded)
        _ = try await store.apply(
            [.item(1, "a"), .item(2, "b"), .item(3, "c"), .drop(2)], atomic: false, .unbounded)
        #expect(
            try await store.apply([.item(1, "a"), .item(2, "x")], atomic: false, .unbounded) == [
                .unchanged, .unchanged,
            ])
        #expect(try await store.list().map(\.value) == ["c"])
        await store.close()
    }

    @Test("the host decides conditions that the plugin cannot")
    func conditions() async throws {
        let store = try await PluginFixture().sixPrimitives().connect(.unbounded)
        _ = try await store.apply([.item(5, "five"), .document(5, "doc")], atomic: false, .unbounded)
        let outcomes = try await store.apply(
            [
                .item(4, "late", if: .newest), .item(6, "six", if: .newest), .item(5, "five", if: .newest),
                .document(9, "no", if: .version(.number(4))), .document(9, "yes", if: .version(.number(5))),
                .item(8, "no", if: .version(.number(5))), .item(8, "yes", if: .version(.number(6))),
                .item(77, "edit", if: .exists), .drop(7, if: .newest),
            ], atomic: false, .unbounded)
        #expect(
            outcomes == [
                .stale(seen: .number(5)), .applied, .unchanged, .conflict(seen: .number(5)), .applied,
                .conflict(seen: .number(6)), .applied, .notFound, .stale(seen: .number(8)),
            ])
        #expect(try await store.list().map(\.value) == ["five", "six", "yes"])
        await store.close()
    }

    @Test("a query filters, resumes and reverses")
    func queries() async throws {
        let store = try await PluginFixture().sixPrimitives().connect(.unbounded)
        let changes: [Change] = (1...9).map {
            .item($0, Bytes("{\"kind\":\"\($0 % 3)\",\"n\":\($0).0}"), key: Bytes("k\($0)"))
        }
        _ = try await store.apply(changes, atomic: false, .unbounded)
        var query = Query(namespace: "n", matches: [.init(field: "kind", json: "\"1\"")])
        #expect(try await store.query(query, .unbounded).map(\.key) == ["k1", "k4", "k7"])
        query.limit = 1
        query.after = .init(address: Address(namespace: "n", key: "k1"), id: .number(1))
        #expect(try await store.query(query, .unbounded).map(\.key) == ["k4"])
        query = Query(
            namespace: "n", keyPrefix: "k", matches: [.init(field: "n", json: "3")],
            scope: [.items, .keysOnly])
        let found = try await store.query(query, .unbounded)
        #expect(found.map(\.key) == ["k3"] && found[0].value.isEmpty)
        query = Query(namespace: "n", scope: [.items, .reversed], limit: 2)
        #expect(try await store.query(query, .unbounded).map(\.key) == ["k9", "k8"])
        await store.close()
    }

    @Test("an atomic batch is refused, and says why")
    func atomicBatch() async throws {
        let store = try await PluginFixture().sixPrimitives(name: "archive").connect(.unbounded)
        await #expect(
            throws: HoldfastError(
                .unsupported,
                "archive (six-primitives-only): it has no atomic batches (HF_CAP_ATOMIC_BATCH); send the "
                    + "changes one by one")
        ) { try await store.apply([.item(1, "a")], atomic: true, .unbounded) }
        await store.close()
    }

    @Test("with a path, records outlive the store, under one incarnation, and one process holds them")
    func journal() async throws {
        let fixture = try PluginFixture()
        let options = Bytes("{\"path\":\"\(fixture.directory.file("journal"))\"}")
        let provider = try fixture.sixPrimitives(options: options)
        let first = try await provider.connect(.unbounded)
        _ = try await first.apply([.item(1, "a"), .item(2, "b"), .drop(1)], atomic: false, .unbounded)
        let incarnation = first.info.incarnation
        await #expect(throws: HoldfastError.self) { try await provider.connect(.unbounded) }
        await first.close()
        let second = try await provider.connect(.unbounded)
        #expect(second.info.incarnation == incarnation)
        #expect(try await second.list().map(\.value) == ["b"])
        #expect(try await second.apply([.item(1, "a")], atomic: false, .unbounded) == [.unchanged])
        await second.close()
    }

    @Test("64 concurrent callers are served in full, and a closed store refuses")
    func manyCallers() async throws {
        let provider = try PluginFixture().sixPrimitives()
        let store = try await provider.connect(.unbounded)
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<64 {
                group.addTask {
                    for step in 1...20 {
                        let change = Change.item(UInt64(step), Bytes("\(step)"), key: Bytes("k\(caller)"))
                        let outcomes = try? await store.apply([change], atomic: false, .unbounded)
                        #expect(outcomes == [.applied])
                        #expect((try? await store.list(key: Bytes("k\(caller)")))?.count == step)
                    }
                }
            }
        }
        #expect(provider.statistics.callCount == 64 * 20 * 2)
        await store.close()
        await #expect(throws: HoldfastError.self) { try await store.list() }
    }
}
