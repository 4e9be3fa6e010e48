import Holdfast
import HoldfastModel

/// What should be stored, and what is.
struct StoredSample: Sendable {
    /// The messages that were brought in, by conversation.
    private(set) var messages: [String: [Bytes]] = [:]

    /// The lines of an import.
    init(_ lines: [ConversationLine]) {
        for line in lines { append(line.message.bytes, to: line.session) }
    }

    /// Every message.
    var messageCount: Int { messages.values.reduce(0) { $0 + $1.count } }

    /// Takes note of one more message.
    mutating func append(_ message: Bytes, to session: String) {
        messages[session, default: []].append(message)
    }

    /// How far a store holds it.
    struct Finding: Sendable {
        /// Messages that are stored, by conversation.
        var counts: [String: Int] = [:]
        /// Where the reads were answered.
        var source = ""
        /// What the reads had to do without.
        var degradations: [Degradation] = []

        /// Every message that is stored.
        var messageCount: Int { counts.values.reduce(0, +) }
    }

    /// Reads everything, and compares it byte for byte: what is stored of a conversation must be its beginning.
    ///
    /// - Returns: how much of each conversation is stored.
    /// - Throws: `corrupt`, naming the first message that is lost, doubled, changed, or out of order.
    func compare(_ conversations: Conversations) async throws(HoldfastError) -> Finding {
        let export = ConversationExport(of: conversations)
        var finding = Finding()
        for session in try await export.sessions(prefix: "") where messages[session.id] == nil {
            throw HoldfastError(.corrupt, "there is a conversation \"\(session.id)\" that nobody has written")
        }
        for (session, expected) in messages.sorted(by: { $0.key < $1.key }) {
            var range: ListRange? = ListRange(.ascending, limit: 500)
            var count = 0
            while let current = range {
                let page = try await conversations.lists.page(of: session, current)
                for item in page {
                    guard count < expected.count, item.bytes == expected[count] else {
                        throw HoldfastError(
                            .corrupt,
                            "message \(count) of \"\(session)\" is not the one that was written there")
                    }
                    count += 1
                }
                if finding.source.isEmpty { finding.source = page.source }
                finding.degradations = page.degradations
                range = page.next
            }
            finding.counts[session] = count
        }
        return finding
    }

    /// As ``compare(_:)``, and everything must be there.
    func compareWhole(_ conversations: Conversations) async throws(HoldfastError) -> Finding {
        let finding = try await compare(conversations)
        for (session, expected) in messages where finding.counts[session] != expected.count {
            throw HoldfastError(
                .corrupt,
                "\"\(session)\" has \(finding.counts[session] ?? 0) messages, \(expected.count) were written")
        }
        return finding
    }
}
