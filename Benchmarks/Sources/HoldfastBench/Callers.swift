import Holdfast

/// What group commit gives: many callers at once against one.
enum Callers {
    private static let callerCount = 64
    private static let appendsPerTurn = 1024

    static func run(_ context: BenchContext) async throws -> [Ratio] {
        let store = try await context.openDefaultChain()
        let conversations = store.conversations()
        let message = BenchContext.message()
        let rates = try await Turns.rates(
            rounds: context.rounds(9),
            [
                { _ in
                    for _ in 0..<appendsPerTurn / 8 { try await conversations.append(message, to: "one") }
                    return appendsPerTurn / 8
                },
                { _ in
                    try await appends(
                        message, to: conversations, callers: callerCount, count: appendsPerTurn * 4)
                },
            ])
        await store.close()
        return [
            Ratio(
                title: "appends with \(callerCount) callers / with one, default chain",
                value: rates[1] / rates[0],
                bar: .atLeast(10), detail: "\(Figure.rate(rates[1])) and \(Figure.rate(rates[0]))")
        ]
    }

    /// Appends from many tasks, each to a list of its own.
    static func appends(
        _ message: Bytes, to conversations: Conversations, callers: Int, count: Int,
        _ options: WriteOptions = .standard
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for _ in 0..<count / callers {
                        try await conversations.append(message, to: "caller-\(caller)", options)
                    }
                }
            }
            try await group.waitForAll()
        }
        return count / callers * callers
    }
}
