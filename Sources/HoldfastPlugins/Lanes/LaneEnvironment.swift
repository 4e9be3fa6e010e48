internal import HoldfastModel
internal import HoldfastSupport

/// What all lanes of one backend share.
struct LaneEnvironment: Sendable {
    /// The host's clock.
    let clock: any HostClock
    /// Where threads come from.
    let spawner: ThreadSpawner
    /// How long after its deadline a call counts as stuck, in nanoseconds: a plugin that notices the deadline by itself
    /// gets the time to say so.
    let abandonGrace: Int64
    /// How long closing waits for calls that run, in nanoseconds.
    let drainTimeout: Int64
    /// At most so many calls wait for a lane.
    let queueJobCountMax: Int
    /// The calls that are stuck.
    let stuck: StuckCalls
}

/// Counts the threads of a backend that are stuck in its plugin.
///
/// Nothing can cancel a blocking C function, so each holds a thread and a connection until it returns by itself.
final class StuckCalls: Sendable {
    private struct State {
        var current = 0
        var total = 0
    }

    private let maximum: Int
    private let state = Guarded(State())

    /// Allows so many at once.
    init(maximum: Int) { self.maximum = maximum }

    /// Those that are stuck now.
    var count: Int { state.withLock { $0.current } }
    /// All that ever were.
    var total: Int { state.withLock { $0.total } }
    /// Whether no further one would be replaced.
    var isAtMost: Bool { count >= maximum }

    /// One more is stuck.
    func add() {
        state.withLock {
            $0.current += 1
            $0.total += 1
        }
    }

    /// One has returned after all.
    func remove() { state.withLock { $0.current -= 1 } }
}

/// How a session ends.
enum SessionEnd {
    /// The error that every call gets after a session has ended.
    static func dead(_ label: String, because error: HoldfastError) -> HoldfastError {
        HoldfastError(
            .unavailable, "\(label): the connection has ended (\(error.message)); connect again",
            flags: [.retryable, .providerDead])
    }

    /// The error that every call gets after its owner has closed the session.
    static func closed(_ label: String) -> HoldfastError {
        HoldfastError(
            .unavailable, "\(label): the connection is closed; connect again",
            flags: [.retryable, .providerDead])
    }
}

extension HoldfastError {
    /// What a caller hears whose question took too long: what to ask instead, not where its backend was interrupted.
    static func tooLong(_ label: String) -> HoldfastError {
        HoldfastError(
            .timeout,
            "\(label): the question took longer than its deadline; ask about one key or prefix, declare what it "
                + "looks for in the backend's `indexes`, or give it more time", flags: .retryable)
    }

    /// Whether a backend that is there has used up the time of a call.
    var isTooLong: Bool { code == .timeout && !flags.contains(.providerDead) }
}

/// What the lanes of one pool have done.
struct LaneStatistics: Sendable {
    /// The most calls that ever waited.
    var queueDepthMax = 0
    /// Batches handed to the plugin.
    var batchCount = 0
    /// Calls of callers in those batches.
    var jobCount = 0
    /// Changes, entries or questions in those batches.
    var weight = 0
    /// The most of them in one batch.
    var weightMax = 0
}
