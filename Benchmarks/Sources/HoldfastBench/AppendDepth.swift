import Holdfast

/// Whether an append to a long list takes longer than one to a short list.
enum AppendDepth {
    private static let deep = 100_000
    private static let shallow = 10
    private static let appendsPerTurn = 50

    static func run(_ context: BenchContext) async throws -> [Ratio] {
        let store = try await context.openDefaultChain()
        let conversations = store.conversations()
        try await BenchContext.fill(conversations, "deep", deep)
        try await store.flush()
        let message = BenchContext.message()
        let rounds = context.rounds(40)
        // Filled before the clock runs: a list that is short in every round.
        for round in 0...rounds { try await BenchContext.fill(conversations, "shallow-\(round)", shallow) }
        let rates = try await Turns.rates(
            rounds: rounds,
            [
                { _ in
                    for _ in 0..<appendsPerTurn { try await conversations.append(message, to: "deep") }
                    return appendsPerTurn
                },
                { round in
                    for _ in 0..<appendsPerTurn {
                        try await conversations.append(message, to: "shallow-\(round)")
                    }
                    return appendsPerTurn
                },
            ])
        await store.close()
        return [
            Ratio(
                title: "append to a list of \(deep) / to one of \(shallow), time", value: rates[1] / rates[0],
                bar: .below(1.2), detail: "\(Figure.rate(rates[0])) and \(Figure.rate(rates[1]))")
        ]
    }
}
