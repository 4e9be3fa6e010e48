import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite(
    "PostgreSQL over TLS",
    .enabled(
        if: PostgresServer.isThere && TestCertificate.isPossible, "PostgreSQL or openssl is not installed"))
struct EncryptionTests {
    private static func options(_ server: PostgresServer, _ more: String) -> String {
        """
        {"host": "127.0.0.1", "port": \(server.port), "user": "holdfast", "database": "postgres",
         "application_name": "sealed", \(more)}
        """
    }

    private static let password = "\"password\": \"\(PostgresServer.password)\""

    /// What became of opening a store: nothing when it is open, and encrypted.
    private static func failure(_ server: PostgresServer, _ options: String) async throws -> HoldfastError? {
        do throws(HoldfastError) {
            let store = try await provider(options).connect(.unbounded)
            let question = """
                SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                WHERE application_name = 'sealed'
                """
            #expect((try? server.run(question)) == "t\n")
            await store.close()
            return nil
        } catch {
            return error
        }
    }

    private static func provider(_ options: String) throws(HoldfastError) -> PluginProvider {
        do {
            return try PostgresSubject.provider(options: options)
        } catch {
            throw HoldfastError(.internal, "\(error)")
        }
    }

    @Test("sslmode and sslrootcert reach libpq: a server whose certificate is not the right one is refused")
    func server() async throws {
        let server = try PostgresServer(isDurable: false, listens: true)
        try server.encrypt(TestCertificate("right"))
        let right = server.directory.file("data/server.crt")
        let wrong = try TestCertificate("wrong")
        let open = Self.options(server, "\"sslmode\": \"require\", \(Self.password)")
        #expect(try await Self.failure(server, open) == nil)
        for mode in ["verify-ca", "verify-full"] {
            let known = "\"sslmode\": \"\(mode)\", \"sslrootcert\": \"\(right)\", \(Self.password)"
            #expect(try await Self.failure(server, Self.options(server, known)) == nil, "\(mode)")
            let strange =
                "\"sslmode\": \"\(mode)\", \"sslrootcert\": \"\(wrong.certificatePath)\", \(Self.password)"
            let error = try await Self.failure(server, Self.options(server, strange))
            #expect(error?.code == .unavailable, "\(mode)")
            #expect(error?.message.contains("certificate verify failed") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("battery") == false)
        }
        // The same in a connection string.
        let url =
            "postgresql://holdfast:horse%3Abattery%40staple@127.0.0.1:\(server.port)/postgres"
            + "?application_name=sealed&sslmode=verify-full&sslrootcert="
        #expect(try await Self.failure(server, "{\"url\": \"\(url)\(right)\"}") == nil)
        let refused = try await Self.failure(server, "{\"url\": \"\(url)\(wrong.certificatePath)\"}")
        #expect(refused?.code == .unavailable)
    }

    @Test("a server without TLS is refused where it is required")
    func required() async throws {
        let server = try PostgresServer.shared.get()
        let options = Self.options(server, "\"sslmode\": \"require\", \(Self.password)")
        let error = try await Self.failure(server, options)
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("does not support SSL") == true, "\(error?.message ?? "")")
    }

    @Test("a name that is not in the certificate is refused by verify-full alone")
    func name() async throws {
        let server = try PostgresServer(isDurable: false, listens: true)
        try server.encrypt(TestCertificate("elsewhere", address: "127.0.0.2"))
        let root = "\"sslrootcert\": \"\(server.directory.file("data/server.crt"))\", \(Self.password)"
        let chain = Self.options(server, "\"sslmode\": \"verify-ca\", \(root)")
        #expect(try await Self.failure(server, chain) == nil)
        let full = try await Self.failure(
            server, Self.options(server, "\"sslmode\": \"verify-full\", \(root)"))
        #expect(full?.code == .unavailable)
        #expect(full?.message.contains("does not match host name") == true, "\(full?.message ?? "")")
    }

    @Test("sslcert and sslkey open a server that asks for a certificate instead of a password")
    func client() async throws {
        let server = try PostgresServer(isDurable: false, listens: true)
        let client = try TestCertificate("holdfast")
        try server.encrypt(TestCertificate("right"), admitting: client)
        let known = Self.options(
            server,
            """
            "sslmode": "require", "sslcert": "\(client.certificatePath)", "sslkey": "\(client.keyPath)"
            """)
        #expect(try await Self.failure(server, known) == nil)
        let unknown = try await Self.failure(server, Self.options(server, "\"sslmode\": \"require\""))
        #expect(unknown?.code == .permission, "\(unknown?.message ?? "")")
    }
}
