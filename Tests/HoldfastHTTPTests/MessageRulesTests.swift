import Holdfast
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("What HTTP asks of a message") struct MessageRulesTests {
    private static let get = "GET /v1/documents/n/k HTTP/1.1\r\nHost: test\r\n"

    @Test(
        "a request without one Host that names a host is refused, and the connection ends",
        arguments: ["", "Host: a\r\nHost: a\r\n", "Host: a b\r\n", "Host: a/b\r\n", "Host: u@a\r\n"])
    func hosts(host: String) async throws {
        try await TestDaemon.with { test in
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\n\(host)\r\n")
                let answer = try #require(try await connection.receive())
                #expect(answer.status == 400 && answer["connection"] == "close")
                #expect(answer["date"] != nil)
                #expect(answer.text.contains(#""requestId":"\#(answer["x-request-id"] ?? "?")""#))
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("an empty Host, an address and a port are hosts; a target may name the host itself")
    func goodHosts() async throws {
        try await TestDaemon.with { test in
            for host in ["", "[::1]:7474", "127.0.0.1", "localhost:1", "a_b"] {
                try await HTTPConnection.with(test.address) { connection in
                    try await connection.send("GET /healthz HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                    #expect(try await connection.receive()?.status == 200)
                    try await connection.send("GET http://x/healthz HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                    #expect(try await connection.receive()?.status == 200)
                }
            }
        }
    }

    @Test(
        "the connection ends after the answer to a client that asks for it, however it spells that",
        arguments: ["close", "Close", "TE, CLOSE"])
    func closing(option: String) async throws {
        try await TestDaemon.with { test in
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send("\(Self.get)Connection: \(option)\r\n\r\n")
                let answer = try #require(try await connection.receive())
                #expect(answer.status == 404 && answer["connection"] == "close")
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("a client of HTTP/1.0 gets no chunks, needs no Host, and sees the connection end")
    func oldClients() async throws {
        try await TestDaemon.with { test in
            let value = Bytes("\"\(String(repeating: "x", count: 300_000))\"")
            try await test.store.documents("n").put(.json(value), at: "k")
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send("GET /v1/documents/n HTTP/1.0\r\n\r\n")
                let answer = try #require(try await connection.receive())
                #expect(answer.status == 200 && !answer.isChunked)
                #expect(answer["connection"] == "close" && answer["content-length"] == nil)
                #expect(try await connection.rest().hasSuffix("],\"next\":null}"))
            }
        }
    }

    @Test("HEAD of what is streamed has no body, not even its last chunk, and the connection goes on")
    func heads() async throws {
        try await TestDaemon.with { test in
            let value = Bytes("\"\(String(repeating: "x", count: 300_000))\"")
            try await test.store.documents("n").put(.json(value), at: "k")
            try await HTTPConnection.with(test.address) { connection in
                for target in ["/v1/documents/n", "/v1/sessions/s/follow", "/v1/nothing"] {
                    try await connection.send("HEAD \(target) HTTP/1.1\r\nHost: test\r\n\r\n")
                    #expect(try await connection.receive(isHead: true) != nil)
                }
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(try await connection.receive()?.text == #"{"status":"alive"}"#)
            }
        }
    }

    @Test(
        "a transfer coding that is not known is 501, since nobody knows where its body ends",
        arguments: ["gzip, chunked", "identity"])
    func codings(coding: String) async throws {
        try await TestDaemon.with { test in
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send(
                    "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \(coding)\r\n\r\n1\r\n1\r\n0\r\n\r\n"
                )
                #expect(try await connection.receive()?.status == 501)
                #expect(try await connection.isClosed())
            }
            #expect(try await test.send("GET", "/v1/documents/n/k").status == 404)
        }
    }

    @Test("what comes before something that is no HTTP is answered first, and then that")
    func pipelined() async throws {
        try await TestDaemon.with { test in
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send("\(Self.get)\r\n\(Self.get)\r\nthis is no HTTP\r\n\r\n")
                #expect(try await connection.receive()?.status == 404)
                #expect(try await connection.receive()?.status == 404)
                #expect(try await connection.receive()?.status == 400)
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("a body that breaks off or is no body is 400, and nothing of it is stored")
    func brokenBodies() async throws {
        try await TestDaemon.with { test in
            let put = "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\n"
            for request in [
                "\(put)Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\nzz\r\n",
                "\(put)Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n", "\(put)Content-Length: 5\r\n\r\n1",
            ] {
                try await HTTPConnection.with(test.address) { connection in
                    try await connection.send(request)
                    try await connection.finish()
                    #expect(try await connection.receive()?.status == 400)
                    #expect(try await connection.isClosed())
                }
            }
            #expect(try await test.send("GET", "/v1/documents/n/k").status == 404)
        }
    }

    @Test("what a client has sent of a body when it goes is not taken for the whole")
    func tornBodies() async throws {
        let closed = AsyncStream<String?>.makeStream()
        let observer = ClosureObserver { closed.continuation.yield($0.code) }
        try await TestDaemon.with(observers: [observer]) { test in
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send(
                    "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 9\r\n\r\nhalf"
                )
            }
            for await code in closed.stream {
                #expect(code == "cancelled")
                break
            }
            #expect(try await test.send("GET", "/v1/documents/n/k").status == 404)
        }
    }

    @Test("a request that does not arrive in time is 408, and nothing of it is stored")
    func slow() async throws {
        var settings = ServerSettings()
        settings.readTimeout = .milliseconds(50)
        try await TestDaemon.with(settings: settings) { test in
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send(
                    "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n1")
                #expect(try await connection.receive()?.status == 408)
                #expect(try await connection.isClosed())
            }
            #expect(try await test.send("GET", "/v1/documents/n/k").status == 404)
        }
    }
}

/// Hears of each request.
private struct ClosureObserver: RequestObserver {
    let body: @Sendable (RequestRecord) -> Void
    func observe(_ record: RequestRecord) { body(record) }
}
