public import HoldfastChain

/// How a write is made safe, and how long it may take.
public struct WriteOptions: Hashable, Sendable {
    /// Client-chosen text of 1 to 255 bytes; a second write with it changes nothing and gets the first answer.
    ///
    /// Unique in one key of one namespace: the list or document that is written; with a batch, the first that it
    /// writes. Kept for 24 hours unless configured otherwise. With one, a retry after `maybeApplied` is safe.
    public var idempotencyKey: String?
    /// When the write is answered; nothing means what storage.yaml says.
    public var ack: AckLevel?
    /// Counted from the call; nothing means what storage.yaml says.
    public var timeout: Duration?
    /// The lock under which the write is made: refused with `conflict` when the lock has moved on.
    ///
    /// Decided in the same atomic step as the write: by the primary, and while that is down only where one host writes
    /// alone under `accept`. See ``LeaseLock/fence``.
    public var fence: Fence?

    /// Makes options.
    public init(
        idempotencyKey: String? = nil, ack: AckLevel? = nil, timeout: Duration? = nil, fence: Fence? = nil
    ) {
        self.idempotencyKey = idempotencyKey
        self.ack = ack
        self.timeout = timeout
        self.fence = fence
    }

    /// What storage.yaml says, without an idempotency key.
    public static let standard = WriteOptions()
}
