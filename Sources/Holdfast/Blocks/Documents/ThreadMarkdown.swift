public import HoldfastModel

/// One conversation as Markdown; what people, models and tools wrote stands in fences that it cannot leave.
public struct ThreadMarkdown: Sendable {
    /// A name for the file: never a path, and a different one for each conversation.
    public let fileName: String
    /// The text in UTF-8.
    public let markdown: Bytes

    /// Renders a conversation.
    ///
    /// - Parameters:
    ///   - conversation: what it is about.
    ///   - messages: its messages with all of their blocks.
    public init(_ conversation: AgentThread, _ messages: [ThreadMessage]) {
        fileName = SafeText.distinctFileName(conversation.id) + ".md"
        let channel = conversation.channelName ?? conversation.channel
        var text = "# \(Self.line("\(conversation.agent) · \(channel) · \(conversation.thread)"))\n"
        for message in messages {
            let name = message.user.name.isEmpty ? message.user.handle : message.user.name
            text += "\n## \(Self.line(name)), \(message.createdAt)\n"
            for block in message.blocks { text += "\n" + Self.markdown(BlockView(block)) }
        }
        markdown = Bytes(text)
    }

    private static func markdown(_ block: BlockView) -> String {
        switch block {
        case .text(let text, let isUser): (isUser ? "" : "**Agent**\n\n") + fenced(text)
        case .toolCall(let name, let input, let output, let isError):
            "**Tool** \(line(name))\(isError ? " (failed)" : "")\n\n\(fenced(input))\n\(fenced(output))"
        case .file(let name, let type, let size, _, _):
            "**File** \(line(name)), \(line(type))\(size.map { ", \($0) bytes" } ?? "")\n"
        case .usage(let usage):
            "**Usage** \(line(usage.model)): \(usage.inputTokens) in, \(usage.outputTokens) out"
                + (usage.estimatedCost.map { ", $\($0.json.description)" } ?? "") + "\n"
        case .other(let type, let json): "**\(line(type))**\n\n\(fenced(json))"
        }
    }

    /// Text between fences that are longer than any run of backticks in it.
    private static func fenced(_ text: String) -> String {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return "\(fence)\n\(text)\(text.hasSuffix("\n") ? "" : "\n")\(fence)\n"
    }

    /// Text on one line, in which nothing is markup.
    private static func line(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                safe += " "
            } else {
                if "\\`*_{}[]()<>#+!|&~".unicodeScalars.contains(scalar) { safe += "\\" }
                safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }
}
