import Holdfast
import HoldfastSupport
import Testing

@testable import HoldfastHTTP

@Suite("Batches, queries, namespaces and locks over HTTP") struct GenericRoutesTests {
    @Test("a batch takes place as a whole, or not at all")
    func batches() async throws {
        try await TestDaemon.with { test in
            let steps = #"""
                {"steps":[
                  {"op":"put","namespace":"d","key":"a","value":{"x": 1.0},"ifAbsent":true},
                  {"op":"put","namespace":"d","key":"b","base64":"AAE="},
                  {"op":"append","namespace":"l","key":"k","values":[1, 2.0],"ifEmpty":true},
                  {"op":"append","namespace":"l","key":"k","value":[3]}]}
                """#
            let done = try await test.send("POST", "/v1/batch", body: steps)
            #expect(done.status == 200, "\(done.text)")
            let results = try JSONNode(done.body)["results"]?.elements.map(\.elements.count)
            #expect(results == [1, 1, 2, 1])
            #expect(try await test.store.documents("d").get("a").bytes == #"{"x": 1.0}"#)
            #expect(try await test.store.documents("d").get("b").bytes.array == [0, 1])
            #expect(try await test.store.lists("l").page(of: "k").map(\.bytes) == ["1", "2.0", "[3]"])
            let again = try await test.send("POST", "/v1/batch", body: steps)
            #expect(again.status == 409)
            #expect(try await test.store.lists("l").page(of: "k").count == 3)
            let id = try #require(try JSONNode(done.body)["results"]?.elements[3].elements[0].string)
            let more = try await test.send(
                "POST", "/v1/batch",
                body: #"""
                    {"steps":[{"op":"checkLast","namespace":"l","key":"k","ifLast":"\#(id)"},
                    {"op":"edit","namespace":"l","key":"k","id":"\#(id)","value":4},
                    {"op":"delete","namespace":"d","key":"b"},{"op":"trim","namespace":"l","key":"other","upTo":"\#(id)"}]}
                    """#)
            #expect(more.status == 200, "\(more.text)")
            #expect(try await test.store.lists("l").page(of: "k").map(\.bytes) == ["1", "2.0", "4"])
        }
    }

    @Test(
        "a batch that is not right is refused, and says which member of which step",
        arguments: [
            ("", "steps of the body is missing"), ("[1]", "the body is array, expected an object"),
            (#"{"stepz":[]}"#, #"unknown member \"stepz\", did you mean \"steps\"?"#),
            (#"{"steps":[]}"#, "has no steps"), (#"{"steps":[1]}"#, "step 1 is number, expected an object"),
            (#"{"steps":[{"op":"putt","namespace":"n","key":"k"}]}"#, #"op of step 1 is \"putt\""#),
            (#"{"steps":[{"op":"put","namespace":"n","key":"k"}]}"#, "neither value nor base64"),
            (#"{"steps":[{"op":"put","namespace":7,"key":"k","value":1}]}"#, "expected a string"),
            (#"{"steps":[{"op":"put","key":"k","value":1}]}"#, "namespace of step 1 is missing"),
            (#"{"steps":[{"op":"put","namespace":"~locks","key":"k","value":1}]}"#, "is reserved"),
            (#"{"steps":[{"op":"remove","namespace":"n","key":"k","id":"7"}]}"#, "32 hexadecimal digits"),
            (#"{"steps":[{"op":"check","namespace":"n","key":"k"}]}"#, "checks nothing"),
            (#"{"steps":[{"op":"put","namespace":"n","key":"k","base64":"A"}]}"#, "is not base64"),
            (#"{"steps":[{"op":"put","namespace":"n","key":"k","value":1,"ttl":"1"}]}"#, "number of seconds"),
            (#"{"steps":"#, "the body is not JSON"),
        ])
    func wrongBatches(body: String, detail: String) async throws {
        try await TestDaemon.with { test in
            let answer = try await test.send("POST", "/v1/batch", body: body)
            #expect(answer.status == 400)
            #expect(answer.text.contains(detail), "\(answer.text)")
        }
    }

    @Test("queries page, count and group")
    func queries() async throws {
        try await TestDaemon.with { test in
            for number in 0..<7 {
                try await test.store.documents("d").put(
                    .json(Bytes(#"{"n":\#(number),"odd":\#(number % 2 == 1)}"#)), at: "k\(number)")
            }
            let question =
                #"{"where":{"eq":["/odd",true]},"order":[{"by":"/n","descending":true}],"limit":2,"answer":"keys""#
            let first = try JSONNode(try await test.send("POST", "/v1/query/d", body: "\(question)}").body)
            #expect(first["data"]?.elements.compactMap { $0["key"]?.string } == ["k5", "k3"])
            let cursor = try #require(first["next"]?.string)
            let second = try JSONNode(
                try await test.send("POST", "/v1/query/d", body: "\(question),\"cursor\":\"\(cursor)\"}").body
            )
            #expect(second["data"]?.elements.compactMap { $0["key"]?.string } == ["k1"])
            let count = try await test.send("POST", "/v1/query/d", body: #"{"answer":"count"}"#)
            #expect(count.text == #"{"count":7}"#)
            let groups = try await test.send(
                "POST", "/v1/query/d",
                body: #"{"answer":{"by":["/odd","/none"],"aggregates":[{"max":"/n"}]}}"#)
            #expect(
                groups.text
                    == #"{"groups":[{"by":[[false],[]],"count":4,"figures":[6]},{"by":[[true],[]],"count":3,"figures":[5]}]}"#
            )
            let wrong = try await test.send("POST", "/v1/query/d", body: #"{"where":{"eqq":["/a",1]}}"#)
            #expect(wrong.status == 400)
        }
    }

    @Test("several documents are read at once, null for what is not there")
    func several() async throws {
        try await TestDaemon.with { test in
            try await test.store.documents("d").put(.json("1"), at: "a/b")
            let answer = try await test.send("GET", "/v1/documents/d?key=none&key=a%2Fb")
            #expect(answer.text.hasPrefix(#"{"data":[null,{"key":"a/b","version":""#), "\(answer.text)")
        }
    }

    @Test("namespaces are those that hold something, in order, page by page")
    func namespaces() async throws {
        try await TestDaemon.with { test in
            for name in ["b", "a", "a/x", "ä", "c"] {
                try await test.store.documents(name).put(.json("1"), at: "k\u{1}")
                try await test.store.lists(name).append((0..<5).map { .json(Bytes("\($0)")) }, to: "l")
            }
            try await test.store.documents("c").delete("k\u{1}")
            try await test.store.lists("c").clear("l")
            let lock = try await test.store.lock("x")
            func names(_ query: String) async throws -> ([String], String?) {
                let page = try JSONNode(try await test.send("GET", "/v1/namespaces\(query)").body)
                return (
                    page["data"]?.elements.compactMap { $0["namespace"]?.string } ?? [], page["next"]?.string
                )
            }
            #expect(try await names("").0 == ["a", "a/x", "b", "ä"])
            #expect(try await names("?prefix=a").0 == ["a", "a/x"])
            #expect(try await names("?prefix=a%2F").0 == ["a/x"])
            let first = try await names("?limit=2")
            #expect(first.0 == ["a", "a/x"])
            #expect(try await names("?limit=2&cursor=\(PercentText.encode(first.1 ?? ""))").0 == ["b", "ä"])
            try await lock.unlock()
        }
    }

    @Test("a lock is taken, carried by writes, renewed and given back")
    func locks() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/locks/a%2Fb"
            let taken = try await test.send("POST", target, body: #"{"owner":"me","lease":60}"#)
            #expect(taken.status == 200, "\(taken.text)")
            let lock = try JSONNode(taken.body)
            let fence = try #require(lock["fence"]?.integer)
            let header = try #require(lock["header"]?.string)
            #expect(header == "a%2Fb;\(fence)")
            let held = try await test.send("POST", target)
            #expect(held.status == 409)
            #expect(held.text.contains("held by me"))
            let fenced = [("Holdfast-Fence", header)]
            #expect(try await test.send("PUT", "/v1/documents/n/k", fenced, body: "1").status == 200)
            #expect(try await test.send("PUT", "\(target)?fence=\(fence)").status == 200)
            #expect(try await test.send("PUT", "\(target)?fence=1").status == 409)
            let seen = try await test.send("GET", "/v1/locks")
            #expect(seen.text.contains(#""owner":"me","lease":60,"#), "\(seen.text)")
            #expect(try await test.send("DELETE", "\(target)?fence=\(fence)").status == 200)
            #expect(try await test.send("PUT", "/v1/documents/n/k", fenced, body: "2").status == 409)
            #expect(try await test.send("PUT", "/v1/documents/n/k", [("Holdfast-Fence", "x")]).status == 400)
        }
    }
}
