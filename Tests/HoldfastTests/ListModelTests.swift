import Holdfast
import HoldfastModel
import Testing

/// What a list is, said as simply as possible: an array.
private struct ListModel {
    struct Entry {
        let id: Version
        var value: String
        let time: Int64
    }

    var entries: [Entry] = []
    var document: String?

    var values: [String] { entries.map(\.value) }
}

/// A generator that gives the same numbers for the same seed.
///
/// Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014): SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite("Lists against a model") struct ListModelTests {
    @Test("any sequence of operations leaves a list as an array would be", arguments: 0..<20)
    func operations(run: Int) async throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(state: seed)
        let clock = ManualClock()
        let backend = MemoryBackend(clock: clock, isAtomic: Bool.random(using: &generator))
        let store = HistoryStore(backend: backend, clock: clock)
        let subject = Subject(store: store, clock: clock)
        var models: [String: ListModel] = [:]
        for step in 0..<120 {
            let key = ["a", "a/", "b"].randomElement(using: &generator) ?? "a"
            let before = models[key, default: ListModel()]
            let after = try await subject.step(before, key: key, using: &generator)
            models[key] = after
            for (key, model) in models {
                let found = try await subject.observe(key, using: &generator, model)
                #expect(found, "seed \(seed), step \(step), list \(key)")
                guard found else { return }
            }
        }
        let summaries = try await store.lists("n").summaries()
        let expected = models.filter { !$0.value.entries.isEmpty }.sorted { $0.key < $1.key }
        #expect(summaries.map(\.key) == expected.map(\.key), "seed \(seed)")
        #expect(summaries.map(\.itemCount) == expected.map(\.value.entries.count), "seed \(seed)")
    }
}

/// Does to a list and to its model the same.
private struct Subject {
    let store: HistoryStore
    let clock: ManualClock
    var lists: Lists { store.lists("n") }
    var documents: Documents { store.documents("n") }

    func step(
        _ model: ListModel, key: String, using generator: inout SeededGenerator
    ) async throws -> ListModel {
        var model = model
        let number = Int.random(in: 0..<1000, using: &generator)
        clock.advance(by: .seconds(number % 3))
        switch Int.random(in: 0..<12, using: &generator) {
        case 0...3: try await append(number, to: key, &model)
        case 4:
            guard let index = model.entries.indices.randomElement(using: &generator) else { break }
            try await lists.edit(model.entries[index].id, in: key, to: .json(Bytes("\(number)")))
            model.entries[index].value = "\(number)"
        case 5:
            guard let index = model.entries.indices.randomElement(using: &generator) else { break }
            try await lists.remove(model.entries[index].id, from: key)
            model.entries.remove(at: index)
        case 6 where number % 3 == 0:
            try await lists.clear(key)
            model.entries = []
        case 7:
            try await lists.trim(key, to: .count(number % 10))
            model.entries = model.entries.suffix(number % 10)
        case 8:
            let age = Int64(number % 20)
            try await lists.trim(key, to: .age(.seconds(age)))
            model.entries.removeAll { $0.time < clock.unixMilliseconds - age * 1000 }
        case 9:
            try await lists.trim(key, to: .byteCount(number % 40))
            trim(&model, toByteCount: number % 40)
        case 10 where number % 3 == 0:
            let ids = try await lists.replace(key, with: [.json("1"), .json("2")]).versions
            model.entries = zip(ids, ["1", "2"]).map { entry($0, $1) }
        default:
            try await documents.put(.json(Bytes("\(number)")), at: key)
            model.document = "\(number)"
        }
        return model
    }

    private func append(_ number: Int, to key: String, _ model: inout ListModel) async throws {
        let values = (0...number % 4).map { "\(number + $0)" }
        let receipt = try await lists.append(values.map { .json(Bytes($0)) }, to: key)
        model.entries += zip(receipt.versions, values).map { entry($0, $1) }
    }

    private func entry(_ id: Version, _ value: String) -> ListModel.Entry {
        ListModel.Entry(id: id, value: value, time: clock.unixMilliseconds)
    }

    private func trim(_ model: inout ListModel, toByteCount byteCount: Int) {
        var total = 0
        let kept = model.entries.reversed().prefix { entry in
            total += entry.value.utf8.count
            return total <= byteCount
        }
        model.entries = kept.reversed()
    }

    /// Whether every way of reading shows what the model holds.
    func observe(_ key: String, using generator: inout SeededGenerator, _ model: ListModel) async throws
        -> Bool
    {
        let limit = Int.random(in: 0..<20, using: &generator)
        let latest = try await lists.page(of: key, .latest(limit))
        let rising = try await lists.page(of: key, ListRange(.ascending, limit: limit))
        let falling = try await lists.page(of: key, ListRange(.descending, limit: limit))
        let document = try await documents.get([key]).content[0]
        guard latest.map(\.bytes.description) == model.values.suffix(limit),
            rising.map(\.bytes.description) == Array(model.values.prefix(limit)),
            falling.map(\.bytes.description) == model.values.reversed().prefix(limit).map(\.self),
            document?.bytes.description == model.document
        else { return false }
        guard let entry = model.entries.randomElement(using: &generator) else { return true }
        let after = try await lists.page(of: key, ListRange(.ascending, after: entry.id, limit: 10_000))
        let before = try await lists.page(of: key, ListRange(.latest, before: entry.id, limit: 10_000))
        return before.map(\.id) + [entry.id] + after.map(\.id) == model.entries.map(\.id)
    }
}
