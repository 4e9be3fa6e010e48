import Holdfast
import HoldfastModel
import Testing

/// The 6 methods of Kode's `ExtendedStore`.
enum AgentExtendedCases {
    static let all = [
        AgentCase("healthCheck") { agents in
            let health = await agents.healthCheck()
            #expect(health.isHealthy && health.isConnected && health.isWritable && health.problem == nil)
            #expect((health.latency ?? .zero) > .zero)
        },
        AgentCase("checkConsistency") { agents in
            try await agents.saveInfo(AgentSample.info("cc"), of: "cc")
            #expect(try await agents.checkConsistency(of: "cc").issues == [])
            try await agents.saveMessages(AgentSample.messages("a"), of: "cc")
            let issues = try await agents.checkConsistency(of: "cc").issues
            #expect(issues == ["the info says 0 messages, 1 are there"])
        },
        AgentCase("getMetrics") { agents in
            let before = try await agents.getMetrics()
            try await agents.saveInfo(AgentSample.info("gm"), of: "gm")
            try await agents.saveMessages(AgentSample.messages("a", "b"), of: "gm")
            try await agents.saveToolCallRecord(AgentSample.call("c"), of: "gm")
            _ = try await agents.loadMessages(of: "gm")
            _ = try await agents.queryMessages()
            let after = try await agents.getMetrics()
            #expect(after.saves == before.saves + 3 && after.loads == before.loads + 1)
            #expect(after.queries == before.queries + 1)
            #expect(after.totalAgents == before.totalAgents + 1)
            #expect(after.totalMessages == before.totalMessages + 2)
            #expect(after.totalToolCalls == before.totalToolCalls + 1)
            #expect((after.averageLatency ?? .zero) > .zero)
            #expect((after.minimumLatency ?? .zero) <= (after.maximumLatency ?? .zero))
            try await agents.delete("gm")
            #expect(try await agents.getMetrics().deletes == before.deletes + 1)
        },
        AgentCase("acquireAgentLock") { agents in
            let lock = try await agents.acquireAgentLock("lk")
            let refused = await #expect(throws: HoldfastError.self) {
                try await agents.acquireAgentLock("lk", timeout: .zero)
            }
            #expect(refused?.code == .conflict)
            try await agents.saveMessages(
                AgentSample.messages("a"), of: "lk", ifLast: nil, WriteOptions(fence: lock.fence))
            try await lock.unlock()
            let next = try await agents.acquireAgentLock("lk", timeout: .seconds(20))
            #expect(next.fence.number > lock.fence.number)
            let late = await #expect(throws: HoldfastError.self) {
                try await agents.appendMessages(
                    AgentSample.messages("b"), to: "lk", WriteOptions(fence: lock.fence))
            }
            #expect(late?.code == .conflict)
            try await next.unlock()
            let answer = try await agents.withAgentLock("lk") { _ in 7 }
            #expect(answer == 7)
        },
        AgentCase("batchFork") { agents in
            try await agents.saveInfo(AgentSample.info("bf", #","n":1.0"#), of: "bf")
            try await agents.saveMessages(AgentSample.messages("a", "b"), of: "bf")
            try await agents.saveToolCallRecords(
                [AgentSample.call("call_0"), AgentSample.call("1")], of: "bf")
            try await agents.saveSnapshot(#"{"id":"s"}"#, of: "bf")
            let forks = try await agents.batchFork("bf", count: 3)
            #expect(Set(forks).count == 3)
            for fork in forks {
                #expect(try await agents.loadMessages(of: fork).map(\.json) == AgentSample.messages("a", "b"))
                #expect(try await agents.loadToolCallRecords(of: fork).map(\.id) == ["call_0", "1"])
                #expect(try await agents.listSnapshots(of: fork).isEmpty)
                let info = try await agents.loadInfo(of: fork).content?.json.description ?? ""
                #expect(info.contains(#""agentId":"\#(fork)""#) && info.contains(#""lineage":["root","bf"]"#))
                #expect(info.contains(#""n":1.0"#))
            }
            let absent = await #expect(throws: HoldfastError.self) {
                try await agents.batchFork("nobody", count: 1)
            }
            #expect(absent?.code == .notFound)
        },
    ]

    /// Last, since nothing works afterwards.
    static let closing = AgentCase("close") { agents in
        await agents.close()
        let error = await #expect(throws: HoldfastError.self) { try await agents.loadInfo(of: "a") }
        #expect(error?.code == .unavailable)
    }
}
