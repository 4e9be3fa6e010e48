/// A search for large contents that nothing refers to any more.
public struct BlobCollection: Hashable, Sendable {
    /// Contents that were used so recently stay: a reader may hold their record.
    public var grace: Duration
    /// Whether nothing is removed.
    public var isDryRun: Bool

    /// Makes a search.
    public init(grace: Duration, isDryRun: Bool) {
        self.grace = grace
        self.isDryRun = isDryRun
    }
}

/// What a collection of blobs found.
public struct BlobReport: Hashable, Sendable {
    /// Contents that are kept apart.
    public var blobCount = 0
    /// How many bytes they have.
    public var byteCount = 0
    /// Those of them to which nothing refers any more; where something is removed, none that is within the grace is counted.
    public var unusedCount = 0
    /// How many bytes these have.
    public var unusedByteCount = 0
    /// Those that were removed, or would be: nothing refers to them, and the grace is over.
    public var removedCount = 0
    /// How many bytes these have.
    public var removedByteCount = 0
    /// Records that were looked at; 0 where no content can go.
    public var recordCount = 0

    /// Starts at nothing.
    public init() {}
}
