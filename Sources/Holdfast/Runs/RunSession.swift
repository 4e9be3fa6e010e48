public import HoldfastModel

/// One session as it is stored: the history of its messages, and any state.
public struct RunSession: Hashable, Sendable {
    /// Its `id`.
    public let id: String
    /// Rises with every save and every message that is added; what ``SessionSave/ifUnchanged(since:)`` takes.
    public let version: Version
    /// The JSON of the session with its whole history; byte for byte as it was saved, messages added since behind it.
    public let json: Bytes
    /// How many messages the history has.
    public let messageCount: Int
    /// When it goes with its history; nothing is never.
    public let expiresAt: Timestamp?
}

/// What becomes of stored messages that a saved session does not have.
public enum SessionSave: Hashable, Sendable {
    /// The save is refused with `conflict`: it may only change the state, and add messages behind those that are stored.
    case extending
    /// The save is refused with `conflict` if anything was saved or added since; else it may change everything.
    case ifUnchanged(since: Version)
    /// They are removed, whoever added them.
    case overwriting
}
