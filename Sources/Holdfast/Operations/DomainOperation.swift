/// The operations that a provider may answer whole, by their names in `holdfast.domain/1`.
///
/// Every read of the domain that is a question about what records hold, or that counts them; what each is asked with, and
/// how it is answered, is in `docs/reference/operations.md`. Writes are none of them: a write is in the log first.
package enum DomainOperation: String, Hashable, Sendable, CaseIterable {
    /// ``Agents/aggregateStats(of:_:)``.
    case aggregateStats = "aggregate_stats"
    /// ``Agents/events(of:since:channel:limit:after:_:)``.
    case agentEvents = "agent_events"
    /// The counts of ``Agents/getMetrics(_:)``.
    case agentMetrics = "agent_metrics"
    /// ``Threads/conversationsForExport(agent:handle:from:to:_:)``, where it looks into messages.
    case exportThreads = "export_threads"
    /// ``Threads/toolCalls(_:in:limit:_:)``.
    case findToolCalls = "find_tool_calls"
    /// ``Runs/list(_:offset:limit:after:counted:_:)``.
    case listRuns = "list_runs"
    /// ``Lists/summaries(prefix:limit:after:_:)``, and what is made of it: conversations, users, sessions, agents of chats.
    case listSummaries = "list_summaries"
    /// ``Threads/conversations(of:limit:after:_:)``.
    case listThreads = "list_threads"
    /// ``Chats/messages(ofSession:of:_:isAttributed:limit:after:_:)``.
    case mergedMessages = "merged_messages"
    /// ``Threads/messages(of:_:limit:after:_:)``.
    case messagesWithBlocks = "messages_with_blocks"
    /// ``Agents/queryMessages(_:limit:offset:after:_:)``.
    case queryMessages = "query_messages"
    /// ``Agents/querySessions(_:limit:offset:_:)``.
    case querySessions = "query_sessions"
    /// ``Agents/queryToolCalls(_:limit:offset:after:_:)``.
    case queryToolCalls = "query_tool_calls"
    /// ``Runs/stats(_:)``.
    case runStats = "run_stats"
    /// ``Search/messages(_:in:limit:after:_:)``.
    case search = "search"
    /// ``UsageLedger/sums(by:_:limit:_:)``.
    case usageSums = "usage_sums"
}
