public import HoldfastModel
internal import HoldfastSupport

/// What a message says of itself: who speaks, which tools it calls, and which calls it answers.
///
/// Understands what agents store, and what they send to models: the messages of OpenAI (Chat Completions and Responses),
/// Anthropic, Bedrock, Gemini, LangChain and the Vercel AI SDK. What is not understood has no role and no tools; nothing
/// is refused.
///
/// Source: the API references of these as of November 2026; `docs/reference/conversations.md` has the table.
public struct MessageShape: Hashable, Sendable {
    /// Who speaks, as it is written, or as the kind of the message implies.
    public private(set) var role: String?
    /// The ids of the calls of tools in it, in their order; empty text for a call without one.
    public private(set) var calls: [String] = []
    /// The ids of the calls that it answers, in their order; empty text for an answer without one.
    public private(set) var answers: [String] = []

    /// Whether it calls a tool, or answers a call: then it is part of a pair that must not be torn.
    public var hasTools: Bool { !calls.isEmpty || !answers.isEmpty }

    /// Reads a message.
    ///
    /// - Parameter json: a message as it is stored; what is no JSON object has no shape.
    public init(_ json: Bytes) {
        guard let node = try? JSONNode(json.array), node.kind == .object else {
            self.init()
            return
        }
        self.init(node)
    }

    init(_ node: JSONNode) {
        let kind = node["type"]?.string
        let isSpeech = node["content"] != nil || node["parts"] != nil || node["tool_calls"] != nil
        role = node["role"]?.string ?? Self.role(of: node, kind: kind, isSpeech: isSpeech)
        // LangChain puts the message into an envelope: {"type": "ai", "data": {…}}.
        let message = node["role"] == nil && node["data"]?.kind == .object ? node["data"] ?? node : node
        readMembers(message, kind: kind)
        for list in [message["content"], message["parts"]] {
            for block in list?.elements ?? [] { readBlock(block) }
        }
        calls = Self.unique(calls)
        answers = Self.unique(answers)
    }

    /// A call may be written twice: among the members and as a block.
    private static func unique(_ ids: [String]) -> [String] {
        var seen: Set<String> = []
        return ids.filter { seen.insert($0).inserted }
    }

    private static let roles = [
        "human": "user", "ai": "assistant", "tool": "tool", "system": "system", "function": "function",
    ]

    /// The role of a message that does not say it in `role`.
    private static func role(of node: JSONNode, kind: String?, isSpeech: Bool) -> String? {
        if let block = node["block_type"]?.string { return block.hasPrefix("user_") ? "user" : "assistant" }
        guard let kind else { return nil }
        if let role = roles[kind], isSpeech || node["data"] != nil { return role }
        if isAnswer(kind) { return "tool" }
        return kind.hasSuffix("_call") || kind == "reasoning" || kind == "mcp_approval_request"
            ? "assistant" : nil
    }

    private static func isAnswer(_ kind: String) -> Bool {
        kind.hasSuffix("_call_output") || kind.hasSuffix("_call_result") || kind == "mcp_approval_response"
    }
}

extension MessageShape {
    /// Calls and answers that stand in the members of a message.
    private mutating func readMembers(_ message: JSONNode, kind: String?) {
        for name in ["tool_calls", "toolCalls"] {
            for call in message[name]?.elements ?? [] { calls.append(call["id"]?.string ?? "") }
        }
        // The older functions of OpenAI have names in place of ids.
        if let function = message["function_call"], function.kind == .object {
            calls.append(function["name"]?.string ?? "")
        }
        let id = (message["call_id"] ?? message["callId"])?.string
        if let kind, Self.isAnswer(kind) {
            answers.append(id ?? message["approval_request_id"]?.string ?? "")
        } else if let kind, kind.hasSuffix("_call"), let id {
            calls.append(id)
        } else if kind == "mcp_approval_request" {
            calls.append(message["id"]?.string ?? "")
        } else if role == "function" {
            answers.append(message["name"]?.string ?? "")
        } else if let id = (message["tool_call_id"] ?? message["toolCallId"])?.string {
            answers.append(id)
        } else if role == "tool", !Self.hasBlocks(message) {
            answers.append("")
        }
    }

    /// Whether the answers of a message stand in its blocks.
    private static func hasBlocks(_ message: JSONNode) -> Bool {
        (message["content"]?.elements ?? []).contains { block in
            var shape = MessageShape()
            shape.readBlock(block)
            return shape.hasTools
        }
    }

    private init() {}

    /// Calls and answers that are blocks of a message's content.
    private mutating func readBlock(_ block: JSONNode) {
        guard block.kind == .object else { return }
        if let use = block["toolUse"] { calls.append(use["toolUseId"]?.string ?? "") }
        if let result = block["toolResult"] { answers.append(result["toolUseId"]?.string ?? "") }
        if let call = block["functionCall"] { calls.append((call["id"] ?? call["name"])?.string ?? "") }
        if let response = block["functionResponse"] {
            answers.append((response["id"] ?? response["name"])?.string ?? "")
        }
        guard let kind = block["type"]?.string else { return }
        if kind.hasSuffix("tool_use") || kind == "tool_call" {
            calls.append(block["id"]?.string ?? "")
        } else if kind.hasSuffix("tool_result") {
            answers.append(block["tool_use_id"]?.string ?? "")
        } else if kind == "tool-call" {
            calls.append(block["toolCallId"]?.string ?? "")
        } else if kind == "tool-result" {
            answers.append(block["toolCallId"]?.string ?? "")
        }
    }
}
