internal import HoldfastModel

/// What a lane works on: something with calls that block.
protocol LaneResource: AnyObject, Sendable {
    /// Ends its use; blocks.
    func close()
}

extension StoreHandle: LaneResource {}

/// What a lane answers.
enum LaneAnswer: Sendable {
    /// Done, nothing to tell.
    case done
    /// Of changes.
    case outcomes([ChangeOutcome])
    /// Of questions, in their order.
    case records([[Record]])
    /// Of an append or a salvage.
    case lsn(UInt64)
    /// Of a log.
    case entries([LogRecord])
    /// Of a log.
    case bounds(LogBounds)
    /// Of a log's check.
    case findings([LogFinding])
}

/// Why a lane has no answer.
enum LaneFailure: Error, Sendable {
    /// The call failed.
    case failed(HoldfastError)
    /// No lane could be opened, and nothing was called; another pool may serve.
    case noLane(HoldfastError)

    /// What the caller hears.
    var error: HoldfastError {
        switch self {
        case .failed(let error), .noLane(let error): error
        }
    }
}

/// The result of a job.
typealias LaneResult = Result<LaneAnswer, LaneFailure>

/// One caller's work, from the moment it is queued until the caller has been answered, exactly once.
final class LaneJob<Resource: LaneResource>: @unchecked Sendable {
    // @unchecked: what changes is reached only under the lock of the pool that the job was submitted to.

    /// What is to be done.
    enum Work: Sendable {
        /// Changes of one caller, to be merged with those of others.
        case apply(GroupCommit.Request)
        /// Questions of one caller, to be asked together with those of others.
        case read([ReadRequest])
        /// Entries of one caller, to be appended together with those of others.
        case append([Bytes])
        /// A question that takes as long as what it asks, one at a time; some lanes are left to others.
        case scan(Call)
        /// Anything else, one at a time.
        case other(isWrite: Bool, Call)

        /// One call, which blocks.
        typealias Call = @Sendable (Resource, CallFrame, CallContext) throws(HoldfastError) -> LaneAnswer

        /// Which work can be done together.
        var kind: Int {
            switch self {
            case .apply: 0
            case .read: 1
            case .append: 2
            case .other: 3
            case .scan: 4
            }
        }
    }

    /// Where a job is.
    enum Phase { case new, queued, running, answered }

    let work: Work
    let context: CallContext
    var phase = Phase.new
    var continuation: CheckedContinuation<LaneResult, Never>?
    var isCancelled = false
    /// The newest lane there was when the job first met a dead resource.
    ///
    /// What broke one connection may have broken all that were open, so older lanes do not count as another try.
    var newestLaneAtDeath: Int?

    init(_ work: Work, _ context: CallContext) {
        self.work = work
        self.context = context
    }

    /// Whether something may have been stored when the job ends without an answer.
    var isWrite: Bool {
        switch work {
        case .apply, .append: true
        case .read, .scan: false
        case .other(let isWrite, _): isWrite
        }
    }

    /// How much of a batch the job takes up: changes or entries.
    var weight: Int {
        switch work {
        case .apply(let request): request.changes.count
        case .append(let entries): entries.count
        case .read(let requests): requests.count
        case .other, .scan: 1
        }
    }

    /// Whether it may take as long as its deadline allows, however well its backend is.
    var isScan: Bool { if case .scan = work { true } else { false } }
}

/// One thread, the resource that it owns, and what it is doing.
final class Lane<Resource: LaneResource>: @unchecked Sendable {
    // @unchecked: everything that changes is reached only under the lock of its pool; the frame is the thread's own.

    /// What a lane is doing.
    enum Phase {
        /// Opening its resource, until a deadline; 0 is never.
        case opening(deadline: Int64)
        /// Waiting for work since a moment.
        case idle(since: Int64)
        /// In a call that has a deadline; 0 is never.
        case calling(deadline: Int64)
        /// On its way out.
        case leaving
    }

    let number: Int
    let frame = CallFrame()
    var phase: Phase
    var running: [LaneJob<Resource>] = []
    /// Nobody waits for it any more: its call is stuck past the deadline.
    var isAbandoned = false
    /// It is to end when its call is over.
    var mustLeave = false
    var turn: ControlGate.Turn?

    init(number: Int, phase: Phase) {
        self.number = number
        self.phase = phase
    }

    var isIdle: Bool { if case .idle = phase { true } else { false } }
    var isOpening: Bool { if case .opening = phase { true } else { false } }

    /// Until when it may be busy; 0 is for ever.
    var deadline: Int64 {
        switch phase {
        case .opening(let deadline), .calling(let deadline): deadline
        case .idle, .leaving: 0
        }
    }
}
