public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Threads {
    /// Finds the calls of tools that have an id: more than one, where models or conversations used it again.
    ///
    /// Found by the id, whatever else is stored; without reading other blocks.
    ///
    /// - Parameters:
    ///   - id: what the model called it.
    ///   - conversation: only in this conversation.
    ///   - limit: at most so many messages are looked at, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - options: how long each step may take.
    /// - Returns: the calls, oldest first.
    /// - Throws: `invalid` for a limit below zero.
    public func toolCalls(
        _ id: String, in conversation: String? = nil, limit: Int? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<[ToolCall]> {
        let prefix = CompositeKey(id).prefix + (conversation.map { $0 + "/" } ?? "")
        if let calls = try await whole(id, prefix, conversation, limit, options) { return calls }
        let page = try await store.documents(Self.toolCallNamespace).scan(
            Scan(prefix: prefix, keysOnly: true), limit: limit, options)
        var calls: [ToolCall] = []
        for document in page.elements {
            let message = String(document.key.dropFirst(CompositeKey(id).prefix.count))
            let selection = Selection(
                key: message, where: Operand.path(["content", "tool_call_id"]).equals(Filter.Scalar(id)))
            let found = try await store.lists(Self.blockNamespace).select(
                selection, limit: PageLimit.maximum, options)
            calls += found.compactMap { ToolCall(Block($0)) }
        }
        calls.sort { $0.block.id < $1.block.id }
        return Answer(calls, source: page.source, degradations: page.degradations)
    }

    /// The calls, where the backend finds them at once.
    private func whole(
        _ id: String, _ prefix: String, _ conversation: String?, _ limit: Int?, _ options: CallOptions
    ) async throws(HoldfastError) -> Answer<[ToolCall]>? {
        let limit = try PageLimit.checked(limit)
        guard limit > 0 else { return nil }
        let request = DomainRequest(.findToolCalls) { arguments in
            arguments.member("toolCallId", id)
            arguments.member("conversation", conversation)
        }
        let answer = try await store.whole(request, options) { () throws(HoldfastError) in
            let index = try store.documents(Self.toolCallNamespace).question(
                Selection(prefix: prefix, keysOnly: true))
            let blocks = try store.lists(Self.blockNamespace).question(
                Selection(
                    prefix: conversation.map { $0 + "/" } ?? "",
                    where: Operand.path(["content", "tool_call_id"]).equals(Filter.Scalar(id))))
            return [
                DomainCall.Part("messages", try index.page(offset: 0, limit: limit, after: nil)),
                DomainCall.Part(
                    "blocks", try blocks.page(offset: 0, limit: PageLimit.maximum, after: nil), .anyOrder),
            ]
        }
        guard let answer, answer.results[1].count < PageLimit.maximum else { return nil }
        let count = CompositeKey(id).prefix.utf8.count
        let messages = Set(answer.results[0].map { $0.key[count..<$0.key.count] })
        guard answer.results[1].allSatisfy({ messages.contains($0.key) }) else {
            throw request.wrong("a block of a message that does not have the call", from: answer)
        }
        let calls = try answer.results[1].map { record throws(HoldfastError) in Block(try Item(record)) }
        return Answer(
            calls.compactMap(ToolCall.init).sorted { $0.block.id < $1.block.id }, source: answer.source,
            degradations: answer.degradations)
    }

    /// Finds the conversations of an agent that are wanted for an export, in the order in which they were begun.
    ///
    /// A conversation is wanted if one message satisfies all that is given. Times are compared as times, whatever zone or
    /// form they were written in.
    ///
    /// - Parameters:
    ///   - agent: whose conversations.
    ///   - handle: only where this person began a message.
    ///   - from: only where a message was begun then or later.
    ///   - to: only where a message was begun then or earlier.
    ///   - options: how long each step may take.
    /// - Returns: all of them, by the time of their beginning and then by id.
    /// - Throws: `unavailable` when nobody can say.
    public func conversationsForExport(
        agent: String, handle: String? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> [AgentThread] {
        guard handle != nil || from != nil || to != nil else {
            return try await conversations(of: agent, options)
        }
        var parts: [Predicate] = []
        if let handle { parts.append(Operand.member("user_handle").equals(Filter.Scalar(handle))) }
        let time = Operand.member("created")
        if let from { parts.append(time.isAtLeast(Filter.Scalar(from.unixMilliseconds))) }
        if let to { parts.append(time.isAtMost(Filter.Scalar(to.unixMilliseconds))) }
        let selection = Selection(prefix: CompositeKey(agent).prefix, where: .all(parts), keysOnly: true)
        let request = DomainRequest(.exportThreads) { arguments in
            arguments.member("agent", agent)
            arguments.member("handle", handle)
            arguments.member("from", from?.unixMilliseconds)
            arguments.member("to", to?.unixMilliseconds)
        }
        if let threads = try await whole(request, agent, selection, options) { return threads }
        var ids: [String] = []
        var cursor: Cursor?
        repeat {
            let page = try await store.lists(Self.messageNamespace).select(
                selection, limit: PageLimit.maximum, after: cursor, options)
            for item in page where ids.last != Self.conversation(of: item.key) {
                ids.append(Self.conversation(of: item.key))
            }
            cursor = page.next
        } while cursor != nil
        var found: [AgentThread] = []
        for start in stride(from: 0, to: ids.count, by: PageLimit.maximum) {
            let keys = Array(ids[start..<min(ids.count, start + PageLimit.maximum)])
            for document in try await store.documents(Self.namespace).get(keys, options).content {
                if let document, let thread = try AgentThread.found(document) { found.append(thread) }
            }
        }
        return found.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// The conversations, where the backend finds them by their messages itself.
    private func whole(
        _ request: DomainRequest, _ agent: String, _ selection: Selection, _ options: CallOptions
    ) async throws(HoldfastError) -> [AgentThread]? {
        let answer = try await store.whole(request, options) { () throws(HoldfastError) in
            let messages = try store.lists(Self.messageNamespace).question(selection)
            let threads = try store.documents(Self.namespace).question(
                Selection(prefix: CompositeKey(agent).prefix))
            let limit = PageLimit.maximum
            return [
                DomainCall.Part("messages", try messages.page(offset: 0, limit: limit, after: nil), .none),
                DomainCall.Part("threads", try threads.page(offset: 0, limit: limit, after: nil), .anyOrder),
            ]
        }
        guard let answer, answer.results[1].count < PageLimit.maximum else { return nil }
        var found: [AgentThread] = []
        for record in answer.results[1] {
            if let thread = try AgentThread.found(try Document(record)) { found.append(thread) }
        }
        return found.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// Lists the conversations of an agent, or of all, in the order in which they were begun.
    ///
    /// - Parameters:
    ///   - agent: whose conversations; nothing is everybody's.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: a page, and the cursor of the one that follows.
    /// - Throws: `invalid` for a limit below zero or a cursor of another question.
    public func conversations(
        of agent: String? = nil, limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentThread, Cursor> {
        let selection = Selection(
            prefix: agent.map { CompositeKey($0).prefix } ?? "", order: [.ascending(.member("created"))])
        let request = DomainRequest(.listThreads) { $0.member("agent", agent) }
        return try await store.documents(Self.namespace).select(
            selection, as: request, limit: limit, after: cursor, options
        ).compactMapPage { document throws(HoldfastError) in try AgentThread.found(document) }
    }

    private func conversations(
        of agent: String, _ options: CallOptions
    ) async throws(HoldfastError) -> [AgentThread] {
        var found: [AgentThread] = []
        var cursor: Cursor?
        repeat {
            let page = try await conversations(
                of: agent, limit: PageLimit.maximum, after: cursor, options)
            found += page
            cursor = page.next
        } while cursor != nil
        return found
    }
}
