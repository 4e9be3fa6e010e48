internal import HoldfastModel

extension StoreCase {
    /// The state follows from the set of changes.
    static let mergeCases: [StoreCase] = [
        StoreCase("merge.permutations", "every order of the same changes gives the same state") { trial in
            for round in 0..<6 {
                var generator = ChangeGenerator(
                    trial, keys: ["template"], versionCount: 4, seed: trial.seed &+ UInt64(round))
                let changes = (0..<4).map { _ in generator.change() }
                var state = KeyState()
                for change in changes { state.merge(change) }
                for (index, order) in permutations(of: changes.count).enumerated() {
                    let key = Bytes("round \(round) order \(index)")
                    let moved = order.map { changes[$0].moved(to: key) }
                    if index % 2 == 0 {
                        try await trial.apply(moved)
                    } else {
                        for change in moved { try await trial.apply([change]) }
                    }
                    try await trial.expectState(key, state.moved(to: key), "order \(order)")
                }
            }
        },
        StoreCase("merge.replay", "replaying any part of the changes, in any order, changes nothing") {
            trial in
            var generator = ChangeGenerator(trial, keys: ["a", "b"], versionCount: 12, seed: trial.seed)
            let changes = (0..<40).map { _ in generator.change() }
            try await trial.apply(changes)
            var random = trial.random
            for _ in 0..<5 {
                let part = changes.shuffled(using: &random).prefix(25)
                let outcomes = try await trial.apply(Array(part))
                let nothing = [ChangeOutcome](repeating: .unchanged, count: part.count)
                try expectOutcomes(outcomes, nothing, of: Array(part), "replay")
            }
        },
        StoreCase(
            "merge.random", "long random histories give the model's state, and each change the model's answer"
        ) {
            trial in
            let keys: [Bytes] = ["a", "b", "c"]
            var generator = ChangeGenerator(trial, keys: keys, versionCount: 30, seed: trial.seed)
            var states: [Bytes: KeyState] = [:]
            for step in 0..<60 {
                let changes = (0..<(step % 7 + 1)).map { _ in generator.change() }
                let expected: [ChangeOutcome] = changes.map { change in
                    states[change.record.key, default: KeyState()].merge(change) ? .applied : .unchanged
                }
                try expectOutcomes(try await trial.apply(changes), expected, of: changes, "step \(step)")
            }
            for key in keys { try await trial.expectState(key, states[key] ?? KeyState(), "at the end") }
        },
    ]

    /// Every order of so many things.
    private static func permutations(of count: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return permutations(of: count - 1).flatMap { shorter in
            (0...shorter.count).map { position in
                var order = shorter
                order.insert(count - 1, at: position)
                return order
            }
        }
    }
}

extension Change {
    /// The same change at another key.
    fileprivate func moved(to key: Bytes) -> Change {
        var moved = self
        moved.record.key = key
        return moved
    }
}

extension KeyState {
    /// The same state at another key.
    fileprivate func moved(to key: Bytes) -> KeyState {
        func move(_ record: Record) -> Record {
            var moved = record
            moved.key = key
            return moved
        }
        return KeyState(document: document.map(move), items: items.map(move), floor: floor)
    }
}
