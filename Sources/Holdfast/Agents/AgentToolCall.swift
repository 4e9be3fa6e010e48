public import HoldfastModel
internal import HoldfastSupport

/// The record of one call of a tool: what was asked, who approved, what came of it, and every state on the way.
public struct AgentToolCall: Hashable, Sendable {
    /// Whose it is.
    public let agentID: String
    /// Unique among the calls of its agent; another agent may use the same.
    public let id: String
    /// Changes with every write; what ``Condition/version(_:)`` takes.
    public let version: Version
    /// Byte for byte as it came.
    public let json: Bytes

    /// When it was written last.
    public var time: Timestamp { Timestamp(version) }
    /// Which tool.
    public var name: String { node?["name"]?.string ?? "" }
    /// Where it stands, as the caller wrote it, such as `COMPLETED`.
    public var state: String { node?["state"]?.string ?? "" }
    /// Whether the call failed: the record says so with `isError`.
    public var isError: Bool { node?["isError"]?.boolean ?? false }
    /// Whether somebody had to approve, or has.
    public var hasApproval: Bool { node.map(Self.hasApproval) ?? false }
    /// JSON of what was asked; nothing where the record has none.
    public var input: Bytes? { member("input") }
    /// JSON of what the tool answered, `0`, `""` and `false` included; nothing where the record has none.
    public var result: Bytes? { member("result") }
    /// JSON of who decided what; nothing where the record has none.
    public var approval: Bytes? { member("approval") }

    /// Parsed at each use: a record is rarely looked into more than once.
    private var node: JSONNode? { try? JSONNode(json.array) }

    private func member(_ name: String) -> Bytes? { node?[name].map { Bytes(Array($0.bytes)) } }

    private static func hasApproval(_ node: JSONNode) -> Bool {
        guard let approval = node["approval"] else { return false }
        return approval["required"]?.boolean == true || approval["decision"]?.string != nil
    }

    /// Reads what was stored; nothing for a key that is not of an agent and a tool call.
    init?(_ document: Document) {
        guard let names = CompositeKey.names(of: document.key, count: 2) else { return nil }
        agentID = names[0]
        id = names[1]
        version = document.version
        json = document.bytes
    }

    /// The name of a record that somebody wants to save.
    static func name(of json: Bytes, as noun: String) throws(HoldfastError) -> String {
        let shape = try AgentShape(json, as: noun)
        let id = try shape.name("id", such: "toolu_01A")
        _ = try shape.name("name", such: "fs_read")
        _ = try shape.name("state", such: "PENDING")
        _ = try shape.integer("createdAt", such: 1_767_325_200_000)
        return id
    }
}

extension AgentToolCall {
    /// The same as ``id``, by the name that the documentation of Kode gives it.
    public var toolCallId: String { id }
    /// The same as ``name``.
    public var toolName: String { name }
    /// The same as ``result``.
    public var output: Bytes? { result }
}
