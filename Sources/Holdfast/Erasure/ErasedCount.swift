/// How much an erasure has removed.
public struct ErasedCount: Hashable, Sendable {
    /// Documents.
    public var documentCount: Int
    /// Items of lists: messages, events.
    public var itemCount: Int
    /// What belongs to other users as well and stayed: histories that several users share.
    public var sharedCount: Int

    /// Makes a count.
    public init(documentCount: Int = 0, itemCount: Int = 0, sharedCount: Int = 0) {
        self.documentCount = documentCount
        self.itemCount = itemCount
        self.sharedCount = sharedCount
    }

    /// Whether nothing was removed.
    public var isZero: Bool { documentCount == 0 && itemCount == 0 }

    /// Adds up.
    public static func += (left: inout ErasedCount, right: ErasedCount) {
        left.documentCount += right.documentCount
        left.itemCount += right.itemCount
        left.sharedCount += right.sharedCount
    }
}
