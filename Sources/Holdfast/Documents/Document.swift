public import HoldfastModel

/// A document as it is stored.
public struct Document: Hashable, Sendable {
    /// Where it lives in its namespace.
    public let key: String
    /// Changes with every write; what ``Condition/version(_:)`` takes.
    public let version: Version
    /// Byte for byte as it was written; empty in an answer that was asked for keys only.
    public let bytes: Bytes
    /// See ``Value/Format-swift.enum``.
    public let format: Value.Format
    /// When it goes by itself.
    public let expiresAt: Timestamp?

    /// When it was written.
    public var writtenAt: Timestamp { Timestamp(version) }

    init(_ record: Record) throws(HoldfastError) {
        key = try record.keyText
        version = record.version
        bytes = record.value
        format = record.format
        expiresAt = record.expiryTime
    }
}

extension Record {
    /// The key as text; a backend that answers anything else is damaged.
    var keyText: String {
        get throws(HoldfastError) {
            guard let text = key.validatedString else {
                throw HoldfastError(.corrupt, "the backend returned a key that is not UTF-8")
            }
            return text
        }
    }

    var format: Value.Format { flags.contains(.bytes) ? .bytes : .json }

    var expiryTime: Timestamp? { expiresAt == 0 ? nil : Timestamp(unixMilliseconds: expiresAt) }
}
