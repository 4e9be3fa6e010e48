import Holdfast
import HoldfastSupport
import Testing

@testable import HoldfastHTTP

@Suite("Threads, primitives and usage over HTTP") struct ThreadsRoutesTests {
    @Test("a turn goes in and comes out: messages, prompt, calls, cost, page")
    func turn() async throws {
        try await TestDaemon.with { test in
            let begun = try await test.send(
                "POST", "/v1/threads", body: #"{"agent_name":"a","channel_id":"C/1","thread_id":"17.5"}"#)
            #expect(begun.text.hasPrefix(#"{"id":"a/C%2F1/17.5","agent_name":"a","channel_id":"C/1""#))
            let target = "/v1/threads/a%2FC%252F1%2F17.5"
            let call =
                #"{"block_type":"tool_use","content":{"tool_call_id":"t/1","tool_name":"n","tool_input":{"q": 1.0},"tool_output":"o"}}"#
            let usage =
                #"{"block_type":"usage","content":{"model":"m","input_tokens":7,"estimated_cost_usd":0.1}}"#
            let said = #"{"block_type":"user_text","content":{"text":"<script>alert(1)</script>"}}"#
            let made = try await test.send(
                "POST", target + "/messages",
                body:
                    #"{"user_id":"U","user_name":"Ann","user_handle":"ann","blocks":[\#(said),\#(call),\#(usage)]}"#
            )
            #expect(made.status == 200)
            let id = try #require(try JSONNode(Array(made.text.utf8))["id"]?.string)
            let appended = try await test.send(
                "POST", "/v1/thread-messages/\(PercentText.encode(id))/blocks",
                body: #"{"block_type":"text","content":{"text":"done"}}"#)
            #expect(appended.text.hasPrefix(#"{"ids":[""#))
            let all = try await test.send("GET", target + "/messages")
            #expect(all.text.contains(#""value":\#(call)"#) && all.text.contains(#""value":\#(usage)"#))
            let model = try await test.send("GET", target + "/messages?detail=model")
            #expect(!model.text.contains("usage"))
            let prompt = try await test.send("GET", target + "/prompt")
            #expect(prompt.text.contains(#"{"type":"tool_use","id":"t/1","name":"n","input":{"q": 1.0}}"#))
            let found = try await test.send("GET", "/v1/tool-calls/t%2F1?conversation=a/C%252F1/17.5")
            #expect(found.text.contains(#""input_json":"{\u000a  \"q\": 1.0\u000a}""#))
            let page = try await test.send("GET", target + "/page")
            #expect(page["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("&lt;script&gt;") && !page.text.contains("<script"))
            #expect(try await test.send("GET", target + "/page?format=markdown").text.contains("**Tool** n"))
            let export = try await test.send("GET", "/v1/thread-exports?agent=a&handle=ann&from=2020-01-01")
            #expect(export.text.contains(#""thread_id":"17.5""#))
            let table = try await test.send("GET", "/v1/usage-table?agent=a")
            #expect(table.text.hasSuffix(",m,,7,0,0,0,0,0.1\r\n"))
            let sums = try await test.send("GET", "/v1/usage?by=conversation")
            #expect(sums.text.contains(#""conversation":"a/C%2F1/17.5","exchanges":1,"input_tokens":7"#))
            #expect(try await test.send("DELETE", target).text == #"{"messages":1}"#)
            #expect(try await test.send("GET", target).status == 404)
            #expect(try await test.send("GET", "/v1/usage").text == #"{"data":[],"next":null}"#)
        }
    }

    @Test("what is begun or appended again with its key is answered as the first time, and says so")
    func replays() async throws {
        try await TestDaemon.with { test in
            _ = try await test.send("POST", "/v1/threads", body: #"{"agent_name":"a","thread_id":"t"}"#)
            _ = try await test.send("POST", "/v1/sessions/s/messages", body: "[1,2]")
            let message = try await test.send("POST", "/v1/threads/a%2F%2Ft/messages", body: "{}")
            let id = try #require(try JSONNode(Array(message.text.utf8))["id"]?.string)
            let block = #"{"block_type":"text","content":{"text":"done"}}"#
            let writes = [
                ("/v1/threads/a%2F%2Ft/messages", #"{"blocks":[\#(block)]}"#),
                ("/v1/thread-messages/\(PercentText.encode(id))/blocks", block),
                ("/v1/primitives/n/k/items", #"{"a":1}"#), ("/v1/sessions/s/pop", nil),
            ]
            for (target, body) in writes {
                let key = [("Idempotency-Key", "once")]
                let first = try await test.send("POST", target, key, body: body)
                let again = try await test.send("POST", target, key, body: body)
                #expect(first.status == 200 && first["holdfast-replay"] == nil, "\(first.text)")
                #expect(again.text == first.text)
                #expect(again["holdfast-replay"] == "true", "\(target)")
                #expect(first["holdfast-level"] != nil && again["holdfast-level"] != nil, "\(target)")
            }
        }
    }

    @Test("primitives keep values and items byte for byte, and query strictly")
    func primitives() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/primitives/n/k%2F..%2Fx"
            #expect(try await test.send("GET", target).text == "null")
            #expect(try await test.send("PUT", target, body: #"{ "a":1.0 }"#).status == 200)
            #expect(try await test.send("GET", target).text == #"{ "a":1.0 }"#)
            let added = try await test.send("POST", target + "/items", body: #"{"a":true}"#)
            let id = try #require(try JSONNode(Array(added.text.utf8))["id"]?.string)
            #expect(try await test.send("GET", target + "/items").text == #"[{"a":true,"id":"\#(id)"}]"#)
            let found = try await test.send("POST", "/v1/primitives/n", body: #"{"a":1}"#)
            #expect(found.text == #"{"data":[{ "a":1.0 }],"next":null}"#)
            #expect(try await test.send("POST", "/v1/primitives/n", body: "[]").status == 400)
            #expect(try await test.send("DELETE", target).status == 200)
            #expect(try await test.send("GET", target + "/items").text.contains("true"))
        }
    }
}
