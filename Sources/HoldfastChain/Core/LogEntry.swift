package import HoldfastModel

/// The position of an entry in a log: from 1, dense, never reused.
package typealias LogSequenceNumber = UInt64

/// One entry of a chain's log.
package struct LogEntry: Hashable, Sendable {
    /// What the entry says.
    package enum Body: Hashable, Sendable {
        /// Changes of one request, their versions assigned. With `supersedes`, they take the place of an earlier entry
        /// that was refused as stale.
        case changes([Change], supersedes: LogSequenceNumber?)
        /// The entry at this position was refused: nothing of it is stored, now or later.
        case abort(LogSequenceNumber)
    }

    /// See ``Body-swift.enum``.
    package var body: Body
    /// The highest position such that it and all before it were resolved on the primary when this was written.
    ///
    /// It is how a restarted host knows that a primary has lost what it had.
    package var resolvedThrough: LogSequenceNumber

    /// Makes an entry.
    package init(_ body: Body, resolvedThrough: LogSequenceNumber) {
        self.body = body
        self.resolvedThrough = resolvedThrough
    }
}

/// What a chain learns by reading its whole log once, before it starts.
package struct LogScan: Hashable, Sendable {
    /// An entry that was not known as resolved when it was written.
    package struct Unresolved: Hashable, Sendable {
        /// Its position.
        package let lsn: LogSequenceNumber
        /// Its changes.
        package let changes: [Change]

        /// Makes an entry.
        package init(lsn: LogSequenceNumber, changes: [Change]) {
            self.lsn = lsn
            self.changes = changes
        }
    }

    /// The lowest position that can be read.
    package var first: LogSequenceNumber
    /// The highest position, 0 for a new log.
    package var last: LogSequenceNumber
    /// The highest ``LogEntry/resolvedThrough``.
    package var resolvedThrough: LogSequenceNumber
    /// Entries that were aborted or superseded.
    package var voided: Set<LogSequenceNumber>
    /// Every other entry after ``resolvedThrough`` that carries changes, ascending.
    package var unresolved: [Unresolved]
    /// The highest version in the log.
    package var lastVersion: Version
    /// The entry that carries it, 0 when there is none.
    package var lastVersioned: LogSequenceNumber

    /// Describes a log that holds nothing.
    package init() {
        first = 1
        last = 0
        resolvedThrough = 0
        voided = []
        unresolved = []
        lastVersion = .zero
        lastVersioned = 0
    }

    /// Takes note of the next entry; entries come in order.
    package mutating func add(_ entry: LogEntry, at lsn: LogSequenceNumber) {
        last = lsn
        resolvedThrough = max(resolvedThrough, entry.resolvedThrough)
        switch entry.body {
        case .abort(let target): voided.insert(target)
        case .changes(let changes, let supersedes):
            if let supersedes { voided.insert(supersedes) }
            unresolved.append(Unresolved(lsn: lsn, changes: changes))
            for change in changes where change.record.version > lastVersion {
                lastVersion = change.record.version
                lastVersioned = lsn
            }
        }
        if unresolved.count > 4096, unresolved[unresolved.count / 2].lsn <= resolvedThrough { settle() }
    }

    /// Lets go of what later entries resolved or voided; once more after the last entry.
    package mutating func settle() {
        unresolved.removeAll { $0.lsn <= resolvedThrough || voided.contains($0.lsn) }
    }
}
