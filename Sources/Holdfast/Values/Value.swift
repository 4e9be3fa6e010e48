/// What is stored in a document or an item: bytes, what they are, and how long they are kept.
///
/// The bytes come back exactly as they went in: order and number of members, size and form of numbers, escapes.
public struct Value: Hashable, Sendable {
    /// What the bytes are.
    public enum Format: Hashable, Sendable, CaseIterable {
        /// One JSON value, checked when it is written. Queries can look into it.
        case json
        /// Anything.
        case bytes
    }

    /// 0 to 16 MiB, unless the store is configured for less.
    public var bytes: Bytes
    /// See ``Format-swift.enum``.
    public var format: Format
    /// When it goes by itself; nothing is never.
    public var expiry: Expiry?

    /// Makes a value.
    public init(_ bytes: Bytes, as format: Format, expiry: Expiry? = nil) {
        self.bytes = bytes
        self.format = format
        self.expiry = expiry
    }

    /// A JSON value.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 of one JSON value; what is not is refused with `invalid` when it is written.
    ///   - expiry: when it goes by itself.
    /// - Returns: a value.
    public static func json(_ bytes: Bytes, expiry: Expiry? = nil) -> Value {
        Value(bytes, as: .json, expiry: expiry)
    }

    /// Any bytes.
    ///
    /// - Parameters:
    ///   - bytes: not looked at.
    ///   - expiry: when it goes by itself.
    /// - Returns: a value.
    public static func bytes(_ bytes: Bytes, expiry: Expiry? = nil) -> Value {
        Value(bytes, as: .bytes, expiry: expiry)
    }
}

/// When a value goes by itself.
///
/// A value past its expiry is never returned, on any backend; the space is given back later.
public enum Expiry: Hashable, Sendable {
    /// So long after the write, on the host's wall clock; more than zero.
    case after(Duration)
    /// At a point in time, after 1970. One in the past hides the value at once.
    case at(Timestamp)
}
