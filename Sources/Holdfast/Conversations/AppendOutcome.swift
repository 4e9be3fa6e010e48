public import HoldfastModel

/// What became of messages that were appended under a policy.
///
/// Nobody keeps the counts: in the answer of an earlier call with the same idempotency key, they are those of this call,
/// which merges and drops nothing, and trims what is beyond the bound by then.
public struct AppendOutcome: Hashable, Sendable {
    /// The ids of what was stored, oldest first: of the messages, and of one that others were merged into.
    ///
    /// In the answer of an earlier call with the same idempotency key: those that are still there.
    public var stored: [Version] = []
    /// How many messages were added to the one before them.
    public var mergedCount = 0
    /// How many messages were not stored because of their role.
    public var droppedCount = 0
    /// How many messages the trimming took: stored ones, and appended ones that were beyond the bound at once.
    public var trimmedCount = 0
    /// Of the write, or nothing where nothing had to be written.
    public var receipt: Receipt?

    /// Whether this is the answer of an earlier call with the same idempotency key.
    public var isReplay: Bool { receipt?.isReplay ?? false }
}
