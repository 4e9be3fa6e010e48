import Holdfast
import Logging
import ServiceLifecycle
import Testing

@testable import HoldfastHTTP

@Suite("Time and connections") struct DrainTests {
    @Test("a request that is on its way when the daemon stops is answered, and its connection ends")
    func drain() async throws {
        try await TestDaemon.with { test in
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send(
                    "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
                )
                #expect(try await connection.receive()?.status == 100)
                await test.stop()
                try await connection.send("7")
                #expect(try await connection.receive()?.status == 200)
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("a client that does not finish its request, or says nothing, is let go")
    func slow() async throws {
        var settings = ServerSettings()
        settings.idleTimeout = .milliseconds(50)
        try await TestDaemon.with(settings: settings) { test in
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send(
                    "PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n1")
                #expect(try await connection.isClosed())
            }
            try await HTTPConnection.with(test.address) { connection in
                try await connection.send("GET / HT")
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("connections beyond the limit wait until one is closed")
    func limit() async throws {
        var settings = ServerSettings()
        settings.connectionCountMax = 1
        try await TestDaemon.with(settings: settings) { test in
            let second = try await HTTPConnection.with(test.address) { first in
                try await first.send(TestDaemon.request("GET", "/v1/locks"))
                #expect(try await first.receive()?.status == 200)
                return Task { try await test.send("GET", "/v1/locks").status }
            }
            #expect(try await second.value == 200)
        }
    }
}
