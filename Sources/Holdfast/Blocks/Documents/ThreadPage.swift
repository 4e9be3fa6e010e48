public import HoldfastModel

/// One conversation as a page of HTML that needs nothing else, and runs nothing.
///
/// Whatever people, models and tools wrote is text, never markup; images are part of the page, other files can be saved
/// from it. The page forbids itself scripts and every connection.
public struct ThreadPage: Sendable {
    private static let imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"]
    private static let style = """
        body{font:15px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#222}
        section{border-top:1px solid #ddd;padding:1rem 0}h2{font-size:1rem;margin:0 0 .5rem}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0}.user{background:#eef4ff;padding:.5rem}
        .text{font-family:inherit}details{background:#f6f6f6;padding:.3rem .6rem;margin:.5rem 0}
        .error{color:#a00}.usage,time{color:#777;font-size:.85rem}img{max-width:100%}
        """

    /// A name for the file of the page: never a path, and a different one for each conversation.
    public let fileName: String
    /// The page in UTF-8.
    public let html: Bytes

    /// Renders a conversation.
    ///
    /// - Parameters:
    ///   - conversation: what it is about.
    ///   - messages: its messages with all of their blocks.
    public init(_ conversation: AgentThread, _ messages: [ThreadMessage]) {
        fileName = SafeText.distinctFileName(conversation.id) + ".html"
        let title = SafeText.html(
            "\(conversation.agent) · \(conversation.channelName ?? conversation.channel) · \(conversation.thread)"
        )
        var page = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" \
            content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <title>\(title)</title><style>\(Self.style)</style></head><body>
            <h1>\(title)</h1>

            """
        for message in messages { page += Self.section(message) }
        html = Bytes(page + "</body></html>\n")
    }

    private static func section(_ message: ThreadMessage) -> String {
        let name = SafeText.html(message.user.name.isEmpty ? message.user.handle : message.user.name)
        let blocks = message.blocks.map { html(BlockView($0)) }.joined()
        return "<section><h2>\(name) <time>\(message.createdAt)</time></h2>\n\(blocks)</section>\n"
    }

    private static func html(_ block: BlockView) -> String {
        switch block {
        case .text(let text, let isUser):
            return "<pre class=\"text\(isUser ? " user" : "")\">\n\(SafeText.html(text))</pre>\n"
        case .toolCall(let name, let input, let output, let isError):
            let mark = isError ? " class=\"error\"" : ""
            return
                "<details><summary\(mark)>\(SafeText.html(name))</summary><pre>\n\(SafeText.html(input))</pre>"
                + "<pre\(mark)>\n\(SafeText.html(output))</pre></details>\n"
        case .file(let name, let type, let size, let base64, _):
            return file(name, type, size, base64)
        case .usage(let usage):
            let cost = usage.estimatedCost.map { ", $" + SafeText.html($0.json.description) } ?? ""
            return "<p class=\"usage\">\(SafeText.html(usage.model)): \(usage.inputTokens) in, "
                + "\(usage.outputTokens) out\(cost)</p>\n"
        case .other(let type, let json):
            return
                "<details><summary>\(SafeText.html(type))</summary><pre>\n\(SafeText.html(json))</pre></details>\n"
        }
    }

    private static func file(_ name: String, _ type: String, _ size: Int?, _ base64: String?) -> String {
        let label = SafeText.html(name) + (size.map { " (\($0) bytes)" } ?? "")
        guard let base64 else { return "<p>📎 \(label)</p>\n" }
        if imageTypes.contains(type) {
            return "<figure><img src=\"data:\(type);base64,\(base64)\" alt=\"\(SafeText.html(name))\">"
                + "<figcaption>\(label)</figcaption></figure>\n"
        }
        return "<p>📎 <a download=\"\(SafeText.fileName(name))\" "
            + "href=\"data:application/octet-stream;base64,\(base64)\">\(label)</a></p>\n"
    }
}
