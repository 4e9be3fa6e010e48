public import HoldfastModel
internal import HoldfastSupport

/// One block of a message as it is stored: a text, a file, a call of a tool, what it cost, or anything else.
public struct Block: Hashable, Sendable {
    /// Its place among the blocks of its message.
    public let id: Version
    /// The id of its message.
    public let message: String
    /// Its `block_type`.
    public let type: String
    /// The JSON of the block, byte for byte as it came.
    public let json: Bytes

    /// When it was appended.
    public var time: Timestamp { Timestamp(id) }

    init(_ item: Item) {
        id = item.id
        message = item.key
        json = item.bytes
        type = (try? JSONNode(item.bytes.array))?["block_type"]?.string ?? ""
    }

    /// Whether the block is part of what a model is told when a conversation goes on.
    ///
    /// What was said and done is; what it cost, and files that the agent made, are not. Of a person's files those count
    /// whose content says its `type`, as an image does: the text of others is a block of its own.
    var isForModel: Bool {
        switch type {
        case "user_text", "text", "tool_use": true
        case "user_file": content?["type"]?.string != nil
        default: false
        }
    }

    var node: JSONNode? { try? JSONNode(json.array) }
    var content: JSONNode? { node?["content"] }
}

/// One block to be appended.
public struct NewBlock: Hashable, Sendable {
    /// What is stored, byte for byte.
    public let json: Bytes

    /// Takes the JSON of a block: an object with a string `block_type` and an object `content`.
    ///
    /// Checked when it is written: a `tool_use` has a string `tool_call_id` in its content, and the figures of a `usage`
    /// are numbers.
    public init(json: Bytes) { self.json = json }

    private init(_ type: String, _ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object { object in
            object.member("block_type", type)
            body(&object)
        }
        json = Bytes(writer.bytes)
    }

    /// What a person or an agent said.
    public static func text(_ text: String, isUser: Bool = false, sourceFile: String? = nil) -> NewBlock {
        NewBlock(isUser ? "user_text" : "text") { block in
            block.member("content") { $0.object { $0.member("text", text) } }
            block.member("source_file_id", sourceFile)
        }
    }

    /// A file that a person sent or an agent made.
    ///
    /// - Parameters:
    ///   - content: the JSON of its content, an object.
    ///   - isUser: whether a person sent it.
    ///   - filename: what it is called; never used as a path.
    ///   - mimetype: what it is.
    ///   - sizeBytes: how large it is.
    ///   - toolBlock: the id of the block of the tool that made it.
    /// - Returns: a block.
    public static func file(
        content: Bytes, isUser: Bool, filename: String, mimetype: String, sizeBytes: Int,
        toolBlock: Version? = nil
    ) -> NewBlock {
        NewBlock(isUser ? "user_file" : "file") { block in
            block.member("content", json: content.array)
            block.member("filename", filename)
            block.member("mimetype", mimetype)
            block.member("size_bytes", sizeBytes)
            block.member("tool_block_id", toolBlock?.hexadecimal)
        }
    }

    /// One call of a tool with its answer.
    ///
    /// - Parameters:
    ///   - id: what the model called it.
    ///   - name: the tool.
    ///   - input: the JSON of what it was given.
    ///   - output: the JSON of what it answered, usually a string.
    ///   - isError: whether it failed.
    /// - Returns: a block.
    public static func toolCall(
        id: String, name: String, input: Bytes, output: Bytes, isError: Bool = false
    ) -> NewBlock {
        NewBlock("tool_use") { block in
            block.member("content") { content in
                content.object { object in
                    object.member("tool_call_id", id)
                    object.member("tool_name", name)
                    object.member("tool_input", json: input.array)
                    object.member("tool_output", json: output.array)
                    object.member("is_error", isError)
                }
            }
        }
    }

    /// What an exchange cost.
    public static func usage(_ usage: TokenUsage) -> NewBlock {
        NewBlock("usage") { block in
            block.member("content") { content in content.object { usage.write(to: &$0) } }
        }
    }
}

/// What must be known of a block to store it.
struct BlockFacts: Sendable {
    let json: Bytes
    /// Of a call of a tool.
    var toolCall: String?
    /// Of a block of usage.
    var usage: TokenUsage?

    init(_ block: NewBlock) throws(HoldfastError) {
        json = block.json
        let members = try JSONMembers(block.json, as: "the block")
        let type = try members.text("block_type")
        guard let content = members["content"], content.kind == .object else {
            throw HoldfastError(
                .invalid, "the block of type \"\(type)\" has no member \"content\", expected an object")
        }
        let inside = try JSONMembers(Bytes(Array(content.bytes)), as: "the content of the \(type) block")
        switch type {
        case "tool_use": toolCall = try inside.text("tool_call_id")
        case "usage": usage = try TokenUsage(inside)
        default: break
        }
    }
}
