public import HoldfastModel

/// What conversations cost as a table in CSV: one row for each block of usage, 20 columns.
///
/// Source: RFC 4180.
public enum UsageTable: Sendable {
    /// The columns, in order.
    public static let columns = [
        "conversation_id", "agent_name", "channel_id", "channel_name", "thread_id", "conversation_created_at",
        "message_id", "message_created_at", "user_id", "user_name", "user_handle", "block_id", "model",
        "version", "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens",
        "peak_single_call_input_tokens", "estimated_cost_usd",
    ]

    /// The first line.
    public static var header: Bytes { Bytes(columns.joined(separator: ",") + "\r\n") }

    /// The rows of a conversation.
    ///
    /// - Parameters:
    ///   - conversation: what they are about.
    ///   - messages: its messages with all of their blocks.
    /// - Returns: lines that end with CR and LF; none where nothing is known of the cost.
    public static func rows(_ conversation: AgentThread, _ messages: [ThreadMessage]) -> Bytes {
        var rows = ""
        for message in messages {
            for block in message.blocks {
                guard case .usage(let usage) = BlockView(block) else { continue }
                let texts = [
                    conversation.id, conversation.agent, conversation.channel, conversation.channelName ?? "",
                    conversation.thread, "\(conversation.createdAt)", message.id, "\(message.createdAt)",
                    message.user.id, message.user.name, message.user.handle, block.id.hexadecimal,
                    usage.model,
                    usage.version,
                ]
                let figures = usage.tokens.map(String.init) + [usage.estimatedCost?.json.description ?? ""]
                rows += (texts.map(SafeText.csv) + figures).joined(separator: ",") + "\r\n"
            }
        }
        return Bytes(rows)
    }
}
