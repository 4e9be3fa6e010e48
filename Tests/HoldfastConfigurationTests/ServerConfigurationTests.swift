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
    }

    @Test("paths begin at the directory of the file, sizes and times have units")
    func values() throws {
        let server = try #require(
            try server(
                "{ listen: off, socket: ./s, tokens: ./t, tls_certificate: /c, tls_key: ./k, insecure: true, "
                    + "body_max: 1MiB, drain_timeout: 0s }"))
        #expect(server.listen == nil)
        #expect(server.socketPath == "/work/s")
        #expect(server.tokenPath == "/work/t")
        #expect(server.certificatePath == "/c")
        #expect(server.keyPath == "/work/k")
        #expect(server.isInsecure)
        #expect(server.bodyByteCountMax == 1 << 20)
        #expect(server.drainTimeout == .zero)
    }

    @Test(
        "what cannot be is refused with its place",
        arguments: [
            ("{ listen: off }", "server listens nowhere"), ("{ tls_key: ./k }", "expected both or none"),
            ("{ body_max: 1 }", "has no unit"), ("{ body_max: 2GiB }", "is out of range"),
            ("{ insecure: maybe }", "is not known"), ("{ listen: here }", "expected address:port"),
            ("{ lisen: \":80\" }", "did you mean \"listen\"?"),
        ])
    func wrong(text: String, message: String) {
        let errors = #expect(throws: ConfigurationErrors.self) { try server(text) }
        #expect(errors?.summary.message.contains(message) == true, "\(errors?.summary.message ?? "")")
    }
}
