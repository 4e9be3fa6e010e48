import Holdfast
import HoldfastModel
import HoldfastSupport
import Testing

/// What a follower has got so far.
private final class Catch: Sendable {
    private let values = Guarded<[Version]>([])

    func add(_ id: Version) { values.withLock { $0.append(id) } }
    var ids: [Version] { values.withLock { $0 } }
}

/// Lists that hosts write, fail, trim and follow at random.
private struct FollowGame {
    let followed: FollowedStore
    let keys = ["a", "b", "c"]
    /// The ids of each list in the order of their arrival.
    var written: [String: [Version]] = [:]
    /// Those that were removed again, which a follower may have seen or not.
    var removed: Set<Version> = []
    var followers: [(key: String, start: Version, got: Catch, task: Task<Void, Never>)] = []

    init(using generator: inout SplitMix) {
        followed = FollowedStore(
            FollowSettings(
                pageCount: Int.random(in: 1...9, using: &generator),
                keptCountMax: Int.random(in: 1...20, using: &generator),
                keptByteCountMax: Int.random(in: 0...60, using: &generator)))
    }

    mutating func step(using generator: inout SplitMix) async throws {
        let key = keys[Int.random(in: 0..<keys.count, using: &generator)]
        switch Int.random(in: 0..<16, using: &generator) {
        case 0...4:
            let count = Int.random(in: 1...8, using: &generator)
            written[key, default: []] += try await followed.append(0..<count, to: key)
        case 5, 6:
            let id = await followed.backend.put(
                Record(namespace: "events", key: Bytes(key), value: "0"), isItem: true)
            written[key, default: []].append(id)
        case 7: try await remove(from: key, using: &generator)
        case 8: await followed.backend.degrade([.hostLocal])
        case 9, 10: await followed.backend.degrade([])
        case 11: followed.time.advance(by: .milliseconds(500))
        case 12 where followers.count < 8: follow(key, using: &generator)
        default: for _ in 0..<Int.random(in: 1...12, using: &generator) { await Task.yield() }
        }
    }

    private mutating func remove(from key: String, using generator: inout SplitMix) async throws {
        guard let id = written[key]?.randomElement(using: &generator), !removed.contains(id) else { return }
        removed.insert(id)
        try await followed.lists.remove(id, from: key)
    }

    private mutating func follow(_ key: String, using generator: inout SplitMix) {
        let start = Bool.random(using: &generator) ? written[key]?.randomElement(using: &generator) : nil
        let got = Catch()
        let pause = Int.random(in: 0...1, using: &generator)
        let items = followed.lists.follow(key, after: start)
        let task = Task {
            do {
                for try await item in items {
                    got.add(item.id)
                    for _ in 0..<pause { await Task.yield() }
                }
            } catch {
                // Cancelled at the end.
            }
        }
        followers.append((key, start ?? .zero, got, task))
    }

    /// Lets every follower catch up, and compares.
    func check(_ seed: Comment) async {
        await followed.backend.degrade([])
        // Who is held waits for its time.
        while !isQuiet {
            followed.time.advance(by: .milliseconds(500))
            for _ in 0..<20 { await Task.yield() }
        }
        for follower in followers {
            follower.task.cancel()
            await follower.task.value
            let ids = follower.got.ids
            #expect(ids == Array(Set(ids)).sorted(), "each once and in order; \(seed)")
            let all = (written[follower.key] ?? []).filter { $0 > follower.start }
            #expect(Set(ids).isSubset(of: all), "nothing else; \(seed)")
            #expect(Set(all).subtracting(ids).isSubset(of: removed), "none left out; \(seed)")
        }
    }

    private var isQuiet: Bool {
        followers.allSatisfy { follower in
            let last = (written[follower.key] ?? []).last { !removed.contains($0) && $0 > follower.start }
            return last.map { follower.got.ids.last ?? .zero >= $0 } ?? true
        }
    }
}

/// A generator that gives the same numbers for the same seed.
///
/// Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014): SplitMix64.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite("Following lists at random") struct FollowingModelTests {
    @Test("whatever is written, removed, failed and forgotten: every follower gets every item once, in order")
    func model() async throws {
        for _ in 0..<10 {
            let seed = UInt64.random(in: 0 ... .max)
            var generator = SplitMix(state: seed)
            var game = FollowGame(using: &generator)
            for _ in 0..<50 { try await game.step(using: &generator) }
            await game.check("seed \(seed)")
        }
    }
}
