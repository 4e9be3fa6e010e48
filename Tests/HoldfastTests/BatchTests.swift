import Holdfast
import HoldfastModel
import Testing

@Suite("Batches") struct BatchTests {
    let clock = ManualClock()
    let backend: MemoryBackend
    let store: HistoryStore

    init() {
        backend = MemoryBackend(clock: clock)
        store = HistoryStore(backend: backend, clock: clock)
    }

    @Test("steps on several documents and lists happen together, and each reports its versions")
    func typical() async throws {
        let old = try await store.lists("events").append([.json("0"), .json("10")], to: "old")
        var batch = Batch()
        batch.check("lock", in: "locks", is: .absent)
        batch.put(.json("1"), at: "a", in: "state", if: .absent)
        batch.append([.json("2"), .json("3")], to: "list", in: "events")
        batch.append(.json("4"), to: "list", in: "events")
        batch.edit(old.versions[0], of: "old", in: "events", to: .json("5"))
        batch.remove(old.versions[1], from: "old", in: "events")
        batch.delete("b", in: "state")
        #expect(batch.count == 7)
        let receipt = try await store.write(batch)
        #expect(receipt.results.map(\.count) == [0, 1, 2, 1, 1, 1, 1])
        let list = try await store.lists("events").page(of: "list")
        #expect(list.map(\.bytes) == ["2", "3", "4"])
        #expect(list.map(\.id) == receipt.results[2] + receipt.results[3])
        #expect(try await store.documents("state").get("a").version == receipt.results[1][0])
        #expect(try await store.lists("events").page(of: "old").map(\.bytes) == ["5"])
    }

    @Test("a condition that does not hold lets nothing of the batch happen")
    func allOrNothing() async throws {
        let lock = try await store.documents("locks").put(.json("1"), at: "lock")
        var batch = Batch()
        batch.append(.json("1"), to: "list", in: "events")
        batch.check("lock", in: "locks", is: .absent)
        let error = await #expect(throws: HoldfastError.self) { try await store.write(batch) }
        #expect(error?.code == .conflict)
        #expect(error?.current == lock.id)
        #expect(try await store.lists("events").page(of: "list").isEmpty)
        var held = Batch()
        held.append(.json("1"), to: "list", in: "events", ifLast: .zero)
        held.check("lock", in: "locks", is: .version(lock.id))
        try await store.write(held)
        #expect(try await store.lists("events").page(of: "list").count == 1)
    }

    @Test("the last item of a condition is the one that readers see, also where later ones were removed")
    func unseenLast() async throws {
        let lists = store.lists("events")
        var last: [String: Version] = [:]
        for list in ["a", "b", "c"] {
            let ids = try await lists.append([.json("1"), .json("2")], to: list).versions
            try await lists.remove(ids[1], from: list)
            last[list] = ids[0]
        }
        let gone = try await lists.append(.json("1"), to: "gone").id
        try await lists.remove(gone, from: "gone")
        // A list whose last item is there, which the refusal of another is not to be taken for.
        last["whole"] = try await lists.append(.json("1"), to: "whole").id
        try await lists.append(.json("3"), to: "a", ifLast: last["a"])
        #expect(try await lists.page(of: "a").map(\.bytes) == ["1", "3"])
        var batch = Batch()
        batch.checkLast(last["whole"] ?? .zero, of: "whole", in: "events")
        batch.checkLast(.zero, of: "gone", in: "events")
        batch.append(.json("4"), to: "b", in: "events", ifLast: last["b"])
        batch.checkLast(last["c"] ?? .zero, of: "c", in: "events")
        try await store.write(batch)
        #expect(try await lists.page(of: "b").map(\.bytes) == ["1", "4"])
        for (list, id) in [("a", last["a"]), ("b", .zero), ("whole", gone)] {
            let error = await #expect(throws: HoldfastError.self) {
                try await lists.append(.json("5"), to: list, ifLast: id)
            }
            #expect(error?.code == .conflict, "\(list)")
        }
    }

    @Test("a batch may depend on the last item of a list that it does not write")
    func checkLast() async throws {
        let id = try await store.lists("events").append(.json("1"), to: "list").id
        var batch = Batch()
        batch.checkLast(id, of: "list", in: "events")
        batch.put(.json("1"), at: "summary", in: "state")
        try await store.write(batch)
        try await store.lists("events").append(.json("2"), to: "list")
        let error = await #expect(throws: HoldfastError.self) { try await store.write(batch) }
        #expect(error?.code == .conflict)
    }

    @Test(
        "clear, trim and erase work in a batch, and the conflict of another condition is not retried for ever"
    )
    func drops() async throws {
        let events = store.lists("events")
        let ids = try await events.append([.json("1"), .json("2")], to: "trimmed").versions
        try await events.append(.json("1"), to: "cleared")
        try await store.documents("events").put(.json("1"), at: "cleared")
        try await events.append(.json("1"), to: "erased")
        try await store.documents("events").put(.json("1"), at: "erased")
        var batch = Batch()
        batch.trim("trimmed", in: "events", upTo: ids[0])
        batch.clear("cleared", in: "events")
        batch.erase("erased", in: "events")
        var refused = batch
        refused.check("lock", in: "locks", is: .version(ids[0]))
        let error = await #expect(throws: HoldfastError.self) { try await store.write(refused) }
        #expect(error?.code == .conflict)
        #expect(await backend.requests.count == 6)
        let receipt = try await store.write(batch)
        #expect(receipt.results.map(\.count) == [1, 1, 1])
        #expect(try await events.page(of: "trimmed").map(\.bytes) == ["2"])
        #expect(try await store.lists("events").summaries().map(\.key) == ["trimmed"])
        #expect(try await store.documents("events").scan().map(\.key) == ["cleared"])
    }

    @Test("what a batch cannot mean is refused, and the step is named")
    func refusals() async {
        func refusal(_ build: (inout Batch) -> Void) async -> HoldfastError? {
            var batch = Batch()
            batch.put(.json("1"), at: "first", in: "state")
            build(&batch)
            return await #expect(throws: HoldfastError.self) { try await store.write(batch) }
        }
        #expect(
            await refusal { $0.put(.json("{"), at: "k", in: "n") }?.message
                .hasPrefix("step 2 of the batch: value is not JSON") == true)
        #expect(await refusal { $0.append([], to: "k", in: "n") }?.code == .invalid)
        #expect(await refusal { $0.remove(.zero, from: "k", in: "n") }?.code == .invalid)
        #expect(await refusal { $0.trim("k", in: "n", upTo: .zero) }?.code == .invalid)
        #expect(await refusal { $0.trim("k", in: "n", upTo: .max) }?.message.contains("future") == true)
        #expect(
            await refusal {
                $0.clear("k", in: "n")
                $0.put(.json("1"), at: "k", in: "n")
            }?.code == .invalid)
        #expect(await refusal { $0.clear("k", in: "~holdfast") }?.message.contains("reserved") == true)
        let empty = await #expect(throws: HoldfastError.self) { try await store.write(Batch()) }
        #expect(empty?.message == "the batch has no steps, expected at least one")
    }

    @Test("a batch is stored once for one idempotency key, in the place of its first step")
    func idempotency() async throws {
        var batch = Batch()
        batch.append(.json("1"), to: "list", in: "events")
        batch.put(.json("1"), at: "a", in: "state")
        let options = WriteOptions(idempotencyKey: "b-1")
        let first = try await store.write(batch, options)
        let second = try await store.write(batch, options)
        #expect(second.isReplay)
        #expect(first.results == second.results)
        #expect(try await store.lists("events").page(of: "list").count == 1)
        #expect(
            await backend.requests.last?.idempotencyKey?.scope == Address(namespace: "events", key: "list"))
    }
}
