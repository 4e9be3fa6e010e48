public import HoldfastChain

/// What was removed of a user, and where it is gone.
public struct ErasureReceipt: Hashable, Sendable {
    /// What was removed of one family.
    public struct Family: Hashable, Sendable {
        /// See ``UserFamily/name``.
        public let name: String
        /// What was there, and is not any more.
        public let erased: ErasedCount
    }

    /// How far one backend has got.
    public struct Backend: Hashable, Sendable {
        /// The name in storage.yaml.
        public let name: String
        /// The `type:` in storage.yaml.
        public let type: String
        /// `primary`, `backup` or `log`.
        public let role: String
        /// Whether no read of it returns anything of the user any more.
        ///
        /// A log is no store that is read: it holds what was written until its `retain` has passed and every store has
        /// taken it, and then its segments are written over.
        public let isErased: Bool
        /// How many entries of the log it has still to take until it has the last removal; what others write after that does
        /// not count.
        public let lag: UInt64
        /// One word, such as `up` or `down`.
        public let state: String
    }

    /// Whose things they were.
    public let user: String
    /// When the removal was complete.
    public let time: Timestamp
    /// In the order in which they were removed.
    public let families: [Family]
    /// In the order of storage.yaml, the log last.
    public let backends: [Backend]
    /// What the writes had to do without; empty when all is well.
    public let degradations: [Degradation]

    /// Of all families.
    public var erased: ErasedCount { families.reduce(into: ErasedCount()) { $0 += $1.erased } }
    /// Whether every store has removed it.
    public var isComplete: Bool { backends.allSatisfy { $0.role == "log" || $0.isErased } }
}
