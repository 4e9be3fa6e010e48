internal import HoldfastModel
internal import HoldfastSupport

/// A block as a person reads it: half surrogate pairs and all else that is no text replaced.
enum BlockView {
    case text(String, isUser: Bool)
    case toolCall(name: String, input: String, output: String, isError: Bool)
    /// The base64 of the content, where it has any that is well formed.
    case file(name: String, type: String, size: Int?, base64: String?, isUser: Bool)
    case usage(TokenUsage)
    /// A type that nobody here knows, as indented JSON.
    case other(type: String, json: String)

    init(_ block: Block) {
        let content = block.content
        switch block.type {
        case "user_text", "text":
            self = .text(Self.text(content?["text"]), isUser: block.type == "user_text")
        case "tool_use":
            self = .toolCall(
                name: Self.text(content?["tool_name"]), input: Self.shown(content?["tool_input"]),
                output: Self.shown(content?["tool_output"]),
                isError: content?["is_error"]?.boolean ?? false)
        case "user_file", "file":
            let data = content?["data"]?.string ?? content?["source"]?["data"]?.string
            self = .file(
                name: Self.text(block.node?["filename"]), type: Self.text(block.node?["mimetype"]),
                size: block.node?["size_bytes"]?.integer.flatMap { Int(exactly: $0) },
                base64: data.flatMap { Self.isBase64($0) ? $0 : nil }, isUser: block.type == "user_file")
        case "usage":
            let json = Bytes(content.map { Array($0.bytes) } ?? Array("{}".utf8))
            guard let members = try? JSONMembers(json, as: "usage"), let usage = try? TokenUsage(members)
            else {
                fallthrough
            }
            self = .usage(usage)
        default: self = .other(type: block.type, json: Self.shown(content))
        }
    }

    private static func text(_ node: JSONNode?) -> String {
        node.flatMap { node in node.characters.map { String(decoding: $0, as: UTF8.self) } } ?? ""
    }

    /// A string as its text, anything else as indented JSON.
    private static func shown(_ node: JSONNode?) -> String {
        guard let node else { return "" }
        return node.kind == .string ? text(node) : String(decoding: node.indented, as: UTF8.self)
    }

    private static func isBase64(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
                default: false
                }
            }
    }
}
