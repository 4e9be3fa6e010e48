import Holdfast
import HoldfastSupport
import Testing

@testable import HoldfastHTTP

@Suite("Agents over HTTP") struct AgentRoutesTests {
    private static let info =
        #"{"agentId":"a/b","templateId":"t","createdAt":"2026-01-02T03:04:05.678Z","n":1.0}"#

    private func node(_ answer: HTTPAnswer) throws -> JSONNode { try JSONNode(Array(answer.text.utf8)) }

    @Test("an info comes back as it was sent, under conditions, and goes with everything")
    func infos() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/agents/a%2Fb"
            #expect(try await test.send("HEAD", target).status == 404)
            let made = try await test.send("PUT", target, [("If-None-Match", "*")], body: Self.info)
            #expect(made.status == 200)
            #expect(
                try await test.send("PUT", target, [("If-None-Match", "*")], body: Self.info).status == 412)
            let read = try await test.send("GET", target)
            #expect(read.text == Self.info && read["etag"] == made["etag"])
            #expect(try await test.send("GET", target, [("If-None-Match", made["etag"] ?? "")]).status == 304)
            #expect(try await test.send("GET", "/v1/agents").text == #"{"data":["a/b"],"next":null}"#)
            _ = try await test.send("POST", "\(target)/messages", body: #"{"role":"user","content":"x"}"#)
            #expect(try await test.send("DELETE", target).status == 200)
            #expect(try await test.send("GET", target).status == 404)
            #expect(try await test.send("GET", "\(target)/messages").text == #"{"data":[],"next":null}"#)
            let wrong = try await test.send("PUT", target, body: "{}")
            #expect(wrong.status == 400 && wrong.text.contains("agentId"))
        }
    }

    @Test("a save of all messages appends what is new, and a save from an older reading is refused")
    func messages() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/agents/a/messages"
            let one = #"{"role":"user",  "content":"\u0000"}"#
            let two = #"{"role":"tool","content":9223372036854775808}"#
            let first = try await test.send("PUT", target, body: "[\(one)]")
            #expect(first.text.hasPrefix(#"{"kept":0,"edited":0,"removed":0,"ids":[""#))
            #expect(first["holdfast-level"] == "primary")
            let id = try #require(try node(first)["ids"]?.elements.first?.string)
            let second = try await test.send("PUT", "\(target)?ifLast=\(id)", body: "[\(one), \(two)]")
            #expect(second.text.hasPrefix(#"{"kept":1,"edited":0,"removed":0,"ids":[""#))
            let late = try await test.send("PUT", "\(target)?ifLast=\(id)", body: "[\(one)]")
            #expect(late.status == 409)
            let page = try await test.send("GET", "\(target)?order=ascending&limit=1")
            #expect(page.text.contains("\"value\":\(one)}"))
            let next = try #require(try node(page)["next"]?.string)
            let rest = try await test.send("GET", "\(target)?order=ascending&cursor=\(next)")
            #expect(rest.text.contains("\"value\":\(two)}") && rest.text.hasSuffix(#""next":null}"#))
            #expect(try await test.send("PUT", target, body: "{}").status == 400)
            #expect(try await test.send("POST", target, body: "[{}]").status == 400)
        }
    }

    @Test("queries take every filter, and refuse what they do not know")
    func queries() async throws {
        try await TestDaemon.with { test in
            let agents = test.store.agents()
            try await agents.saveInfo(Bytes(Self.info), of: "a/b")
            try await agents.saveMessages([#"{"role":"user","content":[{"type":"text"}]}"#], of: "a/b")
            try await agents.saveToolCallRecord(
                #"{"id":"c","name":"bash","state":"COMPLETED","createdAt":5,"result":0,"approval":{"required":true}}"#,
                of: "a/b")
            func count(_ target: String) async throws -> Int? {
                try node(try await test.send("GET", target))["data"]?.elements.count
            }
            for (query, expected) in [
                ("agentId=a%2Fb", 1), ("templateId=t&sortBy=message_count&sortOrder=asc", 1),
                ("createdAfter=2026-01-02T00:00:00Z&createdBefore=2026-01-03T00:00:00Z", 1),
                ("startDate=1767323045678&endDate=1767323045678", 1),
                ("createdAfter=2099-01-01T00:00:00Z", 0),
                ("offset=1", 0), ("limit=0", 0), ("userId=u", 0),
            ] {
                #expect(try await count("/v1/agent-sessions?\(query)") == expected, "\(query)")
            }
            for (query, expected) in [
                ("contentType=text&role=user", 1), ("contentType=tool_use", 0), ("offset=1", 0),
            ] {
                #expect(try await count("/v1/agent-messages?\(query)") == expected, "\(query)")
            }
            for (query, expected) in [
                ("toolName=bash&state=completed&isError=false&hasApproval=true", 1), ("isError=true", 0),
                ("createdBefore=5", 0), ("endDate=5", 1),
            ] {
                #expect(try await count("/v1/agent-tool-calls?\(query)") == expected, "\(query)")
            }
            for target in [
                "agent-sessions?sortBy=created_at;DROP", "agent-sessions?limit=-1",
                "agent-sessions?unknown=1",
                "agent-sessions?createdAfter=soon", "agent-messages?offset=-1",
                "agent-tool-calls?isError=maybe",
            ] {
                #expect(try await test.send("GET", "/v1/\(target)").status == 400, "\(target)")
            }
            let stats = try await test.send("GET", "/v1/agents/a%2Fb/stats").text
            #expect(stats.contains(#""toolCallsByState":{"COMPLETED":1},"successRate":1.0"#))
            let call = try await test.send("GET", "/v1/agent-tool-calls").text
            #expect(call.contains(#""toolCallId":"c","toolName":"bash""#) && call.contains(#""output":0"#))
        }
    }

    @Test("events are read since a bookmark; forks, locks and figures work as in Swift")
    func operations() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/agents/a%2Fb"
            let events = [3, 1, 2].map {
                #"{"cursor":\#($0),"bookmark":{"seq":\#($0)},"event":{"channel":"monitor"}}"#
            }
            let appended = try await test.send(
                "POST", "\(target)/events", body: "[\(events.joined(separator: ","))]")
            #expect(appended.status == 200)
            let read = try node(try await test.send("GET", "\(target)/events?since=1&channel=monitor"))
            #expect(read["data"]?.elements.map { $0["seq"]?.integer } == [2, 3])
            _ = try await test.send("PUT", target, body: Self.info)
            let forks = try node(try await test.send("POST", "\(target)/forks?count=2"))
            #expect(forks["ids"]?.elements.count == 2)
            let lock = try node(try await test.send("POST", "\(target)/lock"))
            let header = try #require(lock["header"]?.string)
            #expect(try await test.send("POST", "\(target)/lock?wait=0.01").status == 409)
            let fenced = try await test.send(
                "POST", "\(target)/messages", [("Holdfast-Fence", header)], body: #"{"role":"user"}"#)
            #expect(fenced.status == 200)
            #expect(try await test.send("GET", "/v1/agent-metrics").text.contains(#""totalAgents":3"#))
            let snapshot = #"{"id":"s/1","messages":[{"role":"user"}]}"#
            #expect(try await test.send("PUT", "\(target)/snapshots/s%2F1", body: snapshot).status == 200)
            #expect(try await test.send("GET", "\(target)/snapshots/s%2F1").text == snapshot)
            let list = try await test.send("GET", "\(target)/snapshots?messages=true").text
            #expect(list.contains("\"value\":\(snapshot)"))
            #expect(try await test.send("PUT", "\(target)/snapshots/other", body: snapshot).status == 400)
        }
    }
}
