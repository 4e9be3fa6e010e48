import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("TLS") struct EncryptionTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Makes a certificate that vouches for itself; nothing where there is no openssl or no curl.
    private func makeCertificate() throws -> (path: String, keyPath: String)? {
        let (path, keyPath) = (directory.file("certificate.pem"), directory.file("key.pem"))
        let made = try CommandRun(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days", "2", "-subj", "/CN=holdfast", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                keyPath, "-out", path,
            ], scratch: directory)
        let curl = try CommandRun(["curl", "--version"], scratch: directory)
        return made.status == 0 && curl.status == 0 ? (path, keyPath) : nil
    }

    /// Asks a daemon, trusting one certificate alone.
    ///
    /// On a thread of its own: the daemon is in this process, and needs those that tests run on.
    private func ask(_ url: String, trusting path: String) async throws -> CommandRun {
        let directory = directory
        return try await onThread {
            try CommandRun(
                ["curl", "-sS", "--max-time", "60", "--cacert", path, "\(url)/v1/locks"], scratch: directory)
        }
    }

    @Test("connections are encrypted, and a new certificate is used after a reload")
    func reload() async throws {
        guard let files = try? makeCertificate() else {
            return print("skipped: openssl and curl are needed for a certificate and a client")
        }
        try await TestDaemon.with(certificate: files) { test in
            let url = test.address.url(isEncrypted: test.daemon.isEncrypted)
            #expect(url.hasPrefix("https://"))
            let answer = try await ask(url, trusting: files.path)
            #expect(answer.output.hasPrefix(#"{"data":["#), "\(answer.output)")
            let old = directory.file("old.pem")
            try directory.write(try TextFile.readBytes(files.path), to: "old.pem")
            _ = try makeCertificate()
            #expect(try await ask(url, trusting: old).status == 0)
            try test.daemon.reload(tokens: nil)
            #expect(try await ask(url, trusting: old).status != 0)
            #expect(try await ask(url, trusting: files.path).status == 0)
            try directory.write(Array("no certificate".utf8), to: "certificate.pem")
            #expect(throws: HoldfastError.self) { try test.daemon.reload(tokens: nil) }
            try directory.write(try TextFile.readBytes(old), to: "certificate.pem")
        }
    }

    @Test("of a certificate that has expired, or is for later, it is said that clients refuse it")
    func validity() {
        #expect(Encryption.doubt(1_000, 2_000, at: 1_500_000) == nil)
        #expect(Encryption.doubt(1_000, 2_000, at: 999_999)?.hasPrefix("is not valid before 1970-") == true)
        #expect(Encryption.doubt(1_000, 2_000, at: 2_001_000)?.hasPrefix("has expired at 1970-") == true)
    }

    @Test("a certificate in other files is shown from a reload on, and nothing changes where they are wrong")
    func otherFiles() async throws {
        guard let first = try? makeCertificate() else {
            return print("skipped: openssl and curl are needed for a certificate and a client")
        }
        let files = (path: directory.file("first.pem"), keyPath: directory.file("first-key.pem"))
        try directory.write(try TextFile.readBytes(first.path), to: "first.pem")
        try directory.write(try TextFile.readBytes(first.keyPath), to: "first-key.pem")
        let second = try #require(try makeCertificate())
        try await TestDaemon.with(certificate: files) { test in
            let url = test.address.url(isEncrypted: test.daemon.isEncrypted)
            #expect(try await ask(url, trusting: files.path).status == 0)
            #expect(throws: HoldfastError.self) {
                try test.daemon.reload(tokens: nil, certificate: (second.path, files.keyPath))
            }
            #expect(try await ask(url, trusting: files.path).status == 0)
            try test.daemon.reload(tokens: nil, certificate: second)
            #expect(try await ask(url, trusting: files.path).status != 0)
            #expect(try await ask(url, trusting: second.path).status == 0)
        }
    }

    @Test("a certificate that cannot be used keeps the daemon from starting")
    func broken() async throws {
        try directory.write(Array("no certificate".utf8), to: "c.pem")
        let files = (path: directory.file("c.pem"), keyPath: directory.file("none.pem"))
        let broken = await #expect(throws: HoldfastError.self) {
            try await TestDaemon.with(certificate: files) { _ in }
        }
        #expect(broken?.message.hasPrefix("\(files.path) has no certificate in PEM") == true)
        let missing = await #expect(throws: HoldfastError.self) {
            try await TestDaemon.with(certificate: (path: files.keyPath, keyPath: files.keyPath)) { _ in }
        }
        #expect(missing?.message.contains("cannot read the certificate") == true)
        #expect(missing?.message.contains(files.keyPath) == true)
    }
}
