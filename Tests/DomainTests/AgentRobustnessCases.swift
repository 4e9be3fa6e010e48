import Holdfast
import HoldfastModel
import Testing

extension AgentFailureCases {
    static let conditions = [
        AgentCase(
            "K14",
            past: { agents, store in
                try await agents.saveMessages(AgentSample.messages("a"), of: "k14")
                try await agents.saveSnapshot(#"{"id":"good"}"#, of: "k14")
                try await agents.saveSnapshot(#"{"id":"bad"}"#, of: "k14")
                // As a program would leave it that knows nothing of agents.
                try await store.documents("agent-snapshots").put(.json("7"), at: "k14/bad")
                let snapshots = try await agents.listSnapshots(of: "k14")
                #expect(snapshots.count == 2)
                #expect(try snapshots.first { $0.id == "good" }?.json == #"{"id":"good"}"#)
                let error = #expect(throws: HoldfastError.self) {
                    try snapshots.first { $0.id == "bad" }?.json
                }
                #expect(error?.code == .corrupt)
                #expect(try await agents.checkConsistency(of: "k14").issues.contains { $0.contains("bad") })
                let writing = Task {
                    for number in 0..<20 {
                        try await agents.appendEvent(AgentSample.event(number), to: "k14")
                    }
                }
                try await writing.value
                try await agents.delete("k14")
                try await AgentStoreCases.expectNothing(of: "k14", in: agents)
            }),
        AgentCase("K15") { agents in
            let names = [
                "../escaped", "k15/fork/1", "k15_y", "k15xy", "k15%41", "k15#", "k15 ", "k15\u{301}", ".",
            ]
            for name in names {
                try await agents.saveInfo(AgentSample.info(name), of: name)
                try await agents.saveMessages(AgentSample.messages(name), of: name)
                try await agents.saveToolCallRecord(AgentSample.call("../\(name)"), of: name)
            }
            #expect(try await agents.list(prefix: "k15_").elements == ["k15_y"])
            #expect(try await agents.list(prefix: "k15/").elements == ["k15/fork/1"])
            let all = try await agents.list(limit: 1_000)
            for name in names {
                #expect(all.contains(name))
                #expect(try await agents.loadMessages(of: name).map(\.json) == AgentSample.messages(name))
                #expect(try await agents.loadToolCallRecords(of: name).map(\.id) == ["../\(name)"])
                #expect(
                    try await agents.queryMessages(AgentMessageFilter(agentID: name)).map(\.agentID) == [name]
                )
            }
            for name in ["", "a\u{0}b", String(repeating: "x", count: 1_025)] {
                let error = await #expect(throws: HoldfastError.self) {
                    try await agents.loadMessages(of: name)
                }
                #expect(error?.code == .invalid)
            }
        },
        AgentCase("K16") { agents in
            for _ in 0..<2 {
                try await agents.saveHistoryWindow(AgentSample.window("window-7", at: 7), of: "k16")
                try await agents.saveCompressionRecord(AgentSample.window("comp-7", at: 7), of: "k16")
                for path in ["a/b.c", "a_b.c"] {
                    let file = Bytes(#"{"path":"\#(path)","content":"","mtime":1.123456,"timestamp":7}"#)
                    try await agents.saveRecoveredFile(file, of: "k16")
                }
            }
            #expect(try await agents.loadHistoryWindows(of: "k16").count == 2)
            #expect(try await agents.loadCompressionRecords(of: "k16").count == 2)
            let files = try await agents.loadRecoveredFiles(of: "k16")
            #expect(files.count == 4 && files.allSatisfy { $0.json.description.contains("1.123456") })
        },
        AgentCase("K17") { agents in
            for (number, result) in ["0", "\"\"", "false", "null", "[]"].enumerated() {
                let more = #","result":\#(result),"startedAt":0,"durationMs":0,"isError":false"#
                let record = AgentSample.call("c\(number)", at: 1, more)
                try await agents.saveToolCallRecord(record, of: "k17")
                let stored = try await agents.toolCall("c\(number)", of: "k17").content
                #expect(stored.json == record && stored.result == Bytes(result))
            }
        },
    ]

    static let robustness = [
        AgentCase("K18") { agents in
            let odd = Bytes(#"{"role":"user","content":"a\u0000b\ud83d"}"#)
            try await agents.saveMessages([odd], of: "k18")
            #expect(try await agents.loadMessages(of: "k18").map(\.json) == [odd])
            #expect(try await agents.queryMessages(AgentMessageFilter(agentID: "k18")).map(\.json) == [odd])
            let record = AgentSample.call("c", at: 1_730_000_000_123)
            try await agents.saveToolCallRecord(record, of: "k18")
            #expect(try await agents.toolCall("c", of: "k18").json == record)
            try await agents.saveInfo(AgentSample.info("k18"), of: "k18")
            let session = try await agents.querySessions(AgentSessionFilter(agentID: "k18"))
            #expect(session.first?.createdAt == "2026-01-02T03:04:05.678Z")
        },
        AgentCase("K19") { agents in
            let roles = ["user", "assistant", "system", "tool", "agent/reporter", "développeur"]
            try await agents.saveMessages(roles.map { AgentSample.message("x", role: $0) }, of: "k19")
            for role in roles {
                #expect(
                    try await agents.queryMessages(AgentMessageFilter(agentID: "k19", role: role)).count == 1)
            }
        },
        AgentCase("K20") { agents in
            // A save after each turn writes the turn, and nothing that was there.
            var texts: [String] = []
            for turn in 0..<60 {
                texts += ["q\(turn)", "a\(turn)"]
                let save = try await agents.saveMessages(texts.map { AgentSample.message($0) }, of: "k20")
                #expect(save.appended.count == 2 && save.keptCount == 2 * turn && save.editedCount == 0)
                #expect(save.receipt?.versions.count ?? 0 == 2)
            }
        },
        AgentCase("K21") { agents in
            // An append that failed says so; nothing of it is there.
            let wrong = [AgentSample.event(1), "{}"]
            let error = await #expect(throws: HoldfastError.self) {
                try await agents.appendEvents(wrong, to: "k21")
            }
            #expect(error?.code == .invalid && error?.message.hasPrefix("event 2 has no") == true)
            let arrivals = try await agents.arrivals(of: "k21")
            #expect(arrivals.isEmpty)
        },
        AgentCase("K22") { agents in
            try await agents.appendMessages(AgentSample.messages("a", "b"), to: "k22")
            try await agents.appendMessages(AgentSample.messages("c"), to: "k22")
            let page = try await agents.messages(of: "k22", ListRange(.ascending, limit: 2))
            let next = try #require(page.next)
            #expect(try await agents.messages(of: "k22", next).map(\.json) == AgentSample.messages("c"))
            #expect(try await agents.checkConsistency(of: "k22").issues == ["there are messages and no info"])
        },
    ]
}
