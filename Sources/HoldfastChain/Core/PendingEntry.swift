package import HoldfastModel

/// An entry whose fate on the primary is not settled.
///
///     appending ──► ready ──► sent ──► (applied: leaves)
///                    │ ▲        │ answer lost
///                    │ └─mark── unknown
///                    ├─ refused ──► aborting ────► (voided: leaves)
///                    └─ stale ────► superseding ─► (voided: leaves)
package struct PendingEntry: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case appending, ready, sent, unknown, aborting, superseding
    }

    /// Who waits for the entry.
    package struct Waiter: Hashable, Sendable {
        package var request: RequestID
        package var ack: AckLevel
    }

    package var lsn: LogSequenceNumber
    package var changes: [Change]
    package var idempotency: Address?
    package var isFixed: Bool
    package var state: State
    package var waiters: [Waiter]
    /// Somebody was told that it is stored: it is never aborted for unavailability.
    package var isAcknowledged: Bool
    /// It is not taken back for unavailability: its outcome was unknown for a while, or a caller was told so.
    package var isExposed = false
    /// It was found in the log at the start, so who waited for it is not known.
    package var isRecovered: Bool
    /// What the waiters hear once the abort is durable.
    package var refusal: CoreAnswer?

    /// Whether nobody can have seen the entry, so that it may yet be taken back.
    package var mayBeAborted: Bool { !isAcknowledged && !isRecovered && !isExposed }

    /// The versions that the caller hears.
    package var versions: [Version] {
        changes.dropFirst(idempotency == nil ? 0 : 1).map(\.record.version)
    }

    /// Whether the entry needs the primary as the one serialiser.
    package var needsSerialiser: Bool { changes.contains(where: \.needsSerialiser) }

    /// Bytes that the entry holds in memory.
    package var byteCount: Int { changes.reduce(0) { $0 + $1.record.value.count + $1.record.key.count + 64 } }
}

extension Change {
    /// Whether the host that logs the change assigned its version, and may assign another.
    package var isReversionable: Bool {
        switch kind {
        case .put: condition != .none
        case .drop: condition == .newest
        case .check: false
        }
    }

    /// Clears, conditions and replacements: what a shared primary must decide.
    package var needsSerialiser: Bool {
        if record.namespace == IdempotencyRecord.namespace { return false }
        switch condition {
        case .newest: return kind == .drop
        case .version, .exists: return true
        case .none: return false
        }
    }

    /// Gives the change a version, and a new item its id with it.
    package mutating func assign(_ version: Version) {
        if kind == .put, isItem, record.id == record.version { record.id = version }
        record.version = version
    }
}
