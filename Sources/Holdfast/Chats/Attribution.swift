internal import HoldfastModel
internal import HoldfastSupport

/// Puts the name of an agent in front of what it said.
enum Attribution {
    /// A message of an assistant whose first text begins with `[name] `; every other byte is as it was.
    ///
    /// What an assistant did not say, and what has no text, stays as it is.
    static func attributed(_ message: Bytes, to agent: String) -> Bytes {
        guard let node = try? JSONNode(message.array), isAssistant(MessageShape(node).role),
            let text = firstText(of: node)
        else { return message }
        let name = JSONText.quoted("[\(agent)] ".utf8).dropFirst().dropLast()
        let bytes = message.array
        return Bytes(Array(bytes[...text.offset]) + name + Array(bytes[(text.offset + 1)...]))
    }

    private static func isAssistant(_ role: String?) -> Bool {
        guard let role else { return false }
        return ["assistant", "ai", "model", "agent"].contains(role) || role.hasPrefix("agent/")
    }

    /// The string that is read first; of blocks that say what they are, only those of text have one.
    private static func firstText(of node: JSONNode) -> JSONNode? {
        for name in ["content", "parts"] {
            guard let content = node[name] else { continue }
            if content.kind == .string { return content }
            for block in content.elements {
                if let text = block["text"], text.kind == .string { return text }
                let isText = block["content_type"]?.string?.hasPrefix("text/") == true
                if isText, let text = block["content"], text.kind == .string { return text }
            }
        }
        return nil
    }
}
