/// What is under `retention`: what goes by itself.
public struct RetentionConfiguration: Hashable, Sendable {
    /// The pause between two runs of a daemon.
    public let interval: Duration
    /// Whether runs only count what they would remove.
    public let isDryRun: Bool
    /// In the order of the file; at most one for each namespace and prefix.
    public let policies: [RetentionPolicyConfiguration]
}

/// One of the policies under `retention`.
public struct RetentionPolicyConfiguration: Hashable, Sendable {
    /// The namespace of the lists.
    public let namespace: String
    /// Only lists whose keys begin so; empty is all.
    public let prefix: String
    /// Items that arrived longer ago go.
    public let maxAge: Duration?
    /// Of each list, all but its newest so many items go.
    public let maxMessages: Int?
    /// The newest so many items of each list stay, however old.
    public let keepLatest: Int?
    /// Nothing of these lists goes.
    public let isHold: Bool
}
