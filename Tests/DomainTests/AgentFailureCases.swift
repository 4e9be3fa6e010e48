import Holdfast
import HoldfastModel
import HoldfastSupport
import Testing

/// What Kode's stores promised and did not do, from K1 to K22; K0 is about opening and has a test of its own.
enum AgentFailureCases {
    static let all = queries + operations + conditions + robustness

    private static let queries = [
        AgentCase("K1") { agents in
            for number in 1...153 {
                try await agents.saveInfo(AgentSample.info("k1-\(number)"), of: "k1-\(number)")
            }
            let future = AgentPeriod(createdAfter: Timestamp("2099-01-01T00:00:00Z"))
            #expect(try await agents.querySessions(AgentSessionFilter(period: future)).isEmpty)
            let old = AgentPeriod(createdBefore: Timestamp("1999-01-01T00:00:00Z"))
            #expect(try await agents.querySessions(AgentSessionFilter(period: old)).isEmpty)
            #expect(try await agents.querySessions().count == 100)
            #expect(try await agents.queryMessages(AgentMessageFilter(period: future)).isEmpty)
            #expect(
                try await agents.queryToolCalls(AgentToolCallFilter(isError: true, period: future)).isEmpty)
        },
        AgentCase("K2") { agents in
            let record = AgentSample.call("c", "bash_run", at: 1, #","result":{"out":1}"#)
            try await agents.saveToolCallRecords([record, AgentSample.call("d", state: "FAILED")], of: "k2")
            let call = try #require(
                try await agents.queryToolCalls(AgentToolCallFilter(agentID: "k2", toolName: "bash_run"))
                    .first)
            #expect(call.toolCallId == "c" && call.toolName == "bash_run" && call.output == #"{"out":1}"#)
            let stats = try await agents.aggregateStats(of: "k2")
            #expect(stats.toolCallsByState["completed"] == 1 && stats.successRate == 0.5)
        },
        AgentCase("K3") { agents in
            try await agents.saveMessages(AgentSample.messages("a"), of: "k3")
            let first = try #require(try await agents.loadMessages(of: "k3").first)
            for turn in 1...5 {
                let texts = (0...turn).map { $0 == 0 ? "a" : "\($0)" }
                try await agents.saveMessages(texts.map { AgentSample.message($0) }, of: "k3")
            }
            #expect(try await agents.loadMessages(of: "k3").first == first)
            let exact = AgentPeriod(startDate: first.time, endDate: first.time)
            let found = try await agents.queryMessages(AgentMessageFilter(agentID: "k3", period: exact))
            #expect(found.contains(first))
            #expect(
                try await agents.queryMessages(AgentMessageFilter(agentID: "k3"), limit: 1).first?.json
                    == AgentSample.message("5"))
        },
        AgentCase("K4") { agents in
            try await agents.saveInfo(AgentSample.info("k4"), of: "k4")
            let sorted = try await agents.querySessions(AgentSessionFilter(sortBy: .updatedAt), limit: 1)
            #expect(sorted.map(\.agentID) == ["k4"])
            // What to sort by is a choice of three, never text that reaches a database.
            #expect(AgentSessionFilter.Order(rawValue: "1; DROP TABLE agents") == nil)
            let name = "'; DROP TABLE records; --"
            try await agents.saveInfo(AgentSample.info(name), of: name)
            #expect(try await agents.querySessions(AgentSessionFilter(agentID: name)).count == 1)
        },
        AgentCase("K5") { agents in
            try await agents.saveMessages(AgentSample.messages("a", "b", "c"), of: "k5")
            let rest = try await agents.queryMessages(AgentMessageFilter(agentID: "k5"), offset: 2)
            #expect(rest.map(\.json) == AgentSample.messages("a"))
        },
    ]

    private static let operations = [
        AgentCase("K6") { agents in
            _ = try await agents.loadMessages(of: "k6")
            let metrics = try await agents.getMetrics()
            #expect(metrics.loads > 0 && metrics.saves > 0 && (metrics.maximumLatency ?? .zero) > .zero)
        },
        AgentCase("K7") { agents in
            // Two hosts are in a test of their own; here many writers of one.
            try await withThrowingTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask {
                        for turn in 0..<5 {
                            try await agents.appendMessages(
                                [AgentSample.message("\(writer)-\(turn)")], to: "k7")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await agents.loadMessages(of: "k7").count == 40)
        },
        AgentCase("K8") { agents in
            let first = try await agents.acquireAgentLock("k8", lease: .milliseconds(50))
            let second = try await agents.acquireAgentLock("k8")
            let late = await #expect(throws: HoldfastError.self) { try await first.unlock() }
            #expect(late?.code == .conflict)
            let third = await #expect(throws: HoldfastError.self) {
                try await agents.acquireAgentLock("k8", timeout: .zero)
            }
            #expect(third?.code == .conflict && third?.message.isEmpty == false)
            #expect(second.fence.number > first.fence.number)
            try await second.unlock()
        },
        AgentCase("K9") { agents in
            try await agents.saveInfo(AgentSample.info("k9"), of: "k9")
            try await agents.saveToolCallRecord(AgentSample.call("call_0"), of: "k9")
            var forks = try await agents.batchFork("k9", count: 2)
            forks += try await agents.batchFork("k9", count: 2)
            forks += try await agents.batchFork(forks[0], count: 1)
            #expect(Set(forks).count == 5)
            #expect(try await agents.list(prefix: "k9-").count == 5)
        },
        AgentCase("K10") { agents in
            for agent in ["k10-a", "k10-b"] {
                try await agents.saveToolCallRecords([AgentSample.call("call_0", state: agent)], of: agent)
            }
            #expect(try await agents.toolCall("call_0", of: "k10-a").state == "k10-a")
            #expect(try await agents.toolCall("call_0", of: "k10-b").state == "k10-b")
        },
        AgentCase("K11") { agents in
            try await agents.saveMessages(AgentSample.messages("first"), of: "k11")
            #expect(try await agents.exists("k11").content == false)
            try await agents.saveInfo(AgentSample.info("k11"), of: "k11")
            #expect(try await agents.loadMessages(of: "k11").count == 1)
        },
        AgentCase("K12") { agents in
            let writing = Task {
                for number in 0..<40 {
                    let events = (0..<10).map {
                        AgentSample.event(number * 10 + $0, ["progress", "control", "monitor"][$0 % 3])
                    }
                    try await agents.appendEvents(events, to: "k12")
                }
            }
            var isOver = false
            while !isOver {
                let seen = try await sequences(of: "k12", in: agents)
                #expect(seen == Array(0..<Int64(seen.count)))
                isOver = seen.count == 400
            }
            try await writing.value
        },
        AgentCase("K13") { agents in
            // An event is one item; what was appended before is neither read nor written again.
            let events = (0..<2_000).map { AgentSample.event($0) }
            try await agents.appendEvents(events, to: "k13")
            let receipt = try await agents.appendEvent(AgentSample.event(2_000), to: "k13")
            #expect(receipt.versions.count == 1)
            #expect(try await sequences(of: "k13", in: agents).count == 2_001)
        },
    ]

    private static func sequences(of agent: String, in agents: Agents) async throws -> [Int64] {
        try await agents.readEvents(of: agent).reduce(into: []) { $0.append($1.sequence) }
    }
}
