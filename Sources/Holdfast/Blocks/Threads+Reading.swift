public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Threads {
    /// Which blocks of a message are wanted.
    public enum Detail: Hashable, Sendable, CaseIterable {
        /// Every block, and messages without any.
        case everything
        /// What a model is told: without usage, files of the agent, and files whose content says no `type`; without
        /// messages that have nothing else. The same on every backend.
        case forModel
    }

    /// Reads a page of the messages of a conversation with their blocks, oldest first.
    ///
    /// - Parameters:
    ///   - conversation: its id; one that is not there has no messages.
    ///   - detail: which blocks.
    ///   - limit: at most so many messages, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``. A page for a
    ///     model may have fewer.
    ///   - cursor: where the page before ended.
    ///   - options: how long each step may take.
    /// - Returns: messages, and the cursor of the page that follows.
    /// - Throws: `invalid` for a limit below zero or a cursor of another question.
    public func messages(
        of conversation: String, _ detail: Detail = .everything, limit: Int? = nil,
        after cursor: Cursor? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<ThreadMessage, Cursor> {
        let (page, blocks) = try await messagesAndBlocks(of: conversation, limit, cursor, options)
        var messages: [ThreadMessage] = []
        for item in page.elements where Self.conversation(of: item.key) == conversation {
            let all = blocks[item.key] ?? []
            let wanted = detail == .everything ? all : all.filter(\.isForModel)
            if detail == .forModel, wanted.isEmpty { continue }
            messages.append(try ThreadMessage(item, wanted))
        }
        return Page(messages, next: page.next, source: page.source, degradations: page.degradations)
    }

    /// A page of messages, and the blocks of each: at once where the backend can.
    private func messagesAndBlocks(
        of conversation: String, _ limit: Int?, _ cursor: Cursor?, _ options: CallOptions
    ) async throws(HoldfastError) -> (Page<Item, Cursor>, [String: [Block]]) {
        let prefix = conversation + "/"
        let selection = Selection(prefix: prefix, order: [.ascending(.id)])
        let lists = store.lists(Self.messageNamespace)
        let count = try PageLimit.checked(limit)
        let request = DomainRequest(.messagesWithBlocks) { $0.member("conversation", conversation) }
        let question = try lists.question(selection)
        let blocks = try store.lists(Self.blockNamespace).question(Selection(prefix: prefix))
        let whole: ReadAnswer? =
            count == 0
            ? nil
            : try await store.whole(request, options) { () throws(HoldfastError) in
                [
                    DomainCall.Part("messages", try question.page(offset: 0, limit: count, after: cursor)),
                    DomainCall.Part(
                        "blocks", try blocks.page(offset: 0, limit: PageLimit.maximum, after: nil),
                        .ofRecords(in: 0)),
                ]
            }
        guard let whole else {
            let page = try await lists.select(selection, limit: limit, after: cursor, options)
            return (page, try await self.blocks(of: page.map(\.key), options))
        }
        let page = question.page(
            of: QueryAnswer(
                records: whole.results[0], source: whole.source, degradations: whole.degradations),
            limit: count)
        let made = try whole.results[1].map { record throws(HoldfastError) in Block(try Item(record)) }
        return (
            try page.mapPage { record throws(HoldfastError) in try Item(record) },
            Dictionary(grouping: made, by: \.message)
        )
    }

    /// Reads every message of a conversation with its blocks, oldest first.
    ///
    /// - Parameters:
    ///   - conversation: its id; one that is not there has no messages.
    ///   - detail: which blocks.
    ///   - options: how long each step may take.
    /// - Returns: messages; all of them are held in memory.
    /// - Throws: `unavailable` when nobody can say.
    public func allMessages(
        of conversation: String, _ detail: Detail = .everything, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> [ThreadMessage] {
        var messages: [ThreadMessage] = []
        var cursor: Cursor?
        repeat {
            // Each page is found among all messages of the conversation: the fewer pages, the better.
            let page = try await self.messages(
                of: conversation, detail, limit: Scan.streamPageCount, after: cursor, options)
            messages += page
            cursor = page.next
        } while cursor != nil
        return messages
    }

    /// Reads the blocks of messages, in one round trip unless one of them has thousands.
    private func blocks(
        of messages: [String], _ options: CallOptions
    ) async throws(HoldfastError) -> [String: [Block]] {
        let lists = store.lists(Self.blockNamespace)
        let range = ListRange(.ascending, limit: PageLimit.maximum)
        let request = range.request(limit: PageLimit.maximum)
        let requests = try messages.map { message throws(HoldfastError) in
            ReadRequest(try lists.namespace.address(message), range: request)
        }
        guard !requests.isEmpty else { return [:] }
        let answer = try await store.read(requests, options)
        var blocks: [String: [Block]] = [:]
        for (message, records) in zip(messages, answer.results) {
            var items = records.map { Item($0, key: message) }
            var rest = records.count == PageLimit.maximum ? records.last.map { range.following($0.id) } : nil
            while let asked = rest {
                let page = try await lists.page(of: message, asked, options)
                items += page
                rest = page.next
            }
            blocks[message] = items.map(Block.init)
        }
        return blocks
    }

    /// What a model is told when a conversation goes on: its messages, rebuilt of the blocks.
    ///
    /// See ``Prompt``.
    ///
    /// - Parameters:
    ///   - conversation: its id.
    ///   - options: how long each step may take.
    /// - Returns: the JSON of each message, `{"role":…,"content":…}`, in order.
    /// - Throws: `unavailable` when nobody can say.
    public func prompt(
        of conversation: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> [Bytes] {
        try await allMessages(of: conversation, .forModel, options).flatMap { Prompt.messages(of: $0.blocks) }
    }
}
