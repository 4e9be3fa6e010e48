package import HoldfastModel

/// Names one request inside a host.
package typealias RequestID = UInt64

/// One write on its way into the core.
package struct CoreRequest: Hashable, Sendable {
    /// Unique in this host.
    package var id: RequestID
    /// See `WriteRequest.changes`; with an idempotency key the key's record comes first, its value still empty.
    package var changes: [Change]
    /// Where the record of the idempotency key lives.
    package var idempotency: Address?
    /// See ``AckLevel``.
    package var ack: AckLevel
    /// The versions were assigned by another host; a refusal is answered, not repaired.
    package var isFixed: Bool
    /// The conditions hold for the log up to this position, its pending entries laid over a backup.
    package var decidedThrough: LogSequenceNumber?

    /// Makes a request.
    package init(
        id: RequestID, changes: [Change], idempotency: Address? = nil, ack: AckLevel = .primary,
        isFixed: Bool = false
    ) {
        self.id = id
        self.changes = changes
        self.idempotency = idempotency
        self.ack = ack
        self.isFixed = isFixed
    }
}

/// What happened.
///
/// Answers of a provider carry the generation of the connection they came over.
package enum ChainEvent: Hashable, Sendable {
    /// Requests that came together, in their order.
    case submitted([CoreRequest])
    /// The request's deadline passed, or its caller went away.
    case deadlinePassed(RequestID)

    case logAppended
    /// The append that is under way takes so long that nobody is kept waiting for it any more.
    case logHangs
    case logFailed(HoldfastError)
    /// The log's connection is lost, as somebody who read it has found.
    case logLost(HoldfastError)
    /// The log was opened again after a failure that left its end unknown.
    case logReopened(last: LogSequenceNumber)

    case primaryConnected(Int, ProviderView)
    case primaryApplied(Int, [[ChangeOutcome]])
    case primaryReplayed(Int, through: LogSequenceNumber)
    case primaryResynced(Int, mark: LogSequenceNumber)
    case primaryMarks(Int, [Mark])
    /// What was under way failed, connecting included.
    case primaryFailed(Int, HoldfastError)

    case backupConnected(Int, generation: Int, ProviderView)
    case backupApplied(Int, generation: Int, through: LogSequenceNumber)
    case backupResynced(Int, generation: Int, mark: LogSequenceNumber)
    case backupFailed(Int, generation: Int, HoldfastError)
    /// The log could not be read for it; it is well itself.
    case backupStarved(Int, generation: Int)

    /// A provider takes longer to open than a call may; it goes on, and nobody is kept waiting for it.
    case opensLate(Consumer, generation: Int)
    /// A wait that ``ChainAction/wake(_:attempt:)`` asked for is over.
    case woken(Consumer)
    /// What a provider had applied is durable there.
    case flushed(Consumer, through: LogSequenceNumber)
    /// Entries up to this one are older than `retain`.
    case aged(through: LogSequenceNumber)
}

/// What can be waited for: a provider that follows the log, or the log itself.
package enum Consumer: Hashable, Sendable {
    case primary
    case backup(Int)
    case log
}

/// What is to be done next.
package enum ChainAction: Hashable, Sendable {
    /// One at a time; answered by `logAppended` or `logFailed`.
    case append([LogEntry])
    case reopenLog
    case trim(before: LogSequenceNumber)

    case connectPrimary(Int)
    /// Applies entries live and moves the mark with them, in one commit where the primary can.
    case applyPrimary(Int, [PrimaryEntry], Mark)
    /// Merges a range of the log, from a position on, as far as one batch goes; the mark's LSN is an upper bound.
    case replayPrimary(
        Int, from: LogSequenceNumber, through: LogSequenceNumber, excluding: Set<LogSequenceNumber>, Mark)
    case readPrimaryMarks(Int)
    case resyncPrimary(Int, fromBackup: Int)

    case connectBackup(Int, generation: Int)
    case applyBackup(
        Int, generation: Int, from: LogSequenceNumber, through: LogSequenceNumber,
        excluding: Set<LogSequenceNumber>, Mark)
    case resyncBackup(Int, generation: Int, Mark)
    /// Sets one entry aside that a backup refuses for good; the mark then moves past it.
    case quarantine(Int, LogSequenceNumber, HoldfastError)

    case flush(Consumer)
    /// Ask again after a while.
    case wake(Consumer, attempt: Int)
    case answer(RequestID, CoreAnswer)
}

/// An entry on its way to the primary.
package struct PrimaryEntry: Hashable, Sendable {
    /// Its position.
    package var lsn: LogSequenceNumber
    /// With their live conditions.
    package var changes: [Change]
}

/// What a caller hears.
package enum CoreAnswer: Hashable, Sendable {
    /// For each change of the request its version, without the record of the idempotency key.
    case stored([Version], AckLevel, Set<CoreDegradation>)
    /// A write with the same idempotency key is stored there.
    case duplicate(Address)
    case refused(HoldfastError)
    /// Of a request whose versions are fixed: the primary refused it.
    case outcomes([ChangeOutcome])
    /// The primary is down, and the conditions are to be decided by what a reader would see; nothing is logged.
    case undecided
}

/// Why an answer is less than what was asked for.
package enum CoreDegradation: Hashable, Sendable {
    case primaryDown
    case idMayChange
    case backupBehind(Int)
}
