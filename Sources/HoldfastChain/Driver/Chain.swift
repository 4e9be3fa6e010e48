import DequeModule
import HoldfastModel
import HoldfastSupport
import Synchronization

/// A log and the providers that follow it, as one backend.
///
/// The actor owns the connections and carries out what ``ChainCore`` decides: each decision is finished before the
/// first suspension, each operation runs in a task that this chain counts and waits for when it is closed.
public actor Chain: Backend {
    /// A caller that waits for the answer of a write.
    struct Caller {
        var continuation: CheckedContinuation<CoreAnswer, Never>
        /// Monotonic nanoseconds.
        var deadline: Int64
    }

    /// The name in storage.yaml.
    public nonisolated let name: String
    nonisolated let settings: ChainSettings
    nonisolated let environment: ChainEnvironment
    var core: ChainCore
    var log: any LogStore
    /// What the log has said last, if it failed, and when in Unix milliseconds.
    var logFailure: (error: HoldfastError, time: Int64)?
    /// When the append began that is under way, in monotonic nanoseconds.
    var appendStart: Int64?
    /// Counts how often the log was opened again.
    var logGeneration = 0
    var primary: Connection?
    var backups: [Connection?]
    var tail: LogTail
    var callers: [RequestID: Caller] = [:]
    /// Requests that the actor has not taken yet.
    nonisolated let inbox = Guarded<[(request: CoreRequest, caller: Caller)]>([])
    nonisolated let requestCount = Atomic<RequestID>(0)
    var markClock: VersionClock
    /// When which position was the last one, ascending; for `retain`.
    var ages: Deque<(time: Int64, last: LogSequenceNumber)> = []
    /// When entries came; for how long a provider is behind.
    var arrivals: LogArrivals
    var isClosing = false
    /// What is still being opened is closed at once.
    var opensNothing = false
    /// Nothing is open any more.
    var isClosed = false
    /// Why nothing may be written: acknowledged entries of the log cannot be read.
    var damage: HoldfastError?
    var housekeeper: Task<Void, Never>?
    /// Entries up to here are older than `retain`.
    var agedThrough: LogSequenceNumber = 0
    /// Waits that closing cuts short.
    var timers: Set<Task<Void, Never>> = []
    /// What providers that serve have answered and nobody can use.
    var badAnswers: [Consumer: BadAnswers] = [:]
    /// Which providers are still being opened, for longer than a call may take.
    var late: Set<Consumer> = []
    /// How many openings have ended.
    var openingCount = 0
    /// Which providers are away, as their operator has heard.
    var turns: ProviderTurns
    var reports = ReportFilter()
    private var taskCount = 0
    var isSweeping = false
    private var conditionWaiters:
        [(condition: @Sendable (isolated Chain) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

    init(
        settings: ChainSettings, environment: ChainEnvironment, log: any LogStore, scan: LogScan,
        arrivals: LogArrivals
    ) {
        name = settings.name
        self.settings = settings
        self.environment = environment
        self.log = log
        let node = environment.random.next() & Version.nodeMax
        core = ChainCore(
            policy: settings.policy, logID: log.info.incarnation, scan: scan,
            backupCount: settings.backups.count,
            node: node)
        markClock = VersionClock(node: node)
        backups = settings.backups.map { _ in nil }
        tail = LogTail(after: scan.last)
        self.arrivals = arrivals
        turns = ProviderTurns(backupCount: settings.backups.count)
    }

    // MARK: events in, actions out

    /// Lets the core take note of an event, and carries out what it decides.
    func deliver(_ event: ChainEvent) {
        let actions = core.step(event, at: UInt64(max(0, environment.clock.unixMilliseconds)))
        for action in actions { perform(action) }
        noteTurns()
        trimTail()
        settleConditions()
    }

    /// Lets go of what every backup has; after every event, so without making an array.
    private func trimTail() {
        guard !core.backups.isEmpty else { return }
        var lowest = LogSequenceNumber.max
        for index in core.backups.indices { lowest = min(lowest, core.backups[index].mark) }
        if lowest > tail.indexedAfter { tail.trim(through: lowest) }
    }

    /// Starts the core: connects everything.
    func start() {
        for action in core.start() { perform(action) }
    }

    /// Runs an operation in a task of its own, on the threads that bring its results; closing waits for it.
    func run(_ operation: @escaping @Sendable (isolated Chain) async -> Void) {
        taskCount += 1
        Task(executorPreference: InlineExecutor.shared) { await self.finish(operation) }
    }

    private func finish(_ operation: @Sendable (isolated Chain) async -> Void) async {
        await operation(self)
        taskCount -= 1
        settleConditions()
    }

    /// Suspends until a condition on the chain holds; it is looked at after every event.
    func wait(until condition: @escaping @Sendable (isolated Chain) -> Bool) async {
        guard !condition(self) else { return }
        await withCheckedContinuation { continuation in
            conditionWaiters.append((condition, continuation))
        }
    }

    /// The same, but for no longer than a while.
    func wait(atMost duration: Duration, until condition: @escaping @Sendable (isolated Chain) -> Bool) async
    {
        let end = environment.clock.monotonicNanoseconds + duration.nanoseconds
        let clock = environment.clock
        let timer = Task {
            await clock.wait(until: end)
            settleConditions()
        }
        await wait { condition($0) || clock.monotonicNanoseconds >= end }
        timer.cancel()
    }

    func settleConditions() {
        guard !conditionWaiters.isEmpty else { return }
        var remaining:
            [(condition: @Sendable (isolated Chain) -> Bool, continuation: CheckedContinuation<Void, Never>)] =
                []
        let waiters = conditionWaiters
        conditionWaiters.removeAll()
        for waiter in waiters {
            if waiter.condition(self) { waiter.continuation.resume() } else { remaining.append(waiter) }
        }
        conditionWaiters += remaining
    }

    /// Reports a sentence about this chain, once a minute at most where it is always the same.
    func report(_ sentence: String, _ level: ChainEnvironment.ReportLevel = .warning) {
        guard reports.admits(sentence, at: environment.clock.monotonicNanoseconds) else { return }
        environment.report(level, "\(name): \(sentence)")
    }

    /// Whether no operation is under way.
    var isIdle: Bool { taskCount == 0 }

    /// The deadline of one operation on a provider.
    nonisolated var operationContext: CallContext {
        CallContext(deadline: environment.clock.monotonicNanoseconds + settings.timeout.nanoseconds)
    }
}
