import Glibc
import HTTPTypes
import Holdfast
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import NIOCore
import Testing

@testable import HoldfastHTTP

/// What the daemon costs beside a route that does nothing, in the same server and the same run: `make bench-http`.
///
/// `wrk` loads it from another process over 64 connections. Both variants of a ratio take turns; medians count.
@Suite(
    "Serving", .serialized,
    .enabled(
        if: getenv("HOLDFAST_BENCH_HTTP") != nil,
        "measured by make bench-http, on a machine that does nothing else"))
struct ServingBenchmark {
    private static let rounds = 5

    @Test("appends of 300 bytes have at least 0.6 of the rate of a route that does nothing")
    func appends() async throws {
        let message = #"{"role":"user","content":"\#(String(repeating: "x", count: 270))"}"#
        let ratio = try await ratio(
            of: Load("POST", "/v1/sessions/s/messages", body: message),
            to: Load("POST", "/nothing", body: message))
        #expect(ratio >= 0.6)
    }

    @Test("reads of 50 messages have at least 0.5 of the rate of an answer of the same size that is ready")
    func reads() async throws {
        let ratio = try await ratio(
            of: Load("GET", "/v1/sessions/s/messages?limit=50"), to: Load("GET", "/ready"))
        #expect(ratio >= 0.5)
    }

    /// One kind of request.
    private struct Load: Sendable {
        let method: String
        let target: String
        let body: String?

        init(_ method: String, _ target: String, body: String? = nil) {
            self.method = method
            self.target = target
            self.body = body
        }

        /// Requests a second.
        func rate(on address: ListenAddress, in directory: TemporaryDirectory) throws -> Double {
            var script = "wrk.method = \"\(method)\"\n"
            if let body {
                script += "wrk.body = [[\(body)]]\nwrk.headers[\"Content-Type\"] = \"application/json\"\n"
            }
            let file = try directory.write(Array(script.utf8), to: "load.lua")
            let run = try CommandRun(
                ["wrk", "-t2", "-c64", "-d3s", "-s", file, "http://\(address)\(target)"], scratch: directory)
            guard run.status == 0, !run.output.contains("Non-2xx"),
                let line = run.output.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec") }),
                let rate = line.split(separator: " ").last.flatMap({ Double($0) })
            else { throw TestSupportError("wrk says: \(run.output)") }
            return rate
        }
    }

    private func ratio(of load: Load, to other: Load) async throws -> Double {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage:
              type: chain
              primary: { type: sqlite, path: ./data/history.db, synchronous: normal }
              backups: [{ type: sqlite, path: ./data/backup.db, synchronous: normal }]
              log: { type: file-log, path: ./data/log }
            """
        let store = try await HistoryStore.open(
            configuration: try directory.write(Array(text.utf8), to: "storage.yaml"))
        let message = Bytes(#"{"role":"user","content":"\#(String(repeating: "x", count: 270))"}"#)
        try await store.conversations().append(Array(repeating: message, count: 50), to: "s")
        let answer = Guarded(ByteBuffer())
        let idle = Route(
            description: RouteDescription(
                method: .post, path: "/nothing", id: "nothing", summary: "Does nothing.", access: .open,
                content: .json("Anything."), outcome: .json("Nothing."))
        ) { _ in .json(JSONBody.empty) }
        let ready = Route(
            description: RouteDescription(
                method: .get, path: "/ready", id: "ready", summary: "Answers what is ready.", access: .open,
                outcome: .json("What is ready."))
        ) { _ in Reply(.ok, .buffer(answer.withLock { $0 }), type: Reply.MediaType.json) }
        return try await TestDaemon.with(routes: AllRoutes.routes + [idle, ready], store: store) { test in
            let sample = try await test.send("GET", "/v1/sessions/s/messages?limit=50", [], body: nil)
            answer.withLock { $0 = ByteBuffer(string: sample.text) }
            let address = test.address
            let scratch = test.directory
            return try await onThread {
                _ = try load.rate(on: address, in: scratch)
                var rates: [(Double, Double)] = []
                for _ in 0..<Self.rounds {
                    rates.append(
                        (try load.rate(on: address, in: scratch), try other.rate(on: address, in: scratch)))
                }
                let own = rates.map(\.0).sorted()[Self.rounds / 2]
                let base = rates.map(\.1).sorted()[Self.rounds / 2]
                print(
                    "\(load.method) \(load.target): \(own) a second, \(other.target): \(base): ratio \(own / base)"
                )
                return own / base
            }
        }
    }
}

extension JSONBody {
    /// `{}`.
    fileprivate static var empty: JSONBody {
        var body = JSONBody(capacity: 2)
        body.object { _ in }
        return body
    }
}
