public import HoldfastModel

/// Which items of a list are wanted, and in which order.
public struct ListRange: Hashable, Sendable {
    /// In which order items are returned, and from which end a limit counts.
    public enum Order: Hashable, Sendable, CaseIterable {
        /// The newest items, oldest of them first: what an agent wants as context.
        case latest
        /// The oldest items, oldest first.
        case ascending
        /// The newest items, newest first.
        case descending
    }

    /// See ``Order-swift.enum``.
    public var order: Order
    /// Only items after the one with this id; it need not exist any more.
    public var after: Version?
    /// Only items before the one with this id; it need not exist any more.
    public var before: Version?
    /// At most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    public var limit: Int?

    /// Makes a range.
    public init(_ order: Order = .latest, after: Version? = nil, before: Version? = nil, limit: Int? = nil) {
        self.order = order
        self.after = after
        self.before = before
        self.limit = limit
    }

    /// The newest items, oldest of them first.
    public static func latest(_ count: Int) -> ListRange { ListRange(.latest, limit: count) }

    /// The range as a backend takes it, with the checked limit.
    func request(limit: Int) -> ReadRequest.Range {
        ReadRequest.Range(
            after: after ?? .zero, before: before ?? .zero, limit: UInt64(limit),
            reversed: order != .ascending)
    }

    /// The range of the page that follows one that ended, in reading order, at an item.
    func following(_ id: Version) -> ListRange {
        var range = self
        if order == .ascending { range.after = id } else { range.before = id }
        return range
    }
}
