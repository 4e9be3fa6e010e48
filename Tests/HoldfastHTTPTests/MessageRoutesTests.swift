import Holdfast
import HoldfastModel
import HoldfastSupport
import Testing

@testable import HoldfastHTTP

@Suite("Sessions and chats over HTTP") struct MessageRoutesTests {
    /// The path of a session, and that of a chat: the same operations below both.
    static let paths = [
        "/v1/sessions/a%2Fb%23%25", "/v1/chats/u%2F1/s%23/a%2500",
    ]

    private static func node(_ answer: HTTPAnswer) throws -> JSONNode { try JSONNode(answer.body) }

    private static func values(_ answer: HTTPAnswer) throws -> [String] {
        try (node(answer)["data"]?.elements ?? []).map { message in
            String(decoding: message["value"]?.bytes ?? [], as: UTF8.self)
        }
    }

    @Test("messages come back byte for byte, by page both ways, and one by one", arguments: paths)
    func appendAndRead(path: String) async throws {
        try await TestDaemon.with { test in
            let odd = #"{ "role":"user","n":1.0,"n":9223372036854775808,"t":"\ud83d" }"#
            let one = try await test.send("POST", "\(path)/messages", body: odd)
            #expect(one.status == 200)
            #expect(one["holdfast-level"] == "primary")
            let many = try await test.send("POST", "\(path)/messages", body: "[1, \(odd) ,\"x\",[2]]")
            let ids = try (Self.node(one)["ids"]?.elements ?? []) + (Self.node(many)["ids"]?.elements ?? [])
            #expect(ids.count == 5)
            let all = [odd, "1", odd, "\"x\"", "[2]"]
            let page = try await test.send("GET", "\(path)/messages")
            #expect(try Self.values(page) == all)
            #expect(page["holdfast-source"] != nil)
            let latest = try await test.send("GET", "\(path)/messages?limit=2")
            #expect(try Self.values(latest) == Array(all[3...]))
            let next = try #require(try Self.node(latest)["next"]?.string)
            let back = try await test.send("GET", "\(path)/messages?limit=2&cursor=\(next)")
            #expect(try Self.values(back) == Array(all[1..<3]))
            let first = try await test.send("GET", "\(path)/messages?order=ascending&limit=1")
            let cursor = try #require(try Self.node(first)["next"]?.string)
            let second = try await test.send(
                "GET", "\(path)/messages?order=ascending&limit=2&cursor=\(cursor)")
            #expect(try Self.values(second) == Array(all[1..<3]))
            let id = try #require(ids[0].string)
            let single = try await test.send("GET", "\(path)/messages/\(id)")
            #expect(single.text == odd)
            #expect(single["etag"] == "\"\(id)\"")
            #expect(
                try await test.send("GET", "\(path)/messages?limit=0").text == #"{"data":[],"next":null}"#)
            #expect(try await test.send("GET", "\(path)/messages?limit=-1").status == 400)
            #expect(try await test.send("POST", "\(path)/messages", body: "{").status == 400)
            #expect(try await test.send("POST", "\(path)/messages", body: "[]").status == 400)
        }
    }

    @Test(
        "a body that is no JSON is refused as a body, whether it would be one message or many",
        arguments: paths, ["nonsense", "", "[1,", "{\"role\":\"user\"}}"])
    func noJSON(path: String, body: String) async throws {
        try await TestDaemon.with { test in
            let answer = try await test.send("POST", "\(path)/messages", body: body)
            #expect(answer.status == 400)
            #expect(answer.text.contains("the body is not JSON: byte "), "\(answer.text)")
        }
    }

    @Test("a policy is taken from the query, and a wrong one is refused", arguments: paths)
    func policies(path: String) async throws {
        try await TestDaemon.with { test in
            let target = "\(path)/messages?sameRole=merge&keep=exact:2&disposal=archive"
            for text in ["a", "b"] {
                _ = try await test.send(
                    "POST", target, body: "{\"role\":\"user\",\"content\":\"\(text)\"}")
            }
            let page = try await test.send("GET", "\(path)/messages")
            #expect(try Self.values(page) == [#"{"role":"user","content":"a\n\nb"}"#])
            let outcome = try await test.send("POST", target, body: "[1,2]")
            #expect(try Self.node(outcome)["trimmedCount"]?.integer == 1)
            let archive = try await test.send("GET", "\(path)/archive")
            #expect(try Self.values(archive) == [#"{"role":"user","content":"a\n\nb"}"#])
            #expect(try await test.send("POST", "\(path)/trim?keep=bytes:1").text == #"{"trimmedCount":1}"#)
            for wrong in ["keep=exact", "keep=exact:-1", "keep=best:3", "sameRole=other", "disposal=x"] {
                let answer = try await test.send("POST", "\(path)/messages?\(wrong)", body: "1")
                #expect(answer.status == 400, "\(wrong)")
            }
            let reject = "\(path)/messages?sameRole=reject"
            _ = try await test.send("POST", reject, body: #"{"role":"user","content":"x"}"#)
            let refused = try await test.send("POST", reject, body: #"{"role":"user","content":"y"}"#)
            #expect(refused.status == 409)
        }
    }

    @Test("pop, edit, remove, replace, clear and delete", arguments: paths)
    func changes(path: String) async throws {
        try await TestDaemon.with { test in
            let made = try await test.send("POST", "\(path)/messages", body: "[1,2,3,4]")
            let ids = try (Self.node(made)["ids"]?.elements ?? []).compactMap(\.string)
            let key = [("Idempotency-Key", "once")]
            let popped = try await test.send("POST", "\(path)/pop", key)
            #expect(try Self.node(popped)["message"]?["value"]?.integer == 4)
            #expect(try await test.send("POST", "\(path)/pop", key).text == popped.text)
            #expect(try await test.send("PUT", "\(path)/messages/\(ids[0])", body: "11").status == 200)
            #expect(try await test.send("DELETE", "\(path)/messages/\(ids[1])").status == 200)
            #expect(try await test.send("DELETE", "\(path)/messages/\(ids[1])").status == 404)
            #expect(try await test.send("GET", "\(path)/messages/xyz").status == 400)
            let replaced = try await test.send(
                "POST", "\(path)/replace", body: #"{"expected":[3.0],"replacement":[5, 6]}"#)
            #expect(replaced.status == 200)
            let page = try await test.send("GET", "\(path)/messages")
            #expect(try Self.values(page) == ["11", "5", "6"])
            #expect(try await test.send("POST", "\(path)/replace", body: #"{"expected":7}"#).status == 400)
            #expect(try await test.send("POST", "\(path)/replace", body: #"{"expect":[]}"#).status == 400)
            #expect(try await test.send("DELETE", "\(path)/messages").status == 200)
            #expect(try await test.send("GET", "\(path)/messages").text == #"{"data":[],"next":null}"#)
            #expect(try await test.send("DELETE", path).status == 200)
        }
    }

    @Test("a session and a chat are copied to where nothing is")
    func fork() async throws {
        try await TestDaemon.with { test in
            let made = try await test.send("POST", "/v1/sessions/s/messages", body: "[1,2,3]")
            let ids = try (Self.node(made)["ids"]?.elements ?? []).compactMap(\.string)
            let body = "{\"to\":\"t\",\"upTo\":\"\(ids[1])\"}"
            #expect(try await test.send("POST", "/v1/sessions/s/fork", body: body).status == 200)
            #expect(try await test.send("POST", "/v1/sessions/s/fork", body: body).status == 409)
            #expect(try Self.values(try await test.send("GET", "/v1/sessions/t/messages")) == ["1", "2"])
            #expect(try await test.send("POST", "/v1/sessions/s/fork", body: "{}").status == 400)
            #expect(try await test.send("POST", "/v1/sessions/none/fork", body: body).status == 404)
            _ = try await test.send("POST", "/v1/chats/u/s/a/messages", body: "1")
            let copied = try await test.send(
                "POST", "/v1/chats/u/s/a/fork", body: #"{"to":{"session":"t","agent":"b"}}"#)
            #expect(copied.status == 200)
            #expect(try Self.values(try await test.send("GET", "/v1/chats/u/t/b/messages")) == ["1"])
        }
    }

    @Test("users, sessions, agents and all agents together; a user goes with a receipt")
    func chats() async throws {
        try await TestDaemon.with { test in
            for agent in ["a", "b", "a"] {
                _ = try await test.send(
                    "POST", "/v1/chats/u%2F1/s/\(agent)/messages",
                    body: #"{"role":"assistant","content":"x"}"#)
            }
            let users = try await test.send("GET", "/v1/chats")
            #expect(users.text.hasPrefix(#"{"data":[{"name":"u/1","chatCount":2,"messageCount":3,"#))
            #expect(try await test.send("GET", "/v1/chats/u%2F1").text.contains(#""name":"s""#))
            #expect(try await test.send("GET", "/v1/chats/u%2F1/s").text.contains(#""name":"b""#))
            let merged = try await test.send("GET", "/v1/chats/u%2F1/s/messages?attributed&order=ascending")
            let agents = try (Self.node(merged)["data"]?.elements ?? []).map { $0["agent"]?.string }
            #expect(agents == ["a", "b", "a"])
            #expect(try Self.values(merged)[1] == #"{"role":"assistant","content":"[b] x"}"#)
            let receipt = try await test.send("DELETE", "/v1/admin/users/u%2F1")
            #expect(receipt.text.contains(#"{"name":"chats","documents":0,"items":3,"shared":0}"#))
            #expect(try await test.send("GET", "/v1/chats").text == #"{"data":[],"next":null}"#)
            _ = try await test.send("POST", "/v1/chats/u/s/a/messages", body: "1")
            let erased = try await test.send("DELETE", "/v1/chats/u/s")
            #expect(erased.text == #"{"documents":0,"messages":1}"#)
        }
    }

    @Test("what is no JSON among the messages is told in base64")
    func bytes() async throws {
        try await TestDaemon.with { test in
            try await test.store.lists(Conversations.standardNamespace).append(.bytes("{"), to: "s")
            let page = try await test.send("GET", "/v1/sessions/s/messages")
            #expect(try Self.node(page)["data"]?.elements.first?["base64"]?.string == "ew==")
        }
    }
}
