import Glibc
import HoldfastTestSupport
import NIOPosix
import Testing

@testable import HoldfastHTTP

/// Programs of others, unmodified, against a daemon.
@Suite("Python clients", .serialized) struct PythonClientTests {
    private static let directory =
        String(
            #filePath.dropLast("HoldfastHTTPTests/PythonClientTests.swift".count)) + "Python"

    /// Runs a script with the packages that it needs, on a thread of its own.
    ///
    /// - Returns: what it wrote at its end, or nothing where the packages cannot be had.
    private func output(of script: String, in test: TestDaemon) async throws -> String? {
        let base = test.address.url(isEncrypted: false) + "/v1"
        let command = ["\(Self.directory)/run", script, base]
        let run = try await NIOThreadPool.singleton.runIfActive {
            try CommandRun(command, scratch: test.directory)
        }
        if run.status == 77 {
            print("skipped: \(script): \(run.output)")
            return nil
        }
        #expect(run.status == 0, "\(run.output)")
        return run.output
    }

    @Test("the official OpenAI client, and the session of its Agents SDK, do everything they can")
    func openAI() async throws {
        try await TestDaemon.with { test in
            guard let output = try await output(of: "openai_client.py", in: test) else { return }
            #expect(output.contains("checks passed"))
        }
    }

    @Test("the suite of LangGraph for checkpointers passes, every capability of it")
    func langGraph() async throws {
        try await TestDaemon.with { test in
            guard let output = try await output(of: "langgraph_conformance.py", in: test) else { return }
            #expect(output.contains("tests of 8 capabilities passed"))
        }
    }
}
