public import HoldfastModel

/// What a save of a whole list came down to.
public struct MessageSave: Hashable, Sendable {
    /// How many items stayed as they were: id, time and bytes.
    public let keptCount: Int
    /// How many items were changed in their place.
    public let editedCount: Int
    /// How many items went.
    public let removedCount: Int
    /// The ids of the new items, oldest first.
    public let appended: [Version]
    /// What the write answered; nothing where there was nothing to write.
    public let receipt: Receipt?
}
