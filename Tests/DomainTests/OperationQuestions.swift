import Holdfast
import HoldfastModel

/// A store with something of every kind, and a question for each operation that a provider may answer whole.
enum OperationQuestions {
    /// Leaves things that operations find, count and leave out.
    static func fill(_ store: HistoryStore) async throws {
        for user in ["ann", "b/ob"] { try await UserThings.leave(user, in: store) }
        let agents = store.agents()
        for (number, agent) in ["one", "two", "th/ree"].enumerated() {
            try await agents.saveInfo(
                Bytes(
                    #"{"agentId":"\#(agent)","templateId":"t\#(number % 2)","createdAt":"2026-01-0\#(number + 1)T00:00:00.000Z"}"#
                ), of: agent)
            let messages = (0..<(4 - number)).map {
                Bytes(#"{"role":"\#($0 % 2 == 0 ? "user" : "assistant")","content":"deploy \#($0)"}"#)
            }
            try await agents.appendMessages(messages, to: agent)
            for call in 0..<(3 + number) {
                let state = ["COMPLETED", "FAILED", "PENDING"][call % 3]
                let name = call % 2 == 0 ? "read" : "write \\ \u{1}\"x"
                try await agents.saveToolCallRecord(
                    Bytes(
                        #"{"id":"c\#(call)","name":"\#(name.json)","state":"\#(state)","createdAt":\#(call)}"#
                    ),
                    of: agent)
                try await agents.appendEvent(
                    Bytes(
                        #"{"cursor":\#(call),"bookmark":{"seq":\#(call),"timestamp":1},"event":{"channel":"progress","type":"x"}}"#
                    ), to: agent)
            }
        }
        let gone = try await agents.messages(of: "one", ListRange(.ascending, limit: 1))
        try await store.lists("agent-messages").remove(gone[0].id, from: "one")
        for agent in ["x", "y"] {
            try await store.chats().append(
                Bytes(#"{"role":"assistant","content":"in \#(agent)"}"#),
                to: Chat(user: "ann", session: "s", agent: agent))
        }
    }

    /// The answers to every question, by operation.
    static func answers(of store: HistoryStore) async throws -> [(operation: String, answer: String)] {
        try await agentAnswers(store) + threadAnswers(store) + otherAnswers(store)
    }

    private static func agentAnswers(_ store: HistoryStore) async throws -> [(String, String)] {
        let agents = store.agents()
        var answers: [(String, String)] = []
        for agent in ["one", "two", "th/ree", "nobody"] {
            answers.append(("aggregate_stats", try await sorted(agents.aggregateStats(of: agent))))
            answers.append(
                ("agent_events", "\(try await agents.events(of: agent, since: 0, channel: "progress"))"))
        }
        let metrics = try await agents.getMetrics()
        answers.append(
            (
                "agent_metrics",
                "\(metrics.totalAgents) \(metrics.totalMessages) \(metrics.totalToolCalls)"
            ))
        for order in AgentSessionFilter.Order.allCases {
            for isAscending in [true, false] {
                let filter = AgentSessionFilter(sortBy: order, isAscending: isAscending)
                for (limit, offset) in [(2, 0), (2, 2), (100, 0), (5, 0), (1, 9)] {
                    let page = try await agents.querySessions(filter, limit: limit, offset: offset)
                    answers.append(("query_sessions", "\(page)"))
                }
            }
        }
        answers.append(
            ("query_sessions", "\(try await agents.querySessions(AgentSessionFilter(templateID: "t0")))"))
        answers.append(
            (
                "query_messages",
                try await pages {
                    try await agents.queryMessages(AgentMessageFilter(role: "user"), limit: 2, after: $0)
                }
            ))
        answers.append(
            (
                "query_tool_calls",
                try await pages {
                    try await agents.queryToolCalls(
                        AgentToolCallFilter(state: "completed"), limit: 2, after: $0)
                }
            ))
        return answers
    }

    private static func threadAnswers(_ store: HistoryStore) async throws -> [(String, String)] {
        let threads = store.threads()
        var answers = [
            ("list_threads", try await pages { try await threads.conversations(limit: 1, after: $0) })
        ]
        for thread in try await threads.conversations() {
            for detail in Threads.Detail.allCases {
                let answer = try await pages {
                    try await threads.messages(of: thread.id, detail, limit: 1, after: $0)
                }
                answers.append(("messages_with_blocks", answer))
            }
            answers.append(
                (
                    "find_tool_calls",
                    "\(try await threads.toolCalls("call <ann>", in: thread.id))"
                ))
        }
        answers.append(("find_tool_calls", "\(try await threads.toolCalls("call <ann>"))"))
        answers.append(
            (
                "export_threads",
                "\(try await threads.conversationsForExport(agent: "helper", handle: "<ann>"))"
            ))
        return answers
    }

    private static func otherAnswers(_ store: HistoryStore) async throws -> [(String, String)] {
        let chats = store.chats()
        var answers: [(String, String)] = []
        for order in ListRange.Order.allCases {
            let answer = try await pages {
                try await chats.messages(ofSession: "s", of: "ann", order, limit: 2, after: $0)
            }
            answers.append(("merged_messages", answer))
        }
        for limit in [1, 2, 100] {
            for namespace in ["chats", "conversations", "agent-messages", "none"] {
                let answer = try await pages {
                    try await store.lists(namespace).summaries(limit: limit, after: $0)
                }
                answers.append(("list_summaries", answer))
            }
            answers.append(
                ("list_summaries", try await pages { try await chats.users(limit: limit, after: $0) }))
            let sessions = try await pages { try await chats.sessions(of: "ann", limit: limit, after: $0) }
            let agents = try await pages {
                try await chats.agents(of: "ann", session: "s", limit: limit, after: $0)
            }
            answers += [("list_summaries", sessions), ("list_summaries", agents)]
        }
        answers.append(("list_summaries", "\(try await store.lists("chats").summary(of: "ann/s/x"))"))
        let runs = store.runs()
        for isCounted in [true, false] {
            for (limit, offset) in [(2, 0), (2, 2), (100, 1), (0, 0)] {
                let page = try await runs.list(
                    RunFilter(agent: "a"), offset: offset, limit: limit, counted: isCounted)
                answers.append(("list_runs", "\(page)"))
            }
        }
        answers.append(("run_stats", "\(try await runs.stats())"))
        for by in [[], [UsageDimension.model], [.day, .agent]] {
            answers.append(("usage_sums", "\(try await store.usage().sums(by: by))"))
        }
        answers.append(
            (
                "search",
                try await pages { try await store.search().messages("said", limit: 2, after: $0).hits }
            ))
        return answers
    }

    /// All pages of an answer, as text.
    private static func pages<Element>(
        _ page: (Cursor?) async throws -> Page<Element, Cursor>
    ) async throws -> String {
        var text = ""
        var cursor: Cursor?
        repeat {
            let page = try await page(cursor)
            text += "\(page)\n"
            cursor = page.next
        } while cursor != nil
        return text
    }

    /// Dictionaries in one order.
    private static func sorted(_ statistics: Answer<AgentStatistics>) -> String {
        let names = statistics.toolCallsByName.sorted { $0.key < $1.key }
        let states = statistics.toolCallsByState.byState.sorted { $0.key < $1.key }
        return "\(statistics.totalMessages) \(statistics.totalToolCalls) \(statistics.totalSnapshots) "
            + "\(names) \(states) \(statistics.source) \(statistics.degradations)"
    }
}

extension String {
    /// The inside of a JSON string.
    fileprivate var json: String {
        String(
            unicodeScalars.flatMap { scalar -> [Character] in
                switch scalar {
                case "\"", "\\": ["\\", Character(scalar)]
                case "\u{1}": Array(#"\u0001"#)
                default: [Character(scalar)]
                }
            })
    }
}
