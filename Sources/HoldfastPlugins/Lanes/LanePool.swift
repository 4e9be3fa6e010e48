internal import HoldfastModel
internal import HoldfastSupport

/// One bounded queue and the threads that serve it, each with a resource of its own.
///
/// A lane takes whatever is queued and can be done together: that is group commit, without a timer. A lane that is stuck
/// past its deadline is abandoned: its callers have been answered, its thread and buffers stay until it returns, and what
/// it then says goes nowhere.
///
/// ```
///            opened             batch taken             batch done
/// opening ───────────► idle ───────────────► calling ───────────────► idle
///    │                  │ idle_timeout, close     │ deadline + grace
///    ▼ failed           ▼                         ▼
///  (gone)             leaving                  abandoned ──returns──► (gone)
/// ```
final class LanePool<Resource: LaneResource>: Sendable {
    typealias Job = LaneJob<Resource>

    /// What makes one pool differ from another.
    struct Plan: Sendable {
        /// `archive (sqlite)`, for messages; and a short name for its threads.
        let label: String
        let threadName: String
        /// At most so many lanes.
        let laneCountMax: Int
        /// How long a lane stays without work, in nanoseconds; nothing is for ever.
        let idleTimeout: Int64?
        /// How long opening may take, in nanoseconds.
        let connectTimeout: Int64
        /// A batch is closed when it has so many changes, entries or questions.
        let weightMax: Int
        /// Whether a lane whose resource is dead is replaced; else the whole session ends.
        let replacesBroken: Bool
        /// Whether a lane that is stuck is replaced; else the whole session ends.
        let replacesStuck: Bool
        /// Opens a resource for one more lane; blocks.
        let open: @Sendable (CallContext, ControlGate.Turn) throws(HoldfastError) -> Resource
        /// Does a batch of jobs of one kind; blocks.
        let execute: @Sendable ([Job], Resource, CallFrame) -> [LaneResult]
        /// Told when a resource is dead that is not replaced.
        let sessionDied: @Sendable (HoldfastError) -> Void
    }

    struct State {
        var queue: [Job] = []
        var lanes: [Lane<Resource>] = []
        var laneNumber = 0
        var end: HoldfastError?
        var isClosing = false
        var closeDeadline = Int64.max
        var closers: [CheckedContinuation<Void, Never>] = []
        var opening: (failure: HoldfastError, retryAt: Int64, attempt: Int)?
        var statistics = LaneStatistics()
    }

    let plan: Plan
    let environment: LaneEnvironment
    let gate: ControlGate
    let state = Monitor(State())
    let watch: DeadlineWatch

    /// Makes a pool without a lane.
    init(_ plan: Plan, _ environment: LaneEnvironment, gate: ControlGate) {
        self.plan = plan
        self.environment = environment
        self.gate = gate
        let box = WeakPool<Resource>()
        watch = DeadlineWatch(clock: environment.clock) { now in box.pool?.expire(now) }
        box.hold(self)
    }

    /// Does work on a lane.
    func submit(_ work: Job.Work, _ context: CallContext) async -> LaneResult {
        let job = Job(work, context)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in enqueue(job, continuation) }
        } onCancel: {
            cancel(job)
        }
    }

    private func enqueue(_ job: Job, _ continuation: CheckedContinuation<LaneResult, Never>) {
        let (refusal, newLane) = state.withLock { state -> (LaneFailure?, Lane<Resource>?) in
            if let reason = reasonToRefuse(job, &state) { return (reason, nil) }
            job.phase = .queued
            job.continuation = continuation
            state.queue.append(job)
            state.statistics.queueDepthMax = max(state.statistics.queueDepthMax, state.queue.count)
            return (nil, laneToAdd(&state))
        }
        if let refusal {
            continuation.resume(returning: .failure(refusal))
            return
        }
        state.signal()
        watch.arm(job.context.deadline)
        if let newLane { start(newLane) }
    }

    private func reasonToRefuse(_ job: Job, _ state: inout State) -> LaneFailure? {
        if job.isCancelled { return .failed(Self.cancelled(plan.label)) }
        if let end = state.end { return .failed(end) }
        if state.isClosing { return .failed(SessionEnd.closed(plan.label)) }
        // The next page of a question whose time the pages before it have used up.
        if job.isScan, job.context.deadline != 0,
            job.context.deadline <= environment.clock.monotonicNanoseconds
        {
            return .failed(.tooLong(plan.label))
        }
        if state.queue.count >= environment.queueJobCountMax {
            return .failed(
                HoldfastError(
                    .exhausted,
                    "\(plan.label): \(state.queue.count) calls wait already, the most it queues; slow down, or "
                        + "raise the pool's max"))
        }
        return state.lanes.isEmpty ? reasonNotToOpen(state).map { .noLane($0) } : nil
    }

    /// Why no lane is added now, or nothing.
    func reasonNotToOpen(_ state: State) -> HoldfastError? {
        if environment.stuck.isAtMost {
            return HoldfastError(
                .unavailable,
                "\(plan.label): \(environment.stuck.count) calls are stuck in its plugin past their deadlines, "
                    + "the most that are replaced; look at the backend, then restart the host")
        }
        if let opening = state.opening, opening.retryAt > environment.clock.monotonicNanoseconds {
            return opening.failure
        }
        return nil
    }

    /// Where in the queue the first job is that may run now, or nothing.
    ///
    /// Questions that take long leave a lane to those that do not, where there are several.
    func nextPosition(_ state: State) -> Int? {
        let scanCount = state.lanes.count { $0.running.first?.isScan == true }
        guard scanCount >= max(1, plan.laneCountMax - 1) else { return state.queue.indices.first }
        return state.queue.firstIndex { !$0.isScan }
    }

    /// A lane that is to be started because every other is busy.
    func laneToAdd(_ state: inout State) -> Lane<Resource>? {
        guard state.end == nil, state.lanes.count < plan.laneCountMax, nextPosition(state) != nil,
            !state.lanes.contains(where: { $0.isIdle || $0.isOpening }), reasonNotToOpen(state) == nil
        else { return nil }
        state.laneNumber += 1
        let now = environment.clock.monotonicNanoseconds
        let lane = Lane<Resource>(
            number: state.laneNumber, phase: .opening(deadline: now + plan.connectTimeout))
        state.lanes.append(lane)
        return lane
    }

    /// Adds a lane for a resource that is open already.
    func adopt(_ resource: Resource) throws(HoldfastError) {
        let lane = state.withLock { state in
            state.laneNumber += 1
            let lane = Lane<Resource>(number: state.laneNumber, phase: .leaving)
            state.lanes.append(lane)
            return lane
        }
        guard environment.spawner.spawn("\(plan.threadName)-\(lane.number)", { self.serve(lane, resource) })
        else {
            state.withLock { state in state.lanes.removeAll { $0 === lane } }
            throw HoldfastError(.exhausted, "\(plan.label): the system has no thread left for a lane")
        }
    }

    /// Starts the thread of a lane that opens its own resource.
    func start(_ lane: Lane<Resource>) {
        watch.arm(lane.deadline + environment.abandonGrace)
        guard environment.spawner.spawn("\(plan.threadName)-\(lane.number)", { self.openAndServe(lane) })
        else {
            openingFailed(
                lane, HoldfastError(.exhausted, "\(plan.label): the system has no thread left for a lane"))
            return
        }
    }

    static func cancelled(_ label: String) -> HoldfastError {
        HoldfastError(.cancelled, "\(label): the call was cancelled by its caller")
    }
}

/// A pool as its own watch sees it, so that neither keeps the other alive.
private final class WeakPool<Resource: LaneResource>: Sendable {
    private let state = Guarded<WeakReference<Resource>>(WeakReference())

    func hold(_ pool: LanePool<Resource>) { state.withLock { $0.pool = pool } }

    var pool: LanePool<Resource>? { state.withLock { $0.pool } }
}

private struct WeakReference<Resource: LaneResource>: Sendable {
    weak var pool: LanePool<Resource>?
}
