internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

/// One item of a conversation as OpenAI's API has it: a message, a call of a tool, what it returned, a thought.
///
/// What is stored is the client's JSON without an id: the id is made of the item's place in its list and says the type,
/// as in `msg_…` and `fc_…`. Members are neither dropped nor reordered, but for `type`, which goes first, and content
/// that is a text, which becomes a list of one part.
enum OpenAIItem {
    /// What the ids of each type begin with; others begin with `item`.
    private static let prefixes: [String: String] = [
        "message": "msg", "function_call": "fc", "function_call_output": "fco", "reasoning": "rs",
        "file_search_call": "fs", "web_search_call": "ws", "computer_call": "cu",
        "computer_call_output": "cuo", "image_generation_call": "ig", "code_interpreter_call": "ci",
        "local_shell_call": "lsh", "local_shell_call_output": "lsho", "shell_call": "sh",
        "shell_call_output": "sho", "apply_patch_call": "apc", "apply_patch_call_output": "apco",
        "mcp_list_tools": "mcpl", "mcp_approval_request": "mcpr", "mcp_approval_response": "mcpa",
        "mcp_call": "mcp", "custom_tool_call": "ctc", "custom_tool_call_output": "ctco",
        "compaction": "cmp",
    ]

    private static let roles = [
        "unknown", "user", "assistant", "system", "critic", "discriminator", "developer", "tool",
    ]

    /// The id of an item.
    ///
    /// - Parameters:
    ///   - place: its place in the list.
    ///   - bytes: what is stored.
    /// - Returns: such as `msg_` and 32 hexadecimal digits.
    /// - Throws: `corrupt` for a list that something else has written to.
    static func id(_ place: Version, _ bytes: Bytes) throws(HoldfastError) -> String {
        guard let type = try? JSONNode(bytes.array)["type"]?.string else {
            throw HoldfastError(
                .corrupt, "item \(place) of namespace \(OpenAIConversations.namespace) is none of this API")
        }
        return "\(prefixes[type] ?? "item")_\(place.description.filter { $0 != "-" })"
    }

    /// The place that an id names, whatever type it says.
    static func place(of id: String) -> Version? {
        guard let line = id.utf8.lastIndex(of: UInt8(ascii: "_")) else { return nil }
        let digits = id[id.index(after: line)...]
        return digits.utf8.count == 32 ? Version(String(digits)) : nil
    }

    /// Writes an item with its id.
    static func write(
        _ place: Version, _ bytes: Bytes, _ body: inout JSONBody
    ) throws(HoldfastError) {
        var json = Array("{\"id\":\"\(try id(place, bytes))\",".utf8)
        // What is stored begins with `{"type":`.
        json += bytes.array.dropFirst()
        body.value(json: json)
    }
}

// MARK: what clients send

extension OpenAIItem {
    /// What is stored of an item that a client sends.
    ///
    /// - Parameters:
    ///   - node: the item.
    ///   - path: where it stands in the request, for errors.
    /// - Returns: a JSON object without an id whose first member is `type`.
    /// - Throws: for what is no item.
    static func stored(_ node: JSONNode, at path: String) throws(OpenAIError) -> Bytes {
        let type = try self.type(of: node, at: path)
        switch type {
        case "message": try check(message: node, at: path)
        case "function_call": try requireText(node, ["call_id", "name", "arguments"], at: path)
        case "function_call_output":
            try requireText(node, ["call_id"], at: path)
            guard let output = node["output"] else { throw .missing("\(path).output") }
            guard output.kind == .string || output.kind == .array else {
                throw .wrongType("\(path).output", expected: "a string or an array")
            }
        default: break
        }
        var writer = JSONWriter()
        writer.object { object in
            object.member("type", type)
            if hasStatus(type), node["status"]?.string == nil { object.member("status", "completed") }
            for (name, value) in node.members where name != "id" && name != "type" {
                if name == "status", value.isNull { continue }
                if name == "content", type == "message", value.kind == .string {
                    object.member(name) { write(content: value, of: node["role"]?.string ?? "", &$0) }
                } else {
                    object.member(name, json: value.bytes)
                }
            }
        }
        return Bytes(writer.bytes)
    }

    /// The type of an item; one without a type is a message.
    static func type(of node: JSONNode, at path: String) throws(OpenAIError) -> String {
        guard node.kind == .object else { throw .wrongType(path, expected: "an object") }
        guard let type = node["type"], !type.isNull else { return "message" }
        guard let text = type.string, !text.isEmpty else {
            throw .wrongType("\(path).type", expected: "a string")
        }
        return text
    }

    private static func hasStatus(_ type: String) -> Bool {
        ["message", "function_call", "function_call_output"].contains(type)
    }

    private static func check(message node: JSONNode, at path: String) throws(OpenAIError) {
        try requireText(node, ["role"], at: path)
        let role = node["role"]?.string ?? ""
        guard roles.contains(role) else {
            throw .invalid(
                "Invalid value: '\(role.prefix(80))'. Supported values are: "
                    + roles.map { "'\($0)'" }.joined(separator: ", ") + ".", "\(path).role",
                code: "invalid_value")
        }
        guard let content = node["content"] else { throw .missing("\(path).content") }
        switch content.kind {
        case .string: return
        case .array:
            for (position, part) in content.elements.enumerated() {
                let place = "\(path).content[\(position)]"
                guard part.kind == .object else { throw .wrongType(place, expected: "an object") }
                try requireText(part, ["type"], at: place)
            }
        default: throw .wrongType("\(path).content", expected: "a string or an array")
        }
    }

    private static func requireText(
        _ node: JSONNode, _ names: [String], at path: String
    ) throws(OpenAIError) {
        for name in names {
            guard let value = node[name], !value.isNull else { throw .missing("\(path).\(name)") }
            guard value.kind == .string else {
                throw .wrongType("\(path).\(name)", expected: "a string")
            }
        }
    }

    /// A text as the one part that it stands for.
    private static func write(content: JSONNode, of role: String, _ writer: inout JSONWriter) {
        let isOutput = role == "assistant"
        writer.array { array in
            array.object { part in
                part.member("type", isOutput ? "output_text" : "input_text")
                part.member("text", json: content.bytes)
                guard isOutput else { return }
                part.member("annotations", json: "[]".utf8)
                part.member("logprobs", json: "[]".utf8)
            }
        }
    }
}
