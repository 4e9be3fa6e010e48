import Holdfast
import HoldfastModel
import Testing

extension AgentStoreCases {
    static let snapshots = [
        AgentCase("saveSnapshot") { agents in
            let texts = AgentSample.messages("a", "b", "c", "d")
            try await agents.saveMessages(texts, of: "s1")
            var expected: [String: Bytes] = [:]
            for count in 1...4 {
                let snapshot = AgentSample.snapshot("sfp-\(count)", Array(texts.prefix(count)))
                try await agents.saveSnapshot(snapshot, of: "s1")
                expected["sfp-\(count)"] = snapshot
            }
            // Each of these changes messages that snapshots share with the list.
            for list in [
                AgentSample.messages("a", "b", "x"), AgentSample.messages("z", "x"),
                AgentSample.messages("z", "x", "y"), [], AgentSample.messages("a", "b", "c"),
                AgentSample.messages("n"),
            ] {
                try await agents.saveMessages(list, of: "s1")
                let snapshot = AgentSample.snapshot("of-\(list.count)", list)
                try await agents.saveSnapshot(snapshot, of: "s1")
                expected["of-\(list.count)"] = snapshot
                for (id, json) in expected {
                    #expect(try await agents.loadSnapshot(id, of: "s1").content?.json == json, "\(id)")
                }
            }
            #expect(try await agents.listSnapshots(of: "s1").count == expected.count)
            #expect(
                try await agents.checkConsistency(of: "s1").issues.contains { $0.contains("sfp") } == false)
        },
        AgentCase("loadSnapshot") { agents in
            #expect(try await agents.loadSnapshot("none", of: "nobody").content == nil)
            let odd = Bytes(#"{"id":"a/b", "messages" : [ {"role":"user"} , {"role":"user"} ],"n":1.0}"#)
            try await agents.saveMessages([#"{"role":"user"}"#, #"{"role":"user"}"#], of: "s2")
            try await agents.saveSnapshot(odd, of: "s2")
            #expect(try await agents.loadSnapshot("a/b", of: "s2").content?.json == odd)
            let first = try await agents.saveSnapshot(#"{"id":"plain"}"#, of: "s2", if: .absent)
            let late = await #expect(throws: HoldfastError.self) {
                try await agents.saveSnapshot(#"{"id":"plain"}"#, of: "s2", if: .absent)
            }
            #expect(late?.code == .conflict)
            let version = first.id
            try await agents.saveSnapshot(#"{"id":"plain","n":2}"#, of: "s2", if: .version(version))
            #expect(
                try await agents.loadSnapshot("plain", of: "s2").content?.json == #"{"id":"plain","n":2}"#)
        },
        AgentCase("listSnapshots") { agents in
            #expect(try await agents.listSnapshots(of: "nobody").isEmpty)
            let texts = AgentSample.messages("a", "b")
            try await agents.saveMessages(texts, of: "s3")
            for id in ["2", "1", "3"] {
                try await agents.saveSnapshot(AgentSample.snapshot(id, texts), of: "s3")
            }
            let list = try await agents.listSnapshots(of: "s3")
            #expect(list.map(\.id) == ["3", "1", "2"])
            #expect(try list.map { try $0.json } == ["3", "1", "2"].map { AgentSample.snapshot($0, texts) })
            let summaries = try await agents.snapshotSummaries(of: "s3")
            #expect(summaries.map(\.messageCount) == [2, 2, 2] && summaries.first?.lastSfpIndex == 4)
        },
    ]

    static let lifecycle = [
        AgentCase("saveInfo") { agents in
            let receipt = try await agents.saveInfo(AgentSample.info("i1"), of: "i1", if: .absent)
            try await agents.saveInfo(
                AgentSample.info("i1", template: "b"), of: "i1", if: .version(receipt.id))
            for (wrong, member) in [
                (AgentSample.info("i2"), "agentId"), (#"{"agentId":"i1"}"#, "templateId"),
                (AgentSample.info("i1", created: "2026-01-02T03:04:05+02:00"), "createdAt"),
                (AgentSample.info("i1", created: "2026-02-30T03:04:05.000Z"), "createdAt"), ("[]", "object"),
            ] {
                let error = await #expect(throws: HoldfastError.self) {
                    try await agents.saveInfo(wrong, of: "i1")
                }
                #expect(error?.code == .invalid && error?.message.contains(member) == true)
            }
        },
        AgentCase("loadInfo") { agents in
            #expect(try await agents.loadInfo(of: "nobody").content == nil)
            let info = AgentSample.info("i3", template: "", #","zero":0,"none":null,"no":false"#)
            try await agents.saveInfo(info, of: "i3")
            #expect(try await agents.loadInfo(of: "i3").content?.json == info)
        },
        AgentCase("exists") { agents in
            #expect(try await agents.exists("nobody").content == false)
            try await agents.saveInfo(AgentSample.info("x1"), of: "x1")
            #expect(try await agents.exists("x1").content)
        },
        AgentCase("delete") { agents in
            try await agents.delete("nobody")
            try await fill("gone", in: agents)
            try await fill("gone/too", in: agents)
            try await agents.delete("gone")
            try await expectNothing(of: "gone", in: agents)
            #expect(try await agents.loadMessages(of: "gone/too").count == 2)
            #expect(try await agents.listSnapshots(of: "gone/too").count == 1)
            try await agents.delete("gone/too")
            try await expectNothing(of: "gone/too", in: agents)
            try await fill("gone", in: agents)
            #expect(try await agents.loadToolCallRecords(of: "gone").count == 1)
            try await agents.delete("gone")
        },
        AgentCase("list") { agents in
            let names = ["l_y", "l_z", "l/a", "l%", "lxz", "l#", "..", "l🦀"]
            for name in names { try await agents.saveInfo(AgentSample.info(name), of: name) }
            #expect(try await agents.list(prefix: "l_").elements == ["l_y", "l_z"])
            #expect(try await agents.list(prefix: "l%").elements == ["l%"])
            #expect(try await agents.list(prefix: "l/").elements == ["l/a"])
            #expect(try await agents.list(prefix: "l").count == 7)
            let page = try await agents.list(prefix: "l", limit: 3)
            let rest = try await agents.list(prefix: "l", after: page.next)
            #expect(
                page.elements + rest.elements
                    == names.filter { $0 != ".." }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            for name in names { try await agents.delete(name) }
            #expect(try await agents.list(prefix: "l").isEmpty)
        },
    ]

    static func fill(_ agent: String, in agents: Agents) async throws {
        let texts = AgentSample.messages("a", "b")
        try await agents.saveInfo(AgentSample.info(agent), of: agent)
        try await agents.saveMessages(texts + texts, of: agent)
        try await agents.saveSnapshot(AgentSample.snapshot("s", texts + texts), of: agent)
        try await agents.saveMessages(texts, of: agent)
        try await agents.saveToolCallRecord(AgentSample.call("call_0"), of: agent)
        try await agents.saveTodos(#"{"todos":[]}"#, of: agent)
        try await agents.appendEvent(AgentSample.event(1), to: agent)
        try await agents.saveHistoryWindow(AgentSample.window("w", at: 1), of: agent)
        try await agents.saveCompressionRecord(AgentSample.window("c", at: 1), of: agent)
        try await agents.saveRecoveredFile(#"{"path":"p","timestamp":1}"#, of: agent)
        try await agents.saveMediaCache([#"{"key":"k"}"#], of: agent)
    }

    static func expectNothing(of agent: String, in agents: Agents) async throws {
        #expect(try await agents.exists(agent).content == false)
        #expect(try await agents.loadMessages(of: agent).isEmpty)
        #expect(try await agents.listSnapshots(of: agent).isEmpty)
        #expect(try await agents.loadToolCallRecords(of: agent).isEmpty)
        #expect(try await agents.loadTodos(of: agent).content == nil)
        #expect(try await agents.arrivals(of: agent).isEmpty)
        #expect(try await agents.loadHistoryWindows(of: agent).isEmpty)
        #expect(try await agents.loadCompressionRecords(of: agent).isEmpty)
        #expect(try await agents.loadRecoveredFiles(of: agent).isEmpty)
        #expect(try await agents.loadMediaCache(of: agent).content.isEmpty)
        #expect(try await agents.aggregateStats(of: agent).totalSnapshots == 0)
        #expect(try await agents.checkConsistency(of: agent).isConsistent)
    }
}
