/// How much one request may write.
public enum RequestLimits: Sendable {
    /// Documents and items in one request; more go into several.
    public static let changeCountMax = 10_000
    /// Bytes of all values in one request: two of the largest values.
    public static let byteCountMax = 32 << 20
    /// Bytes of an idempotency key.
    public static let idempotencyKeyByteCountMax = 255
}
