public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Finds messages, of one agent or of all, newest first.
    ///
    /// - Parameters:
    ///   - filter: which.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - offset: how many to leave out, 0 to 100 000; with or without a limit. A cursor is cheaper.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: messages, and the cursor of the page that follows.
    /// - Throws: `invalid` for a limit or an offset that is none, and a cursor of another question.
    public func queryMessages(
        _ filter: AgentMessageFilter = AgentMessageFilter(), limit: Int? = nil, offset: Int = 0,
        after cursor: Cursor? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentEntry, Cursor> {
        try await measured(.query) { () async throws(HoldfastError) in
            var predicates = filter.period.predicates(.time) { .init($0.unixMilliseconds) }
            if let role = filter.role { predicates.append(Operand.member("role").equals(.init(role))) }
            if let type = filter.contentType { predicates.append(Self.contains(type)) }
            let selection = Selection(
                key: try filter.agentID.map { agent throws(HoldfastError) in try key(agent) },
                where: predicates.isEmpty ? nil : .all(predicates), order: [.descending(.id)])
            let request = DomainRequest(.queryMessages) { arguments in
                arguments.member("agentId", filter.agentID)
                arguments.member("role", filter.role)
                arguments.member("contentType", filter.contentType)
                filter.period.write(to: &arguments)
            }
            return try await lists(.messages).select(
                selection, as: request, offset: offset, limit: limit, after: cursor, options
            ).compactMapPage { AgentEntry($0) }
        }
    }

    private static func contains(_ type: String) -> Predicate {
        let content = Operand.member("content")
        let block = content.anyElement(where: Operand.member("type").equals(.init(type)))
        return type == "text" ? block || content.isKind(.string) : block
    }

    /// Finds tool calls, of one agent or of all, newest `createdAt` first.
    ///
    /// - Parameters:
    ///   - filter: which.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - offset: how many to leave out, 0 to 100 000; with or without a limit. A cursor is cheaper.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: records, and the cursor of the page that follows.
    /// - Throws: `invalid` for a limit or an offset that is none, and a cursor of another question.
    public func queryToolCalls(
        _ filter: AgentToolCallFilter = AgentToolCallFilter(), limit: Int? = nil, offset: Int = 0,
        after cursor: Cursor? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentToolCall, Cursor> {
        try await measured(.query) { () async throws(HoldfastError) in
            let created = Operand.member("createdAt")
            var predicates = filter.period.predicates(created) { .init($0.unixMilliseconds) }
            if let name = filter.toolName { predicates.append(Operand.member("name").equals(.init(name))) }
            if let state = filter.state { predicates.append(Self.isState(state)) }
            if let isError = filter.isError {
                let failed = Operand.member("isError").equals(true)
                predicates.append(isError ? failed : !failed)
            }
            if let hasApproval = filter.hasApproval {
                let required = Operand.path(["approval", "required"]).equals(true)
                let approved = required || Operand.path(["approval", "decision"]).isKind(.string)
                predicates.append(hasApproval ? approved : !approved)
            }
            let selection = Selection(
                prefix: try filter.agentID.map { agent throws(HoldfastError) in try prefix(agent) } ?? "",
                where: predicates.isEmpty ? nil : .all(predicates), order: [.descending(created)])
            return try await documents(.toolCalls).select(
                selection, as: filter.request, offset: offset, limit: limit, after: cursor, options
            ).compactMapPage { AgentToolCall($0) }
        }
    }

    private static func isState(_ state: String) -> Predicate {
        Operand.member("state").isIn([.init(state), .init(state.uppercased()), .init(state.lowercased())])
    }

    /// What the keys of an agent's named documents begin with.
    func prefix(_ agent: String) throws(HoldfastError) -> String {
        try Self.check(agent)
        return CompositeKey(agent).prefix
    }
}

extension AgentToolCallFilter {
    fileprivate var request: DomainRequest {
        DomainRequest(.queryToolCalls) { [self] arguments in
            arguments.member("agentId", agentID)
            arguments.member("toolName", toolName)
            arguments.member("state", state)
            if let isError { arguments.member("isError", isError) }
            if let hasApproval { arguments.member("hasApproval", hasApproval) }
            period.write(to: &arguments)
        }
    }
}

extension AgentPeriod {
    /// Writes the bounds that are given, in Unix milliseconds.
    func write(to arguments: inout JSONWriter) {
        arguments.member("createdAfter", createdAfter?.unixMilliseconds)
        arguments.member("createdBefore", createdBefore?.unixMilliseconds)
        arguments.member("startDate", startDate?.unixMilliseconds)
        arguments.member("endDate", endDate?.unixMilliseconds)
    }
}
