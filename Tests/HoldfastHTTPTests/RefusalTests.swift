import Glibc
import Holdfast
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("What the daemon refuses") struct RefusalTests {
    @Test(
        "a wrong request gets a status and a problem that names what is wrong",
        arguments: [
            ("GET", "/v1/nothing", 404, "there is no route"),
            ("GET", "/v1/documents/", 404, "there is no route"),
            ("PATCH", "/v1/documents/n/k", 405, "expected GET, HEAD, PUT, DELETE"),
            ("GET", "/v1/documents/n?limt=3", 400, "did you mean \\\"limit\\\"?"),
            ("GET", "/v1/documents/n?limit=x", 400, "expected a whole number"),
            ("PUT", "/v1/documents/n/k?ttl=0x10", 400, "expected a number of seconds"),
            ("GET", "/v1/documents/n?limit=-1", 400, "expected 0 to 10000"),
            ("GET", "/v1/runs/r/events?offset=100001", 400, "expected 0 to 100000"),
            ("PUT", "/v1/locks/l", 400, "fence is missing"),
            ("GET", "/v1/documents/n?limit=1&limit=2", 400, "is given twice"),
            ("GET", "/v1/documents/n?order=ascendin", 400, "did you mean ascending?"),
            ("GET", "/v1/documents/n?cursor=zzz", 400, "is not a cursor"),
            ("GET", "/v1/documents/n/%zz", 400, "two hexadecimal digits"),
            ("GET", "/v1/documents/n/%ff", 400, "is not UTF-8"),
            ("GET", "/v1/documents/n/%00", 400, "contains a NUL"),
            ("GET", "/v1/documents/~locks/k", 400, "is reserved"),
            ("GET", "/v1/documents/n/k", 404, "there is no document"),
        ])
    func wrong(method: String, target: String, status: Int, detail: String) async throws {
        try await TestDaemon.with { test in
            let answer = try await test.send(method, target)
            #expect(answer.status == status)
            #expect(answer["content-type"] == "application/problem+json")
            #expect(answer.text.contains(detail), "\(answer.text)")
            #expect(answer.text.contains(#""requestId":"\#(answer["x-request-id"] ?? "?")""#))
        }
    }

    @Test("an idempotency key that is none is refused, also where there is nothing to write")
    func idempotencyKeys() async throws {
        try await TestDaemon.with { test in
            for key in ["", String(repeating: "k", count: 256)] {
                let answer = try await test.send(
                    "POST", "/v1/sessions/none/pop", [("Idempotency-Key", key)])
                #expect(answer.status == 400 && answer.text.contains("expected 1 to 255"), "\(answer.text)")
            }
        }
    }

    @Test(
        "a write that would do its work again refuses an idempotency key, and has done nothing",
        arguments: [
            ("DELETE", "/v1/documents/conversations?prefix="), ("POST", "/v1/sessions/s/trim?keep=exact:1"),
            ("POST", "/v1/chats/u/s/a/trim?keep=exact:1&disposal=archive"), ("DELETE", "/v1/chats/u/s"),
            ("DELETE", "/v1/runs"), ("DELETE", "/v1/admin/users/u"), ("POST", "/v1/locks/l"),
            ("POST", "/v1/admin/retention"), ("POST", "/v1/admin/blobs"),
        ])
    func untakenKeys(method: String, target: String) async throws {
        try await TestDaemon.with { test in
            let messages = "[1,2]"
            for path in ["/v1/sessions/s/messages", "/v1/chats/u/s/a/messages"] {
                #expect(try await test.send("POST", path, body: messages).status == 200)
            }
            let answer = try await test.send(method, target, [("Idempotency-Key", "once")])
            #expect(
                answer.status == 400 && answer.text.contains("takes no Idempotency-Key"), "\(answer.text)")
            for path in ["/v1/sessions/s/messages", "/v1/chats/u/s/a/messages"] {
                #expect(try await test.send("GET", path).text.contains(#""value":1}"#))
            }
            #expect(try await test.send("GET", "/v1/locks/l").text.contains(#""holder":null"#))
        }
    }

    @Test(
        "a write that would leave its fence out of account does not take place",
        arguments: [
            ("POST", "/v1/locks/l"), ("POST", "/v1/admin/retention"), ("POST", "/v1/admin/blobs"),
            ("POST", "/v1/agents/a/lock"),
        ])
    func untakenFences(method: String, target: String) async throws {
        try await TestDaemon.with { test in
            let answer = try await test.send(method, target, [("Holdfast-Fence", "l;1")])
            #expect(answer.status == 400 && answer.text.contains("takes no Holdfast-Fence"), "\(answer.text)")
            #expect(try await test.send("GET", "/v1/locks/l").text.contains(#""fence":0"#))
        }
    }

    @Test("a body beyond the limit is refused, and the connection ends after the answer")
    func body() async throws {
        var settings = ServerSettings()
        settings.bodyByteCountMax = 1000
        try await TestDaemon.with(settings: settings) { test in
            let large = String(repeating: "1", count: 1001)
            #expect(try await test.send("PUT", "/v1/documents/n/k", body: large).status == 413)
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send(
                    "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in 0..<11 {
                    try await connection.send("64\r\n\(String(repeating: "1", count: 100))\r\n")
                }
                try await connection.send("0\r\n\r\n")
                #expect(try await connection.receive()?.status == 413)
            }
            #expect(try await test.send("PUT", "/v1/documents/n/k", body: "1").status == 200)
        }
    }

    @Test("headers beyond the limit are 431, and what is no HTTP is 400; both end the connection")
    func heads() async throws {
        try await TestDaemon.with { test in
            try await HTTPConnection.with(test.address) { connection in
                let long = String(repeating: "x", count: 70_000)
                try await connection.send("GET / HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n")
                #expect(try await connection.receive()?.status == 431)
                #expect(try await connection.isClosed())
            }
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send("\u{16}\u{3}\u{1} this is no HTTP\r\n\r\n")
                let answer = try await connection.receive()
                #expect(answer?.status == 400)
                #expect(answer?["content-type"] == "application/problem+json")
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("requests on one connection are answered in order, also those sent at once")
    func pipelining() async throws {
        try await TestDaemon.with { test in
            try await HTTPConnection.with(test.address) { connection in
                var bytes: [UInt8] = []
                for number in 0..<10 {
                    bytes += TestDaemon.request(
                        "PUT", "/v1/documents/n/\(number)", body: Array("\(number)".utf8))
                    bytes += TestDaemon.request("GET", "/v1/documents/n/\(number)")
                }
                try await connection.send(bytes)
                for number in 0..<10 {
                    #expect(try await connection.receive()?.status == 200)
                    #expect(try await connection.receive()?.text == "\(number)")
                }
            }
        }
    }

    @Test("a client that waits for 100 gets it before it sends, or the refusal in its place")
    func expectation() async throws {
        try await TestDaemon.with { test in
            try await HTTPConnection.with(test.address) { connection in
                let head = "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                try await connection.send("\(head)Expect: 100-continue\r\n\r\n")
                #expect(try await connection.receive()?.status == 100)
                try await connection.send("7")
                #expect(try await connection.receive()?.status == 200)
                try await connection.send(
                    "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
                )
                #expect(try await connection.receive()?.status == 413)
            }
        }
    }

    @Test("a Unix socket answers too, and only its owner may open it")
    func socket() async throws {
        try await TestDaemon.with(isOnSocket: true) { test in
            let written = try await test.send("PUT", "/v1/documents/n/k", body: "7", at: 1)
            #expect(written.status == 200)
            #expect(try await test.send("GET", "/v1/documents/n/k").text == "7")
            var status = stat()
            #expect(lstat(test.directory.file("s"), &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
    }
}
