package import DequeModule
package import HoldfastModel

/// What a chain knows of the fate of each entry of its log.
package struct Ledger: Hashable, Sendable {
    /// Entries whose fate on the primary is open, ascending.
    package private(set) var pending: Deque<PendingEntry>
    /// Entries of the retained log that were aborted or superseded.
    package private(set) var voided: Set<LogSequenceNumber>
    /// The highest durable position.
    package var last: LogSequenceNumber
    /// The last durable entry that carries versions, which tell the next start what to stay above; 0 is none.
    package var lastVersioned: LogSequenceNumber
    /// Bytes of the pending entries.
    package private(set) var pendingByteCount: Int
    /// How many of the pending entries only the primary can decide.
    package private(set) var conditionalCount: Int

    /// Takes over what reading the log found.
    package init(_ scan: LogScan) {
        last = scan.last
        lastVersioned = scan.lastVersioned
        voided = scan.voided
        pending = Deque(
            scan.unresolved.map { found in
                PendingEntry(
                    lsn: found.lsn, changes: found.changes, idempotency: found.changes.first?.claimedKey,
                    isFixed: false, state: .ready, waiters: [], isAcknowledged: false, isRecovered: true)
            })
        pendingByteCount = pending.reduce(0) { $0 + $1.byteCount }
        conditionalCount = pending.count { $0.isConditional }
    }

    /// The highest position such that it and all before it are durable and settled.
    package var settledThrough: LogSequenceNumber {
        min(last, pending.first.map { $0.lsn - 1 } ?? last)
    }

    /// The highest position that is settled once a pending entry, and all before it, is.
    package func settledThrough(after lsn: LogSequenceNumber) -> LogSequenceNumber {
        let next = position(of: lsn + 1)
        return min(last, next < pending.count ? pending[next].lsn - 1 : last)
    }

    /// The place of an entry, or of the next higher one.
    package func position(of lsn: LogSequenceNumber) -> Int {
        var low = 0
        var high = pending.count
        while low < high {
            let middle = (low + high) / 2
            if pending[middle].lsn < lsn { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether an entry is pending.
    package subscript(lsn: LogSequenceNumber) -> PendingEntry? {
        let position = position(of: lsn)
        return position < pending.count && pending[position].lsn == lsn ? pending[position] : nil
    }

    /// Adds an entry above all others.
    package mutating func add(_ entry: PendingEntry) {
        pendingByteCount += entry.byteCount
        if entry.isConditional { conditionalCount += 1 }
        pending.append(entry)
    }

    /// Changes one entry; nothing happens when it is not pending.
    package mutating func update(_ lsn: LogSequenceNumber, _ body: (inout PendingEntry) -> Void) {
        let position = position(of: lsn)
        guard position < pending.count, pending[position].lsn == lsn else { return }
        body(&pending[position])
    }

    /// Changes every entry.
    package mutating func updateAll(_ body: (inout PendingEntry) -> Void) {
        for position in pending.indices { body(&pending[position]) }
    }

    /// Lets go of an entry that is applied, or that never reached the log.
    @discardableResult
    package mutating func remove(_ lsn: LogSequenceNumber) -> PendingEntry? {
        let position = position(of: lsn)
        guard position < pending.count, pending[position].lsn == lsn else { return nil }
        let entry = position == 0 ? pending.removeFirst() : pending.remove(at: position)
        pendingByteCount -= entry.byteCount
        if entry.isConditional { conditionalCount -= 1 }
        return entry
    }

    /// Lets go of an entry that is void.
    @discardableResult
    package mutating func void(_ lsn: LogSequenceNumber) -> PendingEntry? {
        voided.insert(lsn)
        return remove(lsn)
    }

    /// Lets go of what the log no longer holds.
    package mutating func trim(before lsn: LogSequenceNumber) {
        voided = voided.filter { $0 >= lsn }
    }
}

extension Change {
    /// The address of the idempotency key that the change claims.
    package var claimedKey: Address? {
        kind == .put && record.namespace == IdempotencyRecord.namespace && condition == .version(.zero)
            ? address : nil
    }
}
