import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Logging
import Testing

@testable import HoldfastHTTP

@Suite("Who may come in") struct SecurityTests {
    private static let drafts = Result {
        try [
            TokenFile.draft(name: "reader", scope: .read, tenant: nil),
            TokenFile.draft(name: "writer", scope: .write, tenant: nil),
            TokenFile.draft(name: "root", scope: .admin, tenant: nil),
            TokenFile.draft(name: "acme", scope: .write, tenant: "acme"),
            TokenFile.draft(name: "other", scope: .write, tenant: "other"),
            TokenFile.draft(name: "head", scope: .admin, tenant: "other"),
        ]
    }

    private func tokens() throws -> TokenFile {
        try TokenFile(
            parsing: "# a comment\n\n" + Self.drafts.get().map(\.line).joined(separator: "\n"), path: "tokens"
        )
    }

    private func bearer(_ index: Int) throws -> [(String, String)] {
        [("Authorization", "Bearer \(try Self.drafts.get()[index].token)")]
    }

    @Test("a token lets in where its scope is enough; without one the door is shut")
    func scopes() async throws {
        try await TestDaemon.with(tokens: try tokens()) { test in
            let target = "/v1/documents/n/k"
            let none = try await test.send("GET", target)
            #expect(none.status == 401)
            #expect(none["www-authenticate"] == "Bearer realm=\"holdfast\"")
            #expect(try await test.send("GET", target, [("Authorization", "Bearer hf_wrong")]).status == 401)
            #expect(try await test.send("GET", target, [("Authorization", "Basic abc")]).status == 401)
            #expect(try await test.send("GET", "/openapi.json").status == 200)
            #expect(try await test.send("PUT", target, try bearer(0), body: "1").status == 403)
            #expect(try await test.send("PUT", target, try bearer(1), body: "1").status == 200)
            #expect(try await test.send("GET", target, try bearer(0)).text == "1")
            let lock = try await test.send("DELETE", "/v1/locks/x?break=true", try bearer(1))
            #expect(lock.status == 403 && lock.text.contains("needs a token with the scope admin"))
            #expect(try await test.send("DELETE", "/v1/locks/x?break=true", try bearer(2)).status == 200)
        }
    }

    @Test("a tenant sees nothing but its own, whatever it asks")
    func tenants() async throws {
        try await TestDaemon.with(tokens: try tokens()) { test in
            let acme = try bearer(3)
            let other = try bearer(4)
            try await test.store.documents("n").put(.json("0"), at: "k")
            #expect(try await test.send("GET", "/v1/documents/n/k", acme).status == 404)
            #expect(try await test.send("PUT", "/v1/documents/n/k", acme, body: "1").status == 200)
            #expect(try await test.send("POST", "/v1/lists/n/k", acme, body: "[1,2]").status == 200)
            #expect(try await test.send("GET", "/v1/documents/n/k", other).status == 404)
            #expect(try await test.send("GET", "/v1/documents/acme%2Fn/k", other).status == 404)
            let step = #"{"steps":[{"op":"put","namespace":"m","key":"k","value":2}]}"#
            #expect(try await test.send("POST", "/v1/batch", acme, body: step).status == 200)
            let names = try await test.send("GET", "/v1/namespaces", acme)
            #expect(names.text == #"{"data":[{"namespace":"m"},{"namespace":"n"}],"next":null}"#)
            #expect(try await test.send("GET", "/v1/namespaces", other).text == #"{"data":[],"next":null}"#)
            let counted = try await test.send("POST", "/v1/query/n", acme, body: #"{"answer":"count"}"#)
            #expect(counted.text == #"{"count":1}"#)
            #expect(try await test.send("GET", "/v1/documents/n", acme).text.contains(#""key":"k""#))
            #expect(try await test.send("GET", "/v1/lists/n", acme).text.contains(#""count":2"#))
            #expect(try await test.send("POST", "/v1/locks/l", acme).status == 200)
            #expect(try await test.send("POST", "/v1/locks/l", other).status == 200)
            #expect(try await test.store.locks.state(of: "l").holder == nil)
            #expect(try await test.store.documents("acme/n").get("k").bytes == "1")
            #expect(try await test.store.documents("n").get("k").bytes == "0")
        }
    }

    @Test("figures of a tenant are its own: how busy others are does not show")
    func tenantFigures() async throws {
        try await TestDaemon.with(tokens: try tokens()) { test in
            let message = #"{"role":"user","content":"x"}"#
            #expect(
                try await test.send("POST", "/v1/agents/a/messages", try bearer(3), body: message).status
                    == 200)
            let metrics = try await test.send("GET", "/v1/agent-metrics", try bearer(4))
            #expect(metrics.text.contains(#""saves":0"#), "\(metrics.text)")
            let text = try await test.send("GET", "/metrics", try bearer(4)).text
            #expect(text.contains("holdfast_operations_total"))
            #expect(!text.contains("holdfast_chain") && !text.contains("process_"))
            #expect(try await test.send("GET", "/metrics", try bearer(0)).text.contains("process_"))
        }
    }

    @Test("what strangers and tenants are told of the backends does not change with what others write")
    func sight() async throws {
        try await TestDaemon.with(tokens: try tokens()) { test in
            let head = try bearer(5)
            func told() async throws -> [String] {
                [
                    try await test.send("GET", "/readyz").text,
                    try await test.send("GET", "/readyz", try bearer(4)).text,
                    try await test.send("GET", "/readyz", head).text,
                    try await test.send("GET", "/v1/status", head).text,
                ]
            }
            let before = try await told()
            #expect(try await test.send("PUT", "/v1/documents/n/k", try bearer(3), body: "1").status == 200)
            #expect(try await told() == before)
            for text in before {
                #expect(text.contains(#""state":"up""#))
                #expect(!text.contains("mark") && !text.contains("lag") && !text.contains("figures"))
            }
            #expect(try await test.send("GET", "/readyz", try bearer(0)).text.contains(#""mark":"#))
            #expect(try await test.send("GET", "/v1/status", try bearer(2)).text.contains(#""figures":"#))
            let bytes = ("Content-Type", "application/octet-stream")
            let call = try await test.send("POST", "/v1/backend", head + [bytes], body: "\u{1}\u{6}")
            #expect(call.status == 403 && call.text.contains("a token without a tenant"))
        }
    }

    @Test("tokens are replaced while the daemon runs")
    func reload() async throws {
        try await TestDaemon.with(tokens: try tokens()) { test in
            #expect(try await test.send("GET", "/v1/locks", try bearer(0)).status == 200)
            try test.daemon.reload(tokens: TokenFile(parsing: Self.drafts.get()[1].line, path: "tokens"))
            #expect(try await test.send("GET", "/v1/locks", try bearer(0)).status == 401)
            #expect(try await test.send("GET", "/v1/locks", try bearer(1)).status == 200)
        }
    }

    @Test("a page in a browser does not come in where no token is needed")
    func browsers() async throws {
        try await TestDaemon.with { test in
            let origin = [("Origin", "https://example.org")]
            let answer = try await test.send("POST", "/v1/lists/n/k", origin, body: "1")
            #expect(answer.status == 403)
        }
    }

    @Test("where no token is needed, a name that leads here by a trick of a name server does not come in")
    func rebinding() async throws {
        try await TestDaemon.with { test in
            for (host, status) in [
                ("evil.example:7474", 403), ("127.0.0.1.evil.example", 403), ("256.0.0.1", 403),
                ("localhost:7474", 200), ("app.localhost", 200), ("[::1]", 200), ("10.0.0.7", 200),
                ("holdfast", 200),
            ] {
                try await HTTPConnection.with(test.address) { connection in
                    try await connection.send("GET /v1/namespaces HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                    #expect(try await connection.receive()?.status == status, "\(host)")
                }
            }
        }
        try await TestDaemon.with(tokens: try tokens()) { test in
            let headers = try bearer(0).map { "\($0.0): \($0.1)\r\n" }.joined()
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send("GET /v1/namespaces HTTP/1.1\r\nHost: a.example\r\n\(headers)\r\n")
                #expect(try await connection.receive()?.status == 200)
            }
        }
    }

    @Test("a file of tokens may end its lines as other systems do", arguments: ["\n", "\r\n"])
    func lineEnds(end: String) throws {
        let text = (["# a comment"] + (try Self.drafts.get()).map(\.line)).joined(separator: end) + end
        #expect(try TokenFile(parsing: text, path: "tokens").entries.count == Self.drafts.get().count)
    }

    @Test(
        "a line that is not right is refused with its number, and without its hash",
        arguments: [
            "a read", "a reed \(String(repeating: "0", count: 64))", "a read 00", "a read 00 tenant=",
            "a b c d e",
        ])
    func lines(line: String) {
        let error = #expect(throws: HoldfastError.self) { try TokenFile(parsing: "\n\(line)", path: "f") }
        #expect(error?.message.hasPrefix("f:2: ") == true)
    }

    @Test("a token in the wrong place of a line is not shown", arguments: [1, 3])
    func misplaced(place: Int) throws {
        let draft = try Self.drafts.get()[0]
        var parts = ["app", "write", String(repeating: "0", count: 64), "tenant=acme"]
        parts[place] = draft.token
        let line = parts.joined(separator: " ")
        let error = #expect(throws: HoldfastError.self) { try TokenFile(parsing: line, path: "f") }
        #expect(error?.message.contains(draft.token) == false)
    }

    @Test("a token is made for a tenant that the daemon takes, and a line for another is refused")
    func tenantNames() throws {
        for name in ["", "a b", "a#b", "a%", "a/", "é", String(repeating: "x", count: 65)] {
            #expect(throws: HoldfastError.self) {
                try TokenFile.draft(name: "app", scope: .read, tenant: name)
            }
            let line = "app read \(String(repeating: "0", count: 64)) tenant=\(name)"
            guard !name.contains(where: { $0 == " " || $0 == "#" }) else { continue }
            #expect(throws: HoldfastError.self) { try TokenFile(parsing: line, path: "f") }
        }
        #expect(try TokenFile.draft(name: "app", scope: .read, tenant: "A.b-c_1").line.hasSuffix("=A.b-c_1"))
    }

    @Test("a token's name is a word", arguments: ["", "a b", "a#b", "a\tb"])
    func names(name: String) {
        let error = #expect(throws: HoldfastError.self) {
            try TokenFile.draft(name: name, scope: .read, tenant: nil)
        }
        #expect(error?.message.hasPrefix("the name ") == true)
    }

    @Test(
        "only what is on this machine may be open without a token",
        arguments: [
            ("127.0.0.1:0", true), ("127.9.9.9:1", true), ("[::1]:1", true), ("localhost:80", true),
            ("unix:/s", true), ("0.0.0.0:1", false), (":80", false), ("127.0.0.1.example.org:1", false),
            ("10.0.0.1:1", false), ("[::]:1", false),
        ])
    func reach(text: String, isLocal: Bool) throws {
        let address = try ListenAddress(text)
        #expect(address.isLocal == isLocal)
        let options = DaemonOptions([address])
        if isLocal {
            try options.checkReach()
        } else {
            #expect(throws: HoldfastError.self) { try options.checkReach() }
        }
    }

    @Test("what a backend says of itself is for administrators and the log")
    func details() {
        let error = HoldfastError(.unavailable, "cannot connect to 10.0.0.5:5432", vendorCode: 111)
        #expect(Problem(error, isTrusted: true).detail == error.message)
        #expect(!Problem(error, isTrusted: false).detail.contains("10.0.0.5"))
        #expect(Problem(HoldfastError(.invalid, "limit is -1"), isTrusted: false).detail == "limit is -1")
    }
}
