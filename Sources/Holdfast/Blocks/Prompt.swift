internal import HoldfastModel
internal import HoldfastSupport

/// Rebuilds what a model was told and answered, of the blocks of a message.
///
/// What the person said and sent comes first, as one message; a single text is a plain string. Then each round of the
/// agent: its text with the calls that followed it, as one message of the assistant, and the answers of the tools, as one
/// of the user. A text after a call begins the next round.
enum Prompt {
    private struct Round {
        var texts: [JSONNode] = []
        var calls: [JSONNode] = []
    }

    static func messages(of blocks: [Block]) -> [Bytes] {
        var parts: [JSONNode] = []
        var isText: [Bool] = []
        var rounds: [Round] = []
        for block in blocks {
            guard let content = block.content else { continue }
            switch block.type {
            case "user_text", "user_file":
                parts.append(content)
                isText.append(block.type == "user_text")
            case "text":
                if rounds.last?.calls.isEmpty ?? false {
                    rounds[rounds.count - 1].texts.append(content)
                } else {
                    rounds.append(Round(texts: [content]))
                }
            case "tool_use":
                if rounds.isEmpty { rounds.append(Round()) }
                rounds[rounds.count - 1].calls.append(content)
            default: continue
            }
        }
        var messages = parts.isEmpty ? [] : [user(parts, isText)]
        for round in rounds {
            messages.append(assistant(round))
            if !round.calls.isEmpty { messages.append(answers(round.calls)) }
        }
        return messages
    }

    private static func message(_ role: String, _ content: (inout JSONWriter) -> Void) -> Bytes {
        var writer = JSONWriter()
        writer.object { object in
            object.member("role", role)
            object.member("content", content)
        }
        return Bytes(writer.bytes)
    }

    private static func user(_ parts: [JSONNode], _ isText: [Bool]) -> Bytes {
        message("user") { content in
            if isText == [true] { return content.value(json: text(of: parts[0])) }
            content.array { array in
                for (part, isText) in zip(parts, isText) {
                    if isText { write(text: part, to: &array) } else { array.value(json: part.bytes) }
                }
            }
        }
    }

    private static func assistant(_ round: Round) -> Bytes {
        message("assistant") { content in
            if round.calls.isEmpty, round.texts.count == 1 {
                return content.value(json: text(of: round.texts[0]))
            }
            content.array { array in
                for part in round.texts { write(text: part, to: &array) }
                for call in round.calls {
                    array.object { object in
                        object.member("type", "tool_use")
                        object.member("id", json: bytes(call["tool_call_id"]))
                        object.member("name", json: bytes(call["tool_name"]))
                        object.member("input", json: bytes(call["tool_input"]))
                    }
                }
            }
        }
    }

    private static func answers(_ calls: [JSONNode]) -> Bytes {
        message("user") { content in
            content.array { array in
                for call in calls {
                    array.object { object in
                        object.member("type", "tool_result")
                        object.member("tool_use_id", json: bytes(call["tool_call_id"]))
                        object.member("content", json: bytes(call["tool_output"]))
                        if call["is_error"]?.boolean == true { object.member("is_error", true) }
                    }
                }
            }
        }
    }

    private static func write(text part: JSONNode, to array: inout JSONWriter) {
        array.object { object in
            object.member("type", "text")
            object.member("text", json: text(of: part))
        }
    }

    /// The text of a block as the JSON that it came in.
    private static func text(of content: JSONNode) -> [UInt8] {
        content["text"].map { Array($0.bytes) } ?? Array("\"\"".utf8)
    }

    private static func bytes(_ node: JSONNode?) -> [UInt8] {
        node.map { Array($0.bytes) } ?? Array("null".utf8)
    }
}
