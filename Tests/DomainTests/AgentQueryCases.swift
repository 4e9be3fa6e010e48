import Holdfast
import HoldfastModel
import Testing

/// The 4 methods of Kode's `QueryableStore`.
enum AgentQueryCases {
    static let all = [
        AgentCase("querySessions") { agents in
            for day in 1...9 {
                let name = "q-\(day)"
                let info = AgentSample.info(
                    name, template: day % 2 == 0 ? "even" : "odd", created: "2020-03-0\(day)T00:00:00.000Z")
                try await agents.saveInfo(info, of: name)
                if day > 1 {
                    try await agents.saveMessages((1..<day).map { AgentSample.message("\($0)") }, of: name)
                }
            }
            try await sessions(agents)
            try await agents.appendMessages(AgentSample.messages("late"), to: "q-3")
            let recent = try await agents.querySessions(
                AgentSessionFilter(period: period(), sortBy: .updatedAt), limit: 1)
            #expect(recent.map(\.agentID) == ["q-3"])
            #expect(recent.map(\.messageCount) == [3])
        },
        AgentCase("queryMessages") { agents in
            let text = Bytes(#"{"role":"user","content":"plain"}"#)
            let use = Bytes(#"{"role":"assistant","content":[{"type":"text"},{"type":"tool_use"}]}"#)
            let result = Bytes(#"{"role":"user","content":[{"type":"tool_result"}]}"#)
            try await agents.saveMessages([text, use, result], of: "qm-1")
            try await agents.saveMessages([use], of: "qm-2")
            func query(_ filter: AgentMessageFilter, limit: Int? = nil, offset: Int = 0) async throws
                -> [Bytes]
            {
                try await agents.queryMessages(filter, limit: limit, offset: offset).map(\.json)
            }
            let mine = AgentMessageFilter(agentID: "qm-1")
            #expect(try await query(mine) == [result, use, text])
            #expect(try await query(mine, offset: 1) == [use, text])
            #expect(try await query(mine, limit: 1, offset: 1) == [use])
            #expect(try await query(mine, limit: 0) == [])
            #expect(try await query(AgentMessageFilter(agentID: "qm-1", role: "user")) == [result, text])
            #expect(try await query(AgentMessageFilter(agentID: "qm-1", contentType: "text")) == [use, text])
            #expect(
                try await query(AgentMessageFilter(agentID: "qm-1", contentType: "tool_result")) == [result])
            let uses = try await agents.queryMessages(AgentMessageFilter(contentType: "tool_use"))
            #expect(uses.map(\.agentID) == ["qm-2", "qm-1"])
            let first = try await agents.queryMessages(mine, limit: 2)
            #expect(try await agents.queryMessages(mine, after: first.next).map(\.json) == [text])
        },
        AgentCase("queryToolCalls") { agents in
            let failed = AgentSample.call("a", "bash_run", state: "FAILED", at: 1_000, #","isError":true"#)
            let asked = AgentSample.call(
                "b", "bash_run", at: 3_000,
                #","approval":{"required":false,"decision":"allow"},"isError":false"#)
            let plain = AgentSample.call("c", "fs_read", at: 2_000)
            try await agents.saveToolCallRecords([failed, asked, plain], of: "qt-1")
            try await agents.saveToolCallRecords([failed], of: "qt-2")
            func query(_ filter: AgentToolCallFilter) async throws -> [String] {
                var filter = filter
                filter.agentID = "qt-1"
                return try await agents.queryToolCalls(filter).map(\.id)
            }
            #expect(try await query(AgentToolCallFilter()) == ["b", "c", "a"])
            #expect(try await query(AgentToolCallFilter(toolName: "bash_run")) == ["b", "a"])
            #expect(try await query(AgentToolCallFilter(isError: true)) == ["a"])
            #expect(try await query(AgentToolCallFilter(isError: false)) == ["b", "c"])
            #expect(try await query(AgentToolCallFilter(hasApproval: true)) == ["b"])
            #expect(try await query(AgentToolCallFilter(hasApproval: false)) == ["c", "a"])
            #expect(try await query(AgentToolCallFilter(state: "failed")) == ["a"])
            #expect(try await query(AgentToolCallFilter(state: "COMPLETED")) == ["b", "c"])
            #expect(
                try await query(AgentToolCallFilter(period: AgentPeriod(createdAfter: time(1_000)))) == [
                    "b", "c",
                ])
            #expect(
                try await query(
                    AgentToolCallFilter(period: AgentPeriod(startDate: time(2_000), endDate: time(2_000))))
                    == ["c"])
            let everywhere = try await agents.queryToolCalls(AgentToolCallFilter(isError: true))
            #expect(Set(everywhere.map(\.agentID)).isSuperset(of: ["qt-1", "qt-2"]))
            let page = try await agents.queryToolCalls(
                AgentToolCallFilter(agentID: "qt-1"), limit: 1, offset: 1)
            #expect(page.map(\.id) == ["c"])
        },
        AgentCase("aggregateStats") { agents in
            let none = try await agents.aggregateStats(of: "nobody")
            #expect(none.totalMessages == 0 && none.successRate == nil)
            try await agents.saveMessages(AgentSample.messages("a", "b"), of: "st")
            try await agents.saveToolCallRecords(
                [
                    AgentSample.call("1"), AgentSample.call("2"),
                    AgentSample.call("3", "bash_run", state: "FAILED"),
                ],
                of: "st")
            try await agents.saveSnapshot(#"{"id":"s"}"#, of: "st")
            let stats = try await agents.aggregateStats(of: "st")
            #expect(stats.totalMessages == 2 && stats.totalToolCalls == 3 && stats.totalSnapshots == 1)
            #expect(stats.avgMessagesPerSession == 2)
            #expect(stats.toolCallsByName == ["fs_read": 2, "bash_run": 1])
            #expect(stats.toolCallsByState.byState == ["COMPLETED": 2, "FAILED": 1])
        },
    ]

    private static func time(_ milliseconds: Int64) -> Timestamp { Timestamp(unixMilliseconds: milliseconds) }

    /// The days in which nobody else in the table was created.
    private static func period(from first: Int = 1, to last: Int = 9) -> AgentPeriod {
        AgentPeriod(
            startDate: Timestamp("2020-03-0\(first)T00:00:00Z"),
            endDate: Timestamp("2020-03-0\(last)T00:00:00Z"))
    }

    private static func sessions(_ agents: Agents) async throws {
        func query(_ filter: AgentSessionFilter, limit: Int? = nil, offset: Int = 0) async throws -> [String]
        {
            try await agents.querySessions(filter, limit: limit, offset: offset).map(\.agentID)
        }
        let all = AgentSessionFilter(period: period())
        #expect(try await query(all) == (1...9).reversed().map { "q-\($0)" })
        #expect(try await query(all, limit: 2, offset: 1) == ["q-8", "q-7"])
        #expect(try await query(all, offset: 7) == ["q-2", "q-1"])
        #expect(try await query(all, limit: 0) == [])
        #expect(try await query(AgentSessionFilter(agentID: "q-4")) == ["q-4"])
        #expect(
            try await query(AgentSessionFilter(templateID: "even", period: period(to: 5))) == ["q-4", "q-2"])
        #expect(try await query(AgentSessionFilter(userID: "u-18")) == [])
        #expect(try await query(AgentSessionFilter(userID: "u-17", period: period(from: 9))) == ["q-9"])
        let between = AgentPeriod(
            createdAfter: Timestamp("2020-03-01T00:00:00Z"), createdBefore: Timestamp("2020-03-03T00:00:00Z"))
        #expect(try await query(AgentSessionFilter(period: between)) == ["q-2"])
        #expect(
            try await query(AgentSessionFilter(period: period(to: 3), isAscending: true)) == [
                "q-1", "q-2", "q-3",
            ])
        let byCount = AgentSessionFilter(period: period(), sortBy: .messageCount)
        let page = try await agents.querySessions(byCount, limit: 2, offset: 1)
        #expect(page.map(\.messageCount) == [7, 6] && page.next == 3)
        #expect(page.first?.templateID == "even" && page.first?.createdAt == "2020-03-08T00:00:00.000Z")
        let negative = await #expect(throws: HoldfastError.self) { try await query(all, limit: -1) }
        #expect(negative?.code == .invalid)
    }
}
