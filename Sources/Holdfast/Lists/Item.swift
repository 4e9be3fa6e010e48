public import HoldfastModel

/// One item of a list as it is stored.
public struct Item: Hashable, Sendable {
    /// The key of its list.
    public let key: String
    /// Its place in the list: ids rise from the oldest item to the newest, and never change.
    public let id: Version
    /// Equal to the id until the item is edited.
    public let version: Version
    /// Byte for byte as it was written; empty in an answer that was asked for keys only.
    public let bytes: Bytes
    /// See ``Value/Format-swift.enum``.
    public let format: Value.Format
    /// When it goes by itself.
    public let expiresAt: Timestamp?

    /// When it was appended.
    public var appendedAt: Timestamp { Timestamp(id) }
    /// When it was edited last, or nothing if it never was.
    public var editedAt: Timestamp? { version == id ? nil : Timestamp(version) }

    init(_ record: Record) throws(HoldfastError) {
        self.init(record, key: try record.keyText)
    }

    init(_ record: borrowing Record, key: String) {
        self.key = key
        id = record.id
        version = record.version
        bytes = record.value
        format = record.format
        expiresAt = record.expiryTime
    }
}
