/// How much an erasure has removed.
public struct ErasedCount: Hashable, Sendable {
    /// Documents.
    public var documentCount: Int
    /// Items of lists: messages, events.
    public var itemCount: Int

    /// Makes a count.
    public init(documentCount: Int = 0, itemCount: Int = 0) {
        self.documentCount = documentCount
        self.itemCount = itemCount
    }

    /// Whether nothing was there.
    public var isZero: Bool { documentCount == 0 && itemCount == 0 }

    /// Adds up.
    public static func += (left: inout ErasedCount, right: ErasedCount) {
        left.documentCount += right.documentCount
        left.itemCount += right.itemCount
    }
}
