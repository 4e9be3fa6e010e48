/// What a provider has applied of one log, kept in that provider in the same commit as the changes.
package struct Mark: Hashable, Sendable {
    /// How far a host has come in taking up a primary that lost data.
    package enum Phase: UInt8, Hashable, Sendable, Comparable {
        /// It replays what its log holds.
        case merging = 0
        /// Everything its log knows is there; it waits for the other hosts.
        case merged = 1
        /// What was pending is there too: normal work.
        case serving = 2

        package static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
    }

    /// The identity of the log.
    package var log: String
    /// The highest position such that it and all before it are resolved in this provider.
    package var lsn: LogSequenceNumber
    /// The incarnation of the provider when this was written.
    package var incarnation: String
    /// See ``Phase-swift.enum``.
    package var phase: Phase

    /// Makes a mark.
    package init(log: String, lsn: LogSequenceNumber, incarnation: String, phase: Phase) {
        self.log = log
        self.lsn = lsn
        self.incarnation = incarnation
        self.phase = phase
    }
}

/// What is learnt of a provider each time a connection to it is made, before the connection is used.
package struct ProviderView: Hashable, Sendable {
    /// See `StoreInfo.incarnation`.
    package var incarnation: String
    /// Whether changes and mark move in one commit.
    package var isAtomic: Bool
    /// Whether what was applied is durable at once.
    package var isDurable: Bool
    /// The marks of every log that is registered there.
    package var marks: [Mark]

    /// Makes a view.
    package init(incarnation: String, isAtomic: Bool, isDurable: Bool, marks: [Mark]) {
        self.incarnation = incarnation
        self.isAtomic = isAtomic
        self.isDurable = isDurable
        self.marks = marks
    }
}
