public import HoldfastModel
internal import HoldfastSupport

/// One call of a tool that a block records.
public struct ToolCall: Hashable, Sendable {
    /// What the model called it.
    public let id: String
    /// The block, with its place and its message.
    public let block: Block
    /// The tool.
    public let name: String
    /// The JSON of what it was given, as it was written.
    public let input: Bytes
    /// The JSON of what it answered, as it was written; usually a string.
    public let output: Bytes
    /// Whether it failed.
    public let isError: Bool

    /// The id of the conversation.
    public var conversation: String { Threads.conversation(of: block.message) }

    /// The input in lines, two blanks for each level.
    public var indentedInput: String {
        (try? JSONNode(input.array)).map { String(decoding: $0.indented, as: UTF8.self) } ?? input.description
    }

    init?(_ block: Block) {
        guard block.type == "tool_use", let content = block.content,
            let id = content["tool_call_id"]?.string
        else { return nil }
        self.id = id
        self.block = block
        name = content["tool_name"]?.string ?? ""
        input = Bytes(content["tool_input"].map { Array($0.bytes) } ?? Array("null".utf8))
        output = Bytes(content["tool_output"].map { Array($0.bytes) } ?? Array("null".utf8))
        isError = content["is_error"]?.boolean ?? false
    }
}

extension JSONNode {
    /// The value with each member and element on a line of its own, names and scalars as they are written.
    var indented: [UInt8] {
        var lines: [UInt8] = []
        write(to: &lines, depth: 0)
        return lines
    }

    private func write(to lines: inout [UInt8], depth: Int) {
        switch kind {
        case .object where !members.isEmpty:
            let members = members
            Self.enclose("{", "}", members.count, depth, &lines) { position, lines in
                lines += JSONText.quoted(members[position].name.utf8) + Array(": ".utf8)
                members[position].value.write(to: &lines, depth: depth + 1)
            }
        case .array where !elements.isEmpty:
            let elements = elements
            Self.enclose("[", "]", elements.count, depth, &lines) { position, lines in
                elements[position].write(to: &lines, depth: depth + 1)
            }
        case .object: lines += Array("{}".utf8)
        case .array: lines += Array("[]".utf8)
        default: lines += bytes
        }
    }

    private static func enclose(
        _ open: String, _ close: String, _ count: Int, _ depth: Int, _ lines: inout [UInt8],
        _ body: (Int, inout [UInt8]) -> Void
    ) {
        lines += Array(open.utf8)
        for position in 0..<count {
            lines += Array((position > 0 ? ",\n" : "\n").utf8) + blanks(depth + 1)
            body(position, &lines)
        }
        lines += Array("\n".utf8) + blanks(depth) + Array(close.utf8)
    }

    private static func blanks(_ depth: Int) -> [UInt8] { [UInt8](repeating: 0x20, count: 2 * depth) }
}
