import Holdfast
import Testing

@testable import HoldfastHTTP

@Suite("Runs over HTTP") struct RunsRoutesTests {
    @Test("a run comes back byte for byte, is found by agent and session, and goes with its events")
    func runs() async throws {
        try await TestDaemon.with { test in
            let json = #"{ "run_id":"r/1","agent_name":"a","session_id":"s","b":1.0,"a":2,"a":3 }"#
            let target = "/v1/runs/r%2F1"
            let saved = try await test.send("PUT", target, [("If-None-Match", "*")], body: json)
            #expect(saved.status == 201)
            let read = try await test.send("GET", target)
            #expect(read.text == json)
            #expect(read["etag"] == saved["etag"])
            #expect(try await test.send("GET", target, [("If-None-Match", read["etag"] ?? "")]).status == 304)
            let stale = [("If-Match", "\"00000000000000000000000000000001\"")]
            #expect(try await test.send("PUT", target, stale, body: json).status == 412)
            let page = try await test.send("GET", "/v1/runs?agent=a&session=s&limit=1")
            #expect(page.text.hasPrefix(#"{"data":[{"id":"r/1","version":""#))
            #expect(page.text.contains(#""value":\#(json)}],"next":""#))
            #expect(page.text.hasSuffix(#","total":1}"#))
            let none = try await test.send("GET", "/v1/runs?agent=a&session=t&counted=false")
            #expect(none.text == #"{"data":[],"next":null}"#)
            let added = try await test.send(
                "POST", target + "/events", body: #"[{"type":"x", "n":1.0},{"type":"y"}]"#)
            #expect(added.status == 200)
            let events = try await test.send("GET", target + "/events?limit=1")
            #expect(events.text.contains(#""value":{"type":"x", "n":1.0}}],"next":""#))
            let offset = try await test.send("GET", target + "/events?limit=5&offset=1")
            #expect(offset.text.contains(#""value":{"type":"y"}"#) && !offset.text.contains(#""x""#))
            #expect(
                try await test.send("GET", "/v1/run-stats").text == #"{"runs":1,"sessions":0,"events":2}"#)
            #expect(try await test.send("DELETE", target).status == 200)
            #expect(try await test.send("GET", target).status == 404)
            #expect(try await test.send("GET", target + "/events").text == #"{"data":[],"next":null}"#)
        }
    }

    @Test("what is saved for some time says when it goes, and its events with it")
    func lifetime() async throws {
        try await TestDaemon.with { test in
            let json = #"{"run_id":"r","agent_name":"a"}"#
            _ = try await test.send("PUT", "/v1/runs/r?ttl=3600", body: json)
            #expect(try await test.send("GET", "/v1/runs/r")["holdfast-expires-at"] != nil)
            _ = try await test.send("PUT", "/v1/runs/r?unlimited", body: json)
            #expect(try await test.send("GET", "/v1/runs/r")["holdfast-expires-at"] == nil)
            #expect(try await test.send("PUT", "/v1/runs/r?ttl=0", body: json).status == 400)
        }
    }

    @Test("two who save one session from one version: the second is refused, and an append loses nothing")
    func sessions() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/run-sessions/s"
            let json = #"{"id":"s","history":[ {"n":1} ],"state":false}"#
            #expect(try await test.send("PUT", target, body: json).status == 200)
            let read = try await test.send("GET", target)
            #expect(read.text == json)
            let tag = [("If-Match", try #require(read["etag"]))]
            #expect(
                try await test.send("POST", target + "/history", body: #"[{"n":2},{"n":3}]"#).status == 200)
            #expect(try await test.send("PUT", target, tag, body: #"{"id":"s","history":[]}"#).status == 412)
            #expect(try await test.send("PUT", target, body: #"{"id":"s","history":[]}"#).status == 409)
            let history = try await test.send("GET", target + "/history?order=descending&limit=1")
            #expect(history.text.contains(#""value":{"n":3}"#))
            #expect(try await test.send("PUT", target + "?overwrite", body: #"{"id":"s"}"#).status == 200)
            #expect(try await test.send("GET", target).text == #"{"id":"s"}"#)
            #expect(try await test.send("PUT", target, body: #"{"id":"other"}"#).status == 400)
            #expect(try await test.send("DELETE", target).status == 200)
            #expect(try await test.send("GET", target).status == 404)
        }
    }
}
