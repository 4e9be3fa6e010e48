import Holdfast

/// Writes every message of some conversations as lines, byte for byte.
struct ConversationExport: Sendable {
    /// What an export has done.
    struct Tally: Hashable, Sendable {
        /// Messages that were written.
        var messages = 0
        /// Conversations that were written.
        var sessions = 0
    }

    private static let sessionPageCount = 1000
    private static let messagePageCount = 1000

    private let conversations: Conversations
    /// What has been done so far.
    private(set) var tally = Tally()

    /// Exports conversations.
    init(of conversations: Conversations) { self.conversations = conversations }

    /// Names the conversations whose names begin so, with how many messages they have.
    func sessions(prefix: String) async throws(HoldfastError) -> [Session] {
        var sessions: [Session] = []
        var cursor: Cursor?
        repeat {
            let page = try await conversations.sessions(
                prefix: prefix, limit: Self.sessionPageCount, after: cursor)
            sessions += page
            cursor = page.next
        } while cursor != nil
        return sessions
    }

    /// Writes one conversation, oldest message first.
    ///
    /// - Parameters:
    ///   - session: which conversation; one that is not there writes nothing.
    ///   - write: takes the bytes of a page of lines, and how many lines they are.
    /// - Throws: what reading or writing says against it.
    mutating func write(
        _ session: String, _ write: (_ lines: [UInt8], _ count: Int) throws(HoldfastError) -> Void
    ) async throws(HoldfastError) {
        var range: ListRange? = ListRange(.ascending, limit: Self.messagePageCount)
        var index = 0
        while let current = range {
            let page = try await conversations.lists.page(of: session, current)
            var lines: [UInt8] = []
            for item in page {
                lines +=
                    ConversationLine(
                        session: session, index: index, message: item.bytes, isJSON: item.format == .json
                    ).encoded
                index += 1
            }
            try write(lines, page.count)
            tally.messages += page.count
            range = page.next
        }
        if index > 0 { tally.sessions += 1 }
    }
}
