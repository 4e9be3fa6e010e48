import HoldfastModel
import Testing

@testable import HoldfastConfiguration

@Suite("The server section") struct ServerConfigurationTests {
    private func server(_ text: String) throws -> ServerConfiguration? {
        try Fixture.read("storage: { type: memory }\nserver: \(text)").server
    }

    @Test("every key has its default, and those of an absent section are the same")
    func defaults() throws {
        let server = try #require(try server("{ request_timeout: 30s }"))
        #expect(server == .standard)
        #expect(server.listen == "127.0.0.1:7474")
        #expect(server.bodyByteCountMax == 48 << 20)
        #expect(!server.isInsecure)
        #expect(server.followerCountMax == 512 && server.followHeartbeat == .seconds(15))
        #expect(server.logLevel == .info)
    }

    @Test("paths begin at the directory of the file, sizes and times have units")
    func values() throws {
        let server = try #require(
            try server(
                "{ listen: off, socket: ./s, tokens: ./t, tls_certificate: /c, tls_key: ./k, insecure: true, "
                    + "body_max: 1MiB, drain_timeout: 0s, followers_max: 7, follow_heartbeat: 1s, log_level: debug }"
            ))
        #expect(server.listen == nil)
        #expect(server.socketPath == "/work/s")
        #expect(server.tokenPath == "/work/t")
        #expect(server.certificatePath == "/c")
        #expect(server.keyPath == "/work/k")
        #expect(server.isInsecure)
        #expect(server.bodyByteCountMax == 1 << 20)
        #expect(server.drainTimeout == .zero)
        #expect(server.followerCountMax == 7 && server.followHeartbeat == .seconds(1))
        #expect(server.logLevel == .debug)
    }

    @Test(
        "what cannot be is refused with its place",
        arguments: [
            ("{ listen: off }", "server listens nowhere"), ("{ tls_key: ./k }", "expected both or none"),
            ("{ body_max: 1 }", "has no unit"), ("{ body_max: 2GiB }", "is out of range"),
            ("{ insecure: maybe }", "is not known"),
            ("{ log_level: warn }", "expected trace, debug"),
            ("{ followers_max: -1 }", "is out of range"), ("{ listen: here }", "expected address:port"),
            ("{ lisen: \":80\" }", "did you mean \"listen\"?"),
        ])
    func wrong(text: String, message: String) {
        let errors = #expect(throws: ConfigurationErrors.self) { try server(text) }
        #expect(errors?.summary.message.contains(message) == true, "\(errors?.summary.message ?? "")")
    }
}
