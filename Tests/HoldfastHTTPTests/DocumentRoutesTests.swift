import Holdfast
import Testing

@testable import HoldfastHTTP

@Suite("Documents over HTTP") struct DocumentRoutesTests {
    @Test(
        "any key is data, percent-encoded in one segment",
        arguments: [
            "a/b", "..", "../../etc/passwd", "#", "%2F", "a b+c", "😀", "?x=1&y", "\u{301}", "a\u{1}b",
        ])
    func keys(key: String) async throws {
        try await TestDaemon.with { test in
            let target = "/v1/documents/n/\(PercentText.encode(key))"
            let value = #"{"b":1.0,  "a":2,"a":3}"#
            let written = try await test.send("PUT", target, body: value)
            #expect(written.status == 200)
            let read = try await test.send("GET", target)
            #expect(read.text == value)
            #expect(read["etag"] == written["etag"])
            #expect(try await test.store.documents("n").get(key).bytes.description == value)
        }
    }

    @Test("conditions decide a write: 412 with the version that is stored")
    func conditions() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/documents/n/k"
            let made = try await test.send("PUT", target, [("If-None-Match", "*")], body: "1")
            #expect(made.status == 201)
            #expect(try await test.send("PUT", target, [("If-None-Match", "*")], body: "2").status == 412)
            let tag = try #require(made["etag"])
            let second = try await test.send("PUT", target, [("If-Match", tag)], body: "2")
            #expect(second.status == 200)
            let stale = try await test.send("PUT", target, [("If-Match", tag)], body: "3")
            #expect(stale.status == 412)
            #expect(stale["etag"] == second["etag"])
            #expect(stale["content-type"] == "application/problem+json")
            let fresh = try await test.send("GET", target, [("If-None-Match", second["etag"] ?? "")])
            #expect(fresh.status == 304)
            #expect(fresh.body.isEmpty)
            #expect(try await test.send("DELETE", target, [("If-Match", tag)]).status == 412)
            #expect(try await test.send("DELETE", target).status == 200)
            #expect(try await test.send("GET", target).status == 404)
        }
    }

    @Test("If-Match takes several versions and *; no weak tag and no tag of others ever matches")
    func matches() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/documents/n/k"
            let never = "\"00000000000000000000000000000001\""
            func put(_ tags: String) async throws -> HTTPAnswer {
                try await test.send("PUT", target, [("If-Match", tags)], body: "1")
            }
            #expect(try await put("*").status == 412)
            #expect(try await put(never).status == 412)
            let made = try #require(try await test.send("PUT", target, body: "1")["etag"])
            let any = try await put("*")
            #expect(any.status == 200)
            var tag = try #require(any["etag"])
            let stale = try await put("\(never), \(made)")
            #expect(stale.status == 412 && stale["etag"] == tag)
            tag = try #require(try await put("\"x\", \(never) ,\(tag)")["etag"])
            #expect(try await put("W/\(tag)").status == 412)
            #expect(try await put("\"x\"").status == 412)
            #expect(try await put("").status == 400)
            for (tags, status) in [("*", 200), (tag, 200), ("W/\(tag)", 412), (made, 412)] {
                #expect(try await test.send("GET", target, [("If-Match", tags)]).status == status)
                #expect(try await test.send("HEAD", target, [("If-Match", tags)]).status == status)
            }
            #expect(try await test.send("GET", "/v1/documents/n/none", [("If-Match", made)]).status == 404)
            #expect(try await test.send("GET", "/v1/documents/n/none")["holdfast-source"] != nil)
            let both = [("If-Match", made), ("If-None-Match", tag)]
            #expect(try await test.send("GET", target, both).status == 412)
            #expect(try await test.send("DELETE", target, [("If-Match", "*")]).status == 200)
            #expect(try await put("*").status == 412)
        }
    }

    @Test("a retry of a write with * gets the first answer, also when nothing is stored any more")
    func matchedRetry() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/documents/n/k"
            _ = try await test.send("PUT", target, body: "1")
            let headers = [("If-Match", "*"), ("Idempotency-Key", "once")]
            let first = try await test.send("PUT", target, headers, body: "2")
            _ = try await test.send("DELETE", target)
            let again = try await test.send("PUT", target, headers, body: "2")
            #expect(again["holdfast-replay"] == "true" && again["etag"] == first["etag"])
        }
    }

    @Test("a write that would leave its condition out of account does not take place")
    func untakenConditions() async throws {
        try await TestDaemon.with { test in
            let step = #"{"steps":[{"op":"put","namespace":"n","key":"k","value":2}]}"#
            let batch = try await test.send("POST", "/v1/batch", [("If-Match", "*")], body: step)
            #expect(batch.status == 400 && batch.text.contains("takes no If-Match"))
            #expect(try await test.send("GET", "/v1/documents/n/k").status == 404)
            let cleared = try await test.send("DELETE", "/v1/lists/n/k", [("If-None-Match", "*")])
            #expect(cleared.status == 400)
        }
    }

    @Test("a body in a coding is refused, and so is a key where many steps would share it")
    func untaken() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/documents/n/k"
            let coded = try await test.send("PUT", target, [("Content-Encoding", "gzip")], body: "1")
            #expect(coded.status == 415 && coded["accept-encoding"] == "identity")
            #expect(
                try await test.send("PUT", target, [("Content-Encoding", "identity")], body: "1").status
                    == 200)
            let key = [("Idempotency-Key", "once")]
            #expect(try await test.send("DELETE", "/v1/documents/n?prefix=k", key).status == 400)
            #expect(try await test.send("GET", target).status == 200)
        }
    }

    @Test("of a preference that is stated twice the first counts, and its parameters do not")
    func preferences() throws {
        #expect(try Preferences("ack=\"log\"; x=y, ack=all, wait=1;z").ack == .log)
        #expect(try Preferences("respond-async, wait=2, wait=3").wait == .seconds(2))
        #expect(try Preferences("handling=lenient; ack=all").ack == nil)
    }

    @Test("bytes come back as bytes, and HEAD answers the same headers without them")
    func bytes() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/documents/n/k"
            let type = [("Content-Type", "application/octet-stream")]
            _ = try await test.send("PUT", target, type, body: "\u{0}not JSON")
            let read = try await test.send("GET", target)
            #expect(read["content-type"] == "application/octet-stream")
            #expect(read.text == "\u{0}not JSON")
            let head = try await test.send("HEAD", target)
            #expect(head.status == 200)
            #expect(head["content-length"] == "9")
            #expect(try await test.send("GET", "/v1/documents/n").text.contains(#""base64":"AG5vdCBKU09O""#))
        }
    }

    @Test("an idempotency key gives the first answer again, and says so")
    func idempotency() async throws {
        try await TestDaemon.with { test in
            let key = [("Idempotency-Key", "once")]
            let first = try await test.send("PUT", "/v1/documents/n/k", key, body: "1")
            let again = try await test.send("PUT", "/v1/documents/n/k", key, body: "1")
            #expect(again["etag"] == first["etag"])
            #expect(first["holdfast-replay"] == nil)
            #expect(again["holdfast-replay"] == "true")
        }
    }

    @Test("a large page is sent in chunks, and is the same as its parts")
    func chunks() async throws {
        try await TestDaemon.with { test in
            let value = "\"\(String(repeating: "x", count: 50_000))\""
            for number in 0..<20 {
                try await test.store.documents("n").put(.json(Bytes(value)), at: "k\(number)")
            }
            let page = try await test.send("GET", "/v1/documents/n?limit=20")
            #expect(page.isChunked)
            #expect(page.text.components(value) == 20)
            #expect(page.text.hasPrefix(#"{"data":[{"key":"k0","version":""#))
            #expect(page.text.hasSuffix(#""}],"next":null}"#) || page.text.contains(#"],"next":""#))
        }
    }
}

extension String {
    /// How often another text stands in this one.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
