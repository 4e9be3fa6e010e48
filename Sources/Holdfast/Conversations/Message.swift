public import HoldfastModel

/// One message of a conversation as it is stored.
public struct Message: Hashable, Sendable {
    /// Its place in the conversation: ids rise from the oldest message to the newest, and never change.
    public let id: Version
    /// Equal to the id until the message is edited.
    public let version: Version
    /// The JSON of the message, byte for byte as it came.
    public let json: Bytes
    /// `bytes` where something else was put among the messages, through the lists of their namespace.
    public let format: Value.Format

    /// When it was appended.
    public var time: Timestamp { Timestamp(id) }
    /// When it was edited last, or nothing if it never was.
    public var editedAt: Timestamp? { version == id ? nil : Timestamp(version) }

    init(_ item: Item) {
        self.init(id: item.id, version: item.version, json: item.bytes, format: item.format)
    }

    init(_ record: borrowing Record) {
        self.init(id: record.id, version: record.version, json: record.value, format: record.format)
    }

    init(id: Version, version: Version, json: Bytes, format: Value.Format = .json) {
        self.id = id
        self.version = version
        self.json = json
        self.format = format
    }
}

/// One conversation, summed up.
public struct Session: Hashable, Sendable {
    /// The name that messages are appended to.
    public let id: String
    /// How many messages it has.
    public let messageCount: Int
    /// When its oldest message was appended, or nothing when there is none.
    public let firstMessageAt: Timestamp?
    /// When its newest message was appended, or nothing when there is none.
    public let lastMessageAt: Timestamp?

    init(_ summary: ListSummary) {
        id = summary.key
        messageCount = summary.itemCount
        firstMessageAt = summary.firstAppendedAt
        lastMessageAt = summary.lastAppendedAt
    }
}
