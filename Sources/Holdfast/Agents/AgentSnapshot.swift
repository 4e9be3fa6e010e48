public import HoldfastModel
internal import HoldfastSupport

/// A state that an agent can be taken back to, or forked from.
public struct AgentSnapshot: Hashable, Sendable {
    /// Whose it is.
    public let agentID: String
    /// Unique among the snapshots of its agent.
    public let id: String
    /// Changes with every save; what ``Condition/version(_:)`` takes.
    public let version: Version
    /// The snapshot with its messages, or why it cannot be had: one that is damaged hides no other.
    public let content: Result<Bytes, HoldfastError>

    /// When it was saved last.
    public var time: Timestamp { Timestamp(version) }

    /// The snapshot with its messages, byte for byte as it came.
    public var json: Bytes {
        get throws(HoldfastError) { try content.get() }
    }
}

/// What is known of a snapshot without reading its messages.
public struct AgentSnapshotSummary: Hashable, Sendable {
    /// Whose it is.
    public let agentID: String
    /// Unique among the snapshots of its agent.
    public let id: String
    /// Changes with every save.
    public let version: Version
    /// How many messages it has.
    public let messageCount: Int
    /// The caller's number of the safe point at which it was taken, where it gave one.
    public let lastSfpIndex: Int64?
    /// When it was taken, as the caller wrote it.
    public let createdAt: String?

    /// When it was saved last.
    public var time: Timestamp { Timestamp(version) }
}

/// The text of a snapshot without its messages, and how to put them back.
struct SnapshotText: Sendable {
    /// Positions of the elements of `messages`, in the text that was saved.
    let messages: [Bytes]
    /// The text with an empty array in place of the messages, or nothing where that would not come back byte for byte.
    let bare: Bytes?

    init(_ shape: AgentShape, _ json: Bytes) throws(HoldfastError) {
        guard let node = shape.node["messages"] else {
            messages = []
            bare = nil
            return
        }
        messages = try shape.array("messages").map { Bytes(Array($0.bytes)) }
        var text = json.array
        text.replaceSubrange(node.offset..<node.offset + node.bytes.count, with: Array("[]".utf8))
        let candidate = Bytes(text)
        bare = try Self.text(candidate, with: messages) == json ? candidate : nil
    }

    /// Puts messages in the place of an empty array.
    static func text(_ bare: Bytes, with messages: [Bytes]) throws(HoldfastError) -> Bytes {
        let text = bare.array
        guard let node = (try? JSONNode(text))?["messages"], node.kind == .array, node.elements.isEmpty else {
            throw HoldfastError(.corrupt, "the snapshot has no place for its messages")
        }
        var whole = Array(text[..<node.offset])
        whole.append(UInt8(ascii: "["))
        for (position, message) in messages.enumerated() {
            if position > 0 { whole.append(UInt8(ascii: ",")) }
            whole += message.array
        }
        whole.append(UInt8(ascii: "]"))
        whole += text[(node.offset + node.bytes.count)...]
        return Bytes(whole)
    }
}
