public import HoldfastModel

extension Lists {
    /// Follows a list: its items after a place, and every one that is appended from then on.
    ///
    /// Each item once, in the order of the list, without end: the sequence waits for the next item, through outages
    /// too, until its task is cancelled. What this store writes is seen at once, what other hosts write on a shared
    /// backend within ``FollowSettings/pollInterval``. An item that is edited comes once, as it was when it was read;
    /// one that is removed before it was read does not come. While the primary is down and other hosts write as well,
    /// nothing comes: the order of what they write is not known before the primary says it.
    ///
    /// - Parameters:
    ///   - key: which list; it need not have any items yet.
    ///   - id: only items after the one with this id, which need not exist any more; nothing or zero is the whole list.
    ///     For what is new alone, take the last id of `page(of: key, .latest(1))`.
    /// - Returns: a sequence that many tasks may iterate over, each for itself. A wrong key is refused by the first
    ///   item.
    public func follow(_ key: String, after id: Version? = nil) -> FollowedItems {
        FollowedItems(lists: self, key: key, start: id ?? .zero)
    }
}

extension Conversations {
    /// Follows a conversation: its messages after a place, and every one that is appended from then on.
    ///
    /// - Parameters:
    ///   - session: which conversation; it need not have any messages yet.
    ///   - id: only messages after the one with this id; nothing or zero is the whole conversation.
    /// - Returns: as ``Lists/follow(_:after:)``.
    public func follow(
        _ session: String, after id: Version? = nil
    ) -> AsyncMapSequence<FollowedItems, Message> {
        lists.follow(session, after: id).map(Message.init)
    }
}
