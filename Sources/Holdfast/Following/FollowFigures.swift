/// Who follows lists through one store at one moment.
public struct FollowFigures: Hashable, Sendable {
    /// How many lists are followed.
    public let listCount: Int
    /// How many follow them.
    public let followerCount: Int
    /// How many of those have everything, and wait for the next item.
    public let waitingCount: Int
}

extension HistoryStore {
    /// Who follows lists through this store at this moment.
    public var followFigures: FollowFigures { follows.figures }
}
