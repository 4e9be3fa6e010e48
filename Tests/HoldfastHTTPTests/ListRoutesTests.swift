import Holdfast
import HoldfastSupport
import Testing

@testable import HoldfastHTTP

@Suite("Lists over HTTP") struct ListRoutesTests {
    private func ids(_ answer: HTTPAnswer) throws -> [String] {
        try JSONNode(answer.body)["ids"]?.elements.compactMap(\.string) ?? []
    }

    @Test("what was appended comes back byte for byte, in pages both ways")
    func pages() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/lists/n/a%2Fb"
            let first = try await test.send("POST", target, body: #"[{"n":1.0}, "\ud800",  [2]]"#)
            #expect(first.status == 200)
            let one = try await test.send("POST", target, body: #" {"z":1,"z":2} "#)
            let ids = try self.ids(first) + self.ids(one)
            #expect(ids.count == 4)
            let page = try JSONNode(try await test.send("GET", target).body)
            let values = page["data"]?.elements.compactMap { $0["value"].map { Array($0.bytes) } }
            #expect(values == [#"{"n":1.0}"#, #""\ud800""#, "[2]", #"{"z":1,"z":2}"#].map { Array($0.utf8) })
            #expect(page["data"]?.elements.compactMap { $0["id"]?.string } == ids)
            #expect(page["next"]?.isNull == true)
            var seen: [String] = []
            var next: String? = ""
            while let cursor = next {
                let part = try JSONNode(
                    try await test.send("GET", "\(target)?order=ascending&limit=3\(cursor)").body)
                seen += part["data"]?.elements.compactMap { $0["id"]?.string } ?? []
                next = part["next"]?.string.map { "&cursor=\($0)" }
            }
            #expect(seen == ids)
            let latest = try JSONNode(try await test.send("GET", "\(target)?limit=2").body)
            #expect(latest["data"]?.elements.compactMap { $0["id"]?.string } == Array(ids.suffix(2)))
            let empty = try await test.send("GET", "/v1/lists/n/nothing")
            #expect(empty.text == #"{"data":[],"next":null}"#)
        }
    }

    @Test("an append takes place only at the end that was expected")
    func conditions() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/lists/n/k"
            let first = try await test.send("POST", target, [("If-None-Match", "*")], body: "1")
            #expect(first.status == 200)
            #expect(try await test.send("POST", target, [("If-None-Match", "*")], body: "1").status == 412)
            let tag = try #require(first["etag"])
            let page = try #require(try await test.send("GET", target)["etag"])
            #expect(page.hasPrefix(String(tag.dropLast())))
            #expect(try await test.send("GET", target, [("If-None-Match", page)]).status == 304)
            #expect(try await test.send("POST", target, [("If-Match", page)], body: "2").status == 200)
            let late = try await test.send("POST", target, [("If-Match", tag)], body: "3")
            #expect(late.status == 412)
            #expect(try await test.store.lists("n").page(of: "k").map(\.bytes) == ["1", "2"])
        }
    }

    @Test("a page has another tag when an item of it is edited, or gone, though the last is the same")
    func tags() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/lists/n/k"
            let ids = try await test.store.lists("n").append([.json("1"), .json("2"), .json("3")], to: "k")
                .versions
            var tags: Set<String> = []
            func look() async throws {
                let tag = try #require(try await test.send("GET", target)["etag"])
                #expect(tags.insert(tag).inserted)
                #expect(
                    try await test.send("GET", target, [("If-None-Match", "\"x\", W/\(tag)")]).status == 304)
            }
            try await look()
            try await test.store.lists("n").edit(ids[0], in: "k", to: .json("9"))
            try await look()
            try await test.store.lists("n").remove(ids[1], from: "k")
            try await look()
            let tag = try #require(tags.first)
            #expect(try await test.send("POST", target, [("If-Match", tag)], body: "4").status == 200)
            #expect(try await test.send("POST", target, [("If-Match", tag)], body: "5").status == 412)
        }
    }

    @Test("items are read, edited and removed; lists are trimmed, replaced and cleared")
    func changes() async throws {
        try await TestDaemon.with { test in
            let target = "/v1/lists/n/k"
            let ids = try self.ids(try await test.send("POST", target, body: "[1,2,3,4]"))
            let item = "\(target)/items/\(ids[1])"
            let edited = try await test.send("PUT", item, body: " 22")
            #expect(edited.status == 200)
            let read = try await test.send("GET", item)
            #expect(read.text == " 22")
            #expect(read["holdfast-edited-at"] != nil)
            #expect(try await test.send("DELETE", "\(target)/items/\(ids[2])").status == 200)
            #expect(try await test.send("GET", "\(target)/items/\(ids[2])").status == 404)
            #expect(try await test.send("GET", "\(target)/items/7").status == 400)
            #expect(try await test.send("POST", "\(target)/trim?count=2").status == 200)
            #expect(try await test.send("POST", "\(target)/trim").status == 400)
            #expect(try await test.store.lists("n").page(of: "k").map(\.bytes) == [" 22", "4"])
            #expect(try await test.send("PUT", target, body: "[7]").status == 200)
            #expect(try await test.send("PUT", target, body: "7").status == 400)
            #expect(try await test.store.lists("n").page(of: "k").map(\.bytes) == ["7"])
            let sums = try await test.send("GET", "/v1/lists/n")
            #expect(sums.text.hasPrefix(#"{"data":[{"key":"k","count":1,"firstId":""#))
            #expect(try await test.send("DELETE", target).status == 200)
            #expect(try await test.store.lists("n").page(of: "k").isEmpty)
        }
    }

    @Test("what has a time to live goes by itself")
    func expiry() async throws {
        try await TestDaemon.with { test in
            _ = try await test.send("POST", "/v1/lists/n/k?ttl=3600", body: "1")
            let page = try await test.send("GET", "/v1/lists/n/k")
            #expect(page.text.contains(#""expiresAt":"20"#))
            #expect(try await test.send("POST", "/v1/lists/n/k?ttl=-1", body: "1").status == 400)
        }
    }
}
