import Holdfast
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("Search and retention over HTTP") struct SearchRoutesTests {
    @Test("hits come newest first, byte for byte, with their snippets, page by page")
    func search() async throws {
        try await TestDaemon.with { test in
            for text in [
                #"{"role":"user","content":"the Deploy of web-2", "n":1.0}"#, #"{"content":"deployed"}"#,
            ] {
                #expect(try await test.send("POST", "/v1/sessions/a%2Fb/messages", body: text).status == 200)
            }
            let both = try await test.send("GET", "/v1/search?q=deploy*")
            #expect(both.status == 200 && both["holdfast-searched-by"] == "scan")
            let hits = try JSONNode(both.body)["data"]?.elements ?? []
            #expect(hits.count == 2)
            let last = try #require(hits.last)
            #expect(last["key"]?.string == "a/b" && last["namespace"]?.string == "conversations")
            #expect(
                String(decoding: last["value"]?.bytes ?? [], as: UTF8.self)
                    == #"{"role":"user","content":"the Deploy of web-2", "n":1.0}"#)
            let snippet = try #require(last["snippets"]?.elements.first)
            #expect(snippet["pointer"]?.string == "/content")
            #expect(snippet["marks"]?.elements.first?.elements.map(\.integer) == [4, 10])
            let first = try await test.send("GET", "/v1/search?q=deploy*&limit=1")
            let cursor = try #require(try JSONNode(first.body)["next"]?.string)
            let second = try await test.send("GET", "/v1/search?q=deploy*&limit=1&cursor=\(cursor)")
            #expect(try JSONNode(second.body)["data"]?.elements.first?["id"]?.string == last["id"]?.string)
            let narrow = try await test.send(
                "GET", "/v1/search?q=%22web%202%22%20-other&session=a%2Fb&role=user&since=2020-01-01")
            #expect(try JSONNode(narrow.body)["data"]?.elements.count == 1)
            let none = try await test.send("GET", "/v1/search?q=deploy*&in=chats&in=thread-messages")
            #expect(none.text == #"{"data":[],"next":null}"#)
            for wrong in ["", "?q=", "?q=-x", "?q=a&since=soon", "?q=a&session=s&in=chats", "?q=a&limit=-1"] {
                #expect(try await test.send("GET", "/v1/search\(wrong)").status == 400, "\(wrong)")
            }
        }
    }

    @Test("retention is run by hand, and counts on a dry run")
    func retention() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage: { type: memory, space: "\(directory.path)" }
            retention: { policies: [{ namespace: conversations, max_messages: 1 }] }
            """
        let store = try await HistoryStore.open(
            configuration: try directory.write(Array(text.utf8), to: "storage.yaml"))
        try await TestDaemon.with(store: store) { test in
            _ = try await test.send("POST", "/v1/sessions/s/messages", body: "[1,2,3]")
            let trial = try await test.send("POST", "/v1/admin/retention?dryRun=true")
            #expect(trial.status == 200)
            let counted = try JSONNode(trial.body)["namespaces"]?.elements.first
            #expect(counted?["removed"]?.integer == 2)
            #expect(try await store.conversations().session("s").messageCount == 3)
            let report = try await test.send("POST", "/v1/admin/retention")
            #expect(try JSONNode(report.body)["dryRun"]?.boolean == false)
            #expect(try await store.conversations().session("s").messageCount == 1)
        }
    }
}
