import Holdfast

/// What reading the latest 50 messages costs, in a long list and in a short one.
enum HistoryReads {
    private static let readsPerTurn = 200

    static func run(_ context: BenchContext) async throws -> [Ratio] {
        let store = try await context.openDefaultChain()
        let conversations = store.conversations()
        try await BenchContext.fill(conversations, "deep", 100_000)
        try await BenchContext.fill(conversations, "short", 50)
        try await store.flush()
        let message = BenchContext.message()
        let rates = try await Turns.rates(
            rounds: context.rounds(20),
            [
                { _ in try await reads(conversations, "deep") },
                { _ in try await reads(conversations, "short") },
                { _ in try await parallelReads(conversations) },
                { _ in
                    for _ in 0..<20 { try await conversations.append(message, to: "appended") }
                    return 20
                },
            ])
        await store.close()
        return [
            Ratio(
                title: "history(50) of a list of 100000 / of 50, time", value: rates[1] / rates[0],
                bar: .below(1.5),
                detail: "\(Figure.rate(rates[0])) and \(Figure.rate(rates[1]))"),
            Ratio(
                title: "history(50) with 16 callers / with one", value: rates[2] / rates[0], bar: .none,
                detail: "\(Figure.rate(rates[2])) and \(Figure.rate(rates[0]))"),
            Ratio(
                title: "history(50) / append, rate", value: rates[0] / rates[3], bar: .none,
                detail: "\(Figure.rate(rates[0])) and \(Figure.rate(rates[3]))"),
        ]
    }

    private static func reads(_ conversations: Conversations, _ session: String) async throws -> Int {
        for _ in 0..<readsPerTurn {
            guard try await conversations.history(of: session, limit: 50).count == 50 else {
                throw BenchError("a history of 50 messages was shorter")
            }
        }
        return readsPerTurn
    }

    private static func parallelReads(_ conversations: Conversations) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 { group.addTask { try await reads(conversations, "deep") } }
            return try await group.reduce(0, +)
        }
    }
}
