internal import HoldfastSupport

/// What this process did for agents: how often, and how long it took.
final class AgentMeter: Sendable {
    /// What is counted apart.
    enum Operation: Hashable, Sendable, CaseIterable {
        case save, load, query, delete
    }

    /// Counts, and latencies in nanoseconds.
    struct Tally: Hashable, Sendable {
        var counts: [Operation: Int] = [:]
        var total: Int64 = 0
        var lowest: Int64?
        var highest: Int64?

        mutating func add(_ operation: Operation, _ duration: Int64) {
            counts[operation, default: 0] += 1
            total += duration
            lowest = min(lowest ?? duration, duration)
            highest = max(highest ?? duration, duration)
        }
    }

    private let state = Guarded(Tally())

    var tally: Tally { state.withLock { $0 } }

    func add(_ operation: Operation, _ duration: Int64) { state.withLock { $0.add(operation, duration) } }
}
