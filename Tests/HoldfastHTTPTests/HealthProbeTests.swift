import HoldfastModel
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("Asking a daemon whether it is ready") struct HealthProbeTests {
    @Test("a daemon is asked over its socket and over the network")
    func ready() async throws {
        try await TestDaemon.with(isOnSocket: true) { test in
            let network = try HealthProbe.Target(url: test.address.url(isEncrypted: false))
            for target in [network, .socket(test.directory.file("s"))] {
                let report = try await HealthProbe(target).ask(within: .seconds(30))
                #expect(report.isReady && report.reason == "ready")
                #expect(report.json.hasPrefix(#"{"status":"ready""#))
            }
        }
    }

    @Test("where nobody listens, or something else does, that is what it says")
    func absent() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let port = try LoopbackPort.free()
        for target in [
            .socket(directory.file("s")), try HealthProbe.Target(url: "http://127.0.0.1:\(port)"),
        ] {
            let error = await #expect(throws: HoldfastError.self) {
                try await HealthProbe(target).ask(within: .seconds(30))
            }
            #expect(error?.code == .unavailable && error?.message.contains("no daemon listens") == true)
        }
        try await TestDaemon.with(routes: []) { test in
            let target = try HealthProbe.Target(url: test.address.url(isEncrypted: false))
            let error = await #expect(throws: HoldfastError.self) {
                try await HealthProbe(target).ask(within: .seconds(30))
            }
            #expect(error?.message.contains("expected a daemon") == true)
        }
    }

    @Test("a certificate is checked against those that are trusted", .enabled(if: TestCertificate.isPossible))
    func encrypted() async throws {
        let identity = try TestCertificate("localhost")
        let files = (path: identity.certificatePath, keyPath: identity.keyPath)
        try await TestDaemon.with(certificate: files) { test in
            let url = test.address.url(isEncrypted: true)
            let trusting = try HealthProbe.Target(url: url, trusting: identity.certificatePath)
            #expect(try await HealthProbe(trusting).ask(within: .seconds(30)).isReady)
            let error = await #expect(throws: HoldfastError.self) {
                try await HealthProbe(try HealthProbe.Target(url: url)).ask(within: .seconds(30))
            }
            #expect(error?.code == .unavailable)
        }
    }

    @Test(
        "an address has a scheme, a host and perhaps a port",
        arguments: [
            ("http://localhost", "http://localhost:80"), ("https://db-1/", "https://db-1:443"),
            ("http://[::1]:7474", "http://[::1]:7474"), ("http://[::1]", "http://[::1]:80"),
        ])
    func addresses(url: String, shown: String) throws {
        #expect(try HealthProbe.Target(url: url).description == shown)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "localhost:7474", "http://", "ftp://a", "http://a:b", "http://a/readyz", "http://u@a",
            "http://:1",
        ])
    func wrong(url: String) {
        #expect(throws: HoldfastError.self) { try HealthProbe.Target(url: url) }
    }
}
