import HoldfastSupport
import Testing

@testable import HoldfastHTTP

@Suite("What others have written into the namespaces of the domain") struct ForeignRecordTests {
    private static let namespaces = [
        "chats", "conversations", "openai-conversations", "agents", "agent-messages", "agent-tool-calls",
        "agent-todos", "agent-events", "agent-windows", "agent-snapshots", "runs", "run-sessions",
        "run-events", "threads", "thread-messages", "thread-blocks", "thread-tool-calls", "usage",
        "agent-health",
    ]
    /// `odd`, `a/b%2`, `100%`, `a/b/c/d/e`, `////`: with names that no family has so many of, or text that no name is
    /// written as.
    private static let keys = ["odd", "a%2Fb%252", "100%25", "a%2Fb%2Fc%2Fd%2Fe", "%2F%2F%2F%2F"]
    private static let routes = [
        "/v1/agents", "/v1/agent-sessions", "/v1/agent-sessions?sortBy=message_count", "/v1/agent-messages",
        "/v1/agent-tool-calls", "/v1/agent-metrics", "/v1/chats", "/v1/chats?limit=1", "/v1/chats/a",
        "/v1/chats/a/b", "/v1/chats/a/b/messages", "/v1/runs", "/v1/run-stats", "/v1/sessions", "/v1/locks",
        "/v1/namespaces", "/v1/threads", "/v1/threads?agent=a", "/v1/thread-exports?agent=a",
        "/v1/thread-exports?agent=a&from=2020-01-01T00:00:00Z", "/v1/heartbeats", "/v1/usage",
        "/v1/usage-table?agent=a", "/v1/search?q=word", "/v1/tool-calls/odd", "/v1/agents/a/tool-calls",
        "/v1/agents/a/snapshots", "/v1/agents/a/stats", "/v1/agents/a/consistency",
    ]

    /// Writes a document and an item at a key, as anybody may.
    private func litter(_ test: TestDaemon, _ namespace: String, _ key: String, _ value: String) async throws
    {
        for (method, path) in [("PUT", "documents"), ("POST", "lists")] {
            let answer = try await test.send(method, "/v1/\(path)/\(namespace)/\(key)", [], body: value)
            #expect(answer.status < 300, "\(namespace) \(key) \(answer.text)")
        }
    }

    @Test("a key that is none of a family's is left out of its lists, and hides nobody else's")
    func keys() async throws {
        try await TestDaemon.with { test in
            for (path, body) in [
                ("/v1/chats/ann/trip/guide/messages", #"{"role":"user","content":"word"}"#),
                ("/v1/threads", #"{"agent_name":"zed","channel_id":"c","thread_id":"t"}"#),
            ] {
                let answer = try await test.send("POST", path, [], body: body)
                #expect(answer.status < 300, "\(path) \(answer.text)")
            }
            for namespace in Self.namespaces {
                for key in Self.keys {
                    for value in ["1", "{}"] { try await litter(test, namespace, key, value) }
                }
            }
            for route in Self.routes {
                let answer = try await test.send("GET", route, [], body: nil)
                #expect(answer.status == 200, "\(route) \(answer.text)")
            }
            for (path, names) in [("/v1/chats", ["ann"]), ("/v1/chats/ann", ["trip"])] {
                let node = try JSONNode(
                    Array(try await test.send("GET", path, [], body: nil).text.utf8))
                #expect(node["data"]?.elements.compactMap { $0["name"]?.string } == names)
            }
            let threads = try await test.send("GET", "/v1/threads", [], body: nil).text
            #expect(threads.contains(#""agent_name":"zed""#) || threads.contains("zed"), "\(threads)")
        }
    }

    @Test("a chat whose page ends beside such keys goes on where it ended")
    func pages() async throws {
        try await TestDaemon.with { test in
            for user in ["a", "b", "c"] {
                let path = "/v1/chats/\(user)/s/g/messages"
                let answer = try await test.send("POST", path, [], body: #"{"role":"user","content":"1"}"#)
                #expect(answer.status < 300, "\(answer.text)")
            }
            for key in ["0", "a", "a%2Fs", "a%2Fs%2Fg%2Fx", "b%25", "bb", "d"] {
                try await litter(test, "chats", key, "1")
            }
            var found: [String] = []
            var path = "/v1/chats?limit=1"
            for _ in 0..<9 {
                let answer = try await test.send("GET", path, [], body: nil)
                let node = try JSONNode(Array(answer.text.utf8))
                found += node["data"]?.elements.compactMap { $0["name"]?.string } ?? []
                guard let next = node["next"]?.string else { break }
                path = "/v1/chats?limit=1&cursor=\(next)"
            }
            #expect(found == ["a", "b", "c"])
        }
    }

    @Test("a value that is none at a key that is one is corrupt, and the answer names the key")
    func values() async throws {
        try await TestDaemon.with { test in
            for (namespace, key, route) in [
                ("heartbeats", "ann", "/v1/heartbeats"), ("threads", "ann%2Fc%2Ft", "/v1/threads"),
            ] {
                try await litter(test, namespace, key, "1")
                let answer = try await test.send("GET", route, [], body: nil)
                #expect(answer.status == 500 && answer.text.contains(#""code":"corrupt""#), "\(answer.text)")
                #expect(answer.text.contains("ann"), "\(answer.text)")
            }
        }
    }
}
