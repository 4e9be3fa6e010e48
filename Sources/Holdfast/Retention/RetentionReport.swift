/// What a run of retention has removed, or would remove.
public struct RetentionReport: Hashable, Sendable {
    /// What came of one namespace.
    public struct NamespaceReport: Hashable, Sendable {
        /// The namespace.
        public let namespace: String
        /// How many lists were looked at.
        public var listCount = 0
        /// How many items they had.
        public var itemCount = 0
        /// Of how many lists something was removed, or would be.
        public var trimmedListCount = 0
        /// How many items were removed, or would be.
        public var removedItemCount = 0
        /// How many of the lists a hold keeps.
        public var heldListCount = 0
        /// Who was at it meanwhile, so that nothing was done here; nothing where nobody was.
        public var busyWith: String?

        init(_ namespace: String) { self.namespace = namespace }
    }

    /// When the run began.
    public let startedAt: Timestamp
    /// Whether nothing was removed because that was asked for.
    public let isDryRun: Bool
    /// In the order of their names.
    public internal(set) var namespaces: [NamespaceReport]

    /// How many items were removed, or would be.
    public var removedItemCount: Int { namespaces.reduce(0) { $0 + $1.removedItemCount } }
}
