import DequeModule
import HoldfastModel
import HoldfastSupport

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
    var logFailure: HoldfastError?
    /// Counts how often the log was opened again.
    var logGeneration = 0
    var primary: Connection?
    var backups: [Connection?]
    var tail: LogTail
    var callers: [RequestID: Caller] = [:]
    var lastRequest: RequestID = 0
    var markClock: VersionClock
    /// When which position was the last one, ascending; for `retain`.
    var ages: Deque<(time: Int64, last: LogSequenceNumber)> = []
    /// When entries came; for how long a provider is behind.
    var arrivals: LogArrivals
    var isClosing = false
    /// Why nothing may be written: acknowledged entries of the log cannot be read.
    var damage: HoldfastError?
    var housekeeper: Task<Void, Never>?
    /// Entries up to here are older than `retain`.
    var agedThrough: LogSequenceNumber = 0
    /// Waits that closing cuts short.
    var timers: Set<Task<Void, Never>> = []
    private var reports = ReportFilter()
    private var taskCount = 0
    private var isSweeping = false
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
    }

    // MARK: events in, actions out

    /// Lets the core take note of an event, and carries out what it decides.
    func deliver(_ event: ChainEvent) {
        let actions = core.step(event, at: UInt64(max(0, environment.clock.unixMilliseconds)))
        for action in actions { perform(action) }
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

    /// Runs an operation in a task of its own; closing waits for it.
    func run(_ operation: @escaping @Sendable (isolated Chain) async -> Void) {
        taskCount += 1
        Task {
            await operation(self)
            taskCount -= 1
            settleConditions()
        }
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

    private func settleConditions() {
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
    func report(_ sentence: String) {
        guard reports.admits(sentence, at: environment.clock.monotonicNanoseconds) else { return }
        environment.report("\(name): \(sentence)")
    }

    /// Whether no operation is under way.
    var isIdle: Bool { taskCount == 0 }

    /// The deadline of one operation on a provider.
    nonisolated var operationContext: CallContext {
        CallContext(deadline: environment.clock.monotonicNanoseconds + settings.timeout.nanoseconds)
    }

    // MARK: callers

    /// Hands a request to the core and waits for its answer.
    func ask(_ request: CoreRequest, timeout: Duration?) async -> CoreAnswer {
        let deadline = environment.clock.monotonicNanoseconds + (timeout ?? settings.timeout).nanoseconds
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                callers[request.id] = Caller(continuation: continuation, deadline: deadline)
                sweepDeadlines()
                deliver(.submitted(request))
            }
        } onCancel: {
            Task { await self.deliver(.deadlinePassed(request.id)) }
        }
    }

    /// Resumes the caller of a request.
    func answer(_ request: RequestID, _ answer: CoreAnswer) {
        callers.removeValue(forKey: request)?.continuation.resume(returning: answer)
    }

    /// Looks, while anybody waits, for requests whose time is up.
    private func sweepDeadlines() {
        guard !isSweeping else { return }
        isSweeping = true
        let clock = environment.clock
        Task {
            while !callers.isEmpty {
                let now = clock.monotonicNanoseconds
                for request in callers.filter({ $0.value.deadline <= now }).keys { expire(request, now: now) }
                guard let next = callers.values.lazy.map(\.deadline).min() else { break }
                await clock.wait(until: min(next, now + Self.sweepInterval))
            }
            isSweeping = false
        }
    }

    /// How late a deadline may be noticed.
    private static let sweepInterval: Int64 = 20_000_000
    /// How long an abort may take to become durable before its caller hears that the outcome is unknown.
    private static let abortGrace: Int64 = 1_000_000_000

    private func expire(_ request: RequestID, now: Int64) {
        callers[request]?.deadline = now + Self.abortGrace
        deliver(.deadlinePassed(request))
    }
}
