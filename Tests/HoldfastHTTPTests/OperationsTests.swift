import Glibc
import Holdfast
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import InMemoryTracing
import Instrumentation
import Logging
import Testing
import Tracing

@testable import HoldfastHTTP

@Suite("Operations") struct OperationsTests {
    @Test("metrics are what promtool takes for metrics, and count requests by route and status")
    func metrics() async throws {
        let requests = RequestMetrics()
        try await TestDaemon.with(observers: [requests]) { test in
            _ = try await test.send("PUT", "/v1/documents/n/k%22%0A", [], body: "1")
            _ = try await test.send("GET", "/v1/documents/n/none", [], body: nil)
            _ = try await test.send("GET", "/nowhere/\"", [], body: nil)
            let answer = try await test.send("GET", "/metrics", [], body: nil)
            #expect(answer.status == 200)
            let route = "/v1/documents/{namespace}/{key}"
            for line in [
                #"holdfast_http_requests_total{method="PUT",route="\#(route)",status="200"} 1"#,
                #"holdfast_http_requests_total{method="GET",route="\#(route)",status="404"} 1"#,
                #"holdfast_http_requests_total{method="ANY",route="none",status="404"} 1"#,
                #"holdfast_operations_total{operation="write",outcome="ok"} 1"#,
                #"holdfast_provider_up{chain="storage",provider="storage",type="memory",role="primary"} 1"#,
            ] { #expect(answer.text.contains(line + "\n"), "\(line)\n\(answer.text)") }
            Self.checkProcess(answer.text)
            try Self.check(answer.text, in: test.directory)
        }
    }

    /// What every library of Prometheus says of its process.
    private static func checkProcess(_ text: String) {
        var values: [Substring: Double] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("process_") {
            let parts = line.split(separator: " ")
            if parts.count == 2 { values[parts[0]] = Double(parts[1]) }
        }
        let names: Set<Substring> = [
            "process_cpu_seconds_total", "process_open_fds", "process_max_fds", "process_threads",
            "process_virtual_memory_bytes", "process_virtual_memory_max_bytes",
            "process_resident_memory_bytes", "process_start_time_seconds",
        ]
        #expect(Set(values.keys) == names && values.values.allSatisfy { $0 > 0 }, "\(values)")
        #expect(values["process_open_fds", default: .infinity] < values["process_max_fds", default: 0])
        #expect(
            values["process_resident_memory_bytes", default: .infinity]
                < values["process_virtual_memory_bytes", default: 0])
        let start = values["process_start_time_seconds", default: 0]
        let now = Double(SystemClock().unixMilliseconds) / 1000
        #expect(start < now && start > now - 86_400, "\(start) \(now)")
    }

    /// Debian's package `prometheus` has promtool.
    private static func check(_ text: String, in directory: TemporaryDirectory) throws {
        let file = try directory.write(Array(text.utf8), to: "metrics.txt")
        let run = try CommandRun(
            [
                "/bin/sh", "-c",
                "command -v promtool >/dev/null || exit 127; promtool check metrics <'\(file)'",
            ],
            scratch: directory)
        if run.status == 127 {
            print("skipped: promtool is not installed, so the metrics were not checked with it")
        } else {
            #expect(run.status == 0, "\(run.output)")
        }
    }

    @Test("a daemon is alive while its store is down, and says that it is not ready")
    func readiness() async throws {
        try await TestDaemon.with { test in
            #expect(try await test.send("GET", "/readyz", [], body: nil).status == 200)
            await test.store.close()
            #expect(try await test.send("GET", "/healthz", [], body: nil).status == 200)
            let answer = try await test.send("GET", "/v1/status", [], body: nil)
            #expect(answer.status == 200 && answer.text.contains(#""members":["#))
        }
    }

    @Test("a log line is one line, whatever a message holds, and changes of the level hold at once")
    func logLines() throws {
        let lines = Guarded<[String]>([])
        for format in OperatorLog.Format.allCases {
            let log = OperatorLog(format, level: .info) { line in
                lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
            let logger = log.logger("holdfast")
            logger.debug("unseen")
            logger.info("a\nb \"c\"", metadata: ["x": "1 2\u{1B}[0m", "y": "z"])
            log.level = .debug
            logger.debug("seen")
        }
        let written = lines.withLock { $0 }
        #expect(written.count == 4)
        #expect(written.allSatisfy { $0.hasSuffix("\n") && $0.filter { $0 == "\n" }.count == 1 })
        #expect(written.allSatisfy { !$0.contains("\u{1B}") })
        let node = try JSONNode(Array(written[0].utf8))
        #expect(node["message"]?.string == "a\nb \"c\"" && node["x"]?.string == "1 2\u{1B}[0m")
        #expect(written[2].contains(#" info "a\u000ab \"c\"" x="1 2"#) && written[2].hasSuffix("y=z\n"))
    }

    @Test("a trace goes on from its caller, is kept as the caller says, and is written as OTLP")
    func traces() throws {
        let lines = Guarded<[[UInt8]]>([])
        let tracer = TraceFile(share: 0, version: "1") { line in lines.withLock { $0.append(line) } }
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        #expect(TraceParent(parent)?.isSampled == true)
        for wrong in [
            "", "00-0-0-00", parent.uppercased(), parent + "-",
            parent.replacing("b7ad6b7169203331", with: "0000000000000000"),
        ] {
            #expect(TraceParent(wrong) == nil, "\(wrong)")
        }
        var context = InstrumentationContext.topLevel
        tracer.extract(["traceparent": parent], into: &context, using: DictionaryExtractor())
        tracer.startSpan("GET /a", context: context, ofKind: .server).end()
        tracer.startSpan("unseen", context: .topLevel, ofKind: .server).end()
        tracer.flush()
        let written = lines.withLock { $0 }
        #expect(written.count == 1)
        let span = try JSONNode(written[0])["resourceSpans"]?.elements.first?["scopeSpans"]?.elements.first?[
            "spans"]?
            .elements
        #expect(span?.count == 1)
        #expect(span?.first?["traceId"]?.string == "0af7651916cd43dd8448eb211c80319c")
        #expect(span?.first?["parentSpanId"]?.string == "b7ad6b7169203331")
        #expect(span?.first?["spanId"]?.string?.utf8.count == 16)
    }

    @Test("a store that a daemon serves does over its socket what it does in the daemon")
    func remote() async throws {
        try await TestDaemon.with(isOnSocket: true) { test in
            let remote = try #require(try await RemoteBackend.connect(to: test.directory.file("s")))
            let store = HistoryStore(backend: remote)
            let talks = store.conversations()
            let receipt = try await talks.append(
                [#"{"a":"\u0000"}"#, "2"], to: "s/é", WriteOptions(idempotencyKey: "k"))
            #expect(
                try await talks.append(
                    [#"{"a":"\u0000"}"#, "2"], to: "s/é", WriteOptions(idempotencyKey: "k")
                ).isReplay)
            #expect(try await test.store.conversations().history(of: "s/é").map(\.id) == receipt.versions)
            #expect(
                try await Array(talks.history(of: "s/é"))
                    == Array(test.store.conversations().history(of: "s/é")))
            await #expect {
                try await store.documents("d").put(.json("1"), at: "k", if: .version(receipt.id))
            } throws: {
                ($0 as? HoldfastError)?.code == .conflict
            }
            try await store.withLock("l") { _ in
                _ = try await test.store.locks.state(of: "l")
            }
            #expect(await store.status().members.first?.type == "memory")
            #expect(await store.guarantees == test.store.guarantees)
            let many = try await withThrowingTaskGroup(of: Version.self) { group in
                for number in 0..<50 {
                    group.addTask { try await talks.append(Bytes("\(number)"), to: "many").id }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(many.count == 50)
            await store.close()
        }
        #expect(try await RemoteBackend.connect(to: "/nonexistent/socket") == nil)
    }

    @Test("who listens and never answers is told from a daemon that is slow, with what to do")
    func silentOwner() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        let descriptor = try UnixSocket.open(path)
        defer { UnixSocket.close(descriptor) }
        #expect(listen(descriptor, 8) == 0)
        let error = await #expect(throws: HoldfastError.self) {
            _ = try await RemoteBackend.connect(to: path, greetingWithin: .milliseconds(50))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("what listens at \(path) has not answered") == true)
        #expect(error?.message.contains("ss -xlp") == true)
    }

    @Test("an operation that the daemon's backend answers whole is one call over the socket")
    func remoteOperation() async throws {
        let files = try TemporaryDirectory()
        defer { files.remove() }
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage: { type: sqlite, path: "\(files.file("s.db"))", synchronous: off }
            """
        let given = try await HistoryStore.open(
            configuration: try files.write(Array(text.utf8), to: "storage.yaml"))
        try await TestDaemon.with(isOnSocket: true, store: given) { test in
            let remote = try #require(try await RemoteBackend.connect(to: test.directory.file("s")))
            let store = HistoryStore(backend: remote)
            #expect(await store.guarantees.operations == ["aggregate_stats", "list_summaries"])
            for list in ["a", "b", "c"] { try await store.lists("n").append(.json("1"), to: list) }
            let before = given.operations.operations[.invoke]?.latency.count ?? 0
            #expect(try await store.lists("n").summaries(limit: 2).map(\.key) == ["a", "b"])
            #expect(given.operations.operations[.invoke]?.latency.count == before + 1)
            #expect(given.operations.operations[.scan]?.latency.count == 0)
            await store.close()
        }
    }
}

private struct DictionaryExtractor: Extractor {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}
