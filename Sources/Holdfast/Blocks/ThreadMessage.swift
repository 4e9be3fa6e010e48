public import HoldfastModel
internal import HoldfastSupport

/// Who wrote to an agent.
public struct ThreadUser: Hashable, Sendable {
    /// The id of the person.
    public var id: String
    /// The name of the person.
    public var name: String
    /// The handle of the person, which exports are filtered by.
    public var handle: String

    /// Names a person.
    public init(id: String, name: String, handle: String) {
        self.id = id
        self.name = name
        self.handle = handle
    }
}

/// One exchange that a person began: what was said, done and answered are its blocks.
public struct ThreadMessage: Hashable, Sendable {
    /// Begins with the id of its conversation; opaque to callers.
    public let id: String
    /// Its place in the order of arrival.
    public let place: Version
    /// Who began it.
    public let user: ThreadUser
    /// When it began.
    public let createdAt: Timestamp
    /// Its blocks in order, as far as they were asked for.
    public let blocks: [Block]

    /// The id of its conversation.
    public var conversation: String { String(id.dropLast(Self.suffixCount)) }

    /// A slash, and the 32 digits that tell the messages of a conversation apart.
    static let suffixCount = 33

    init(_ item: Item, _ blocks: [Block]) throws(HoldfastError) {
        do {
            let members = try JSONMembers(item.bytes, as: "message \"\(item.key)\"")
            user = ThreadUser(
                id: try members.optionalText("user_id") ?? "",
                name: try members.optionalText("user_name") ?? "",
                handle: try members.optionalText("user_handle") ?? "")
            createdAt = try members.optionalTime("created_at") ?? item.appendedAt
        } catch {
            throw HoldfastError(.corrupt, error.message)
        }
        id = item.key
        place = item.id
        self.blocks = blocks
    }

    private init(_ message: ThreadMessage, _ blocks: [Block]) {
        id = message.id
        place = message.place
        user = message.user
        createdAt = message.createdAt
        self.blocks = blocks
    }

    func with(_ blocks: [Block]) -> ThreadMessage { ThreadMessage(self, blocks) }

    static func json(id: String, conversation: String, user: ThreadUser, created: Timestamp) -> Bytes {
        var writer = JSONWriter()
        writer.object { object in
            object.member("id", id)
            object.member("conversation_id", conversation)
            object.member("user_id", user.id)
            object.member("user_name", user.name)
            object.member("user_handle", user.handle)
            object.member("created_at", "\(created)")
            object.member("created", created.unixMilliseconds)
        }
        return Bytes(writer.bytes)
    }
}
