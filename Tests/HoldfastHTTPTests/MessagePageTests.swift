import Holdfast
import HoldfastModel
import HoldfastTestSupport
import NIOCore
import Testing

@testable import HoldfastHTTP

@Suite("The text of a page of messages") struct MessagePageTests {
    /// What any JSON is written with, for the same page.
    private static func expected(_ messages: [Message], next: Version?) -> String {
        var body = JSONBody()
        body.object { body in
            body.name("data")
            body.array { body in for message in messages { body.value(message) } }
            body.name("next")
            if let next { body.value(hex: next) } else { body.null() }
        }
        return String(buffer: body.buffer)
    }

    @Test("a page is the text that its parts are, edited messages and a next page included")
    func sameText() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let store = try await TestDaemon.memory(in: directory)
        let conversations = store.conversations()
        let values = ["{ \"a\":1.0 }", "1", "\"\u{1F600}\"", "[]"].map { Bytes($0) }
        let ids = try await conversations.append(values, to: "s").versions
        try await conversations.edit(ids[1], of: "s", to: "{\"edited\":true}")
        for range in [ListRange(limit: 3), ListRange(.ascending, limit: 4), ListRange(limit: 9)] {
            let page = try await conversations.messages(of: "s", range)
            let next = page.next?.after ?? page.next?.before
            let text = try #require(MessagePage(page.elements, next: next))
            #expect(String(buffer: text.buffer) == Self.expected(page.elements, next: next))
            guard case .buffer(let buffer) = Reply.messages(page).body else {
                Issue.record("a page that fits is sent in parts")
                continue
            }
            #expect(buffer == text.buffer)
        }
        let none = try #require(MessagePage([], next: nil))
        #expect(String(buffer: none.buffer) == #"{"data":[],"next":null}"#)
        await store.close()
    }

    @Test("a page that is long, or holds what is no JSON, is left to who writes any page")
    func leftOver() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let store = try await TestDaemon.memory(in: directory)
        let conversations = store.conversations()
        let long = Bytes("\"\(String(repeating: "x", count: Reply.wholeByteCountMax))\"")
        try await conversations.append(long, to: "long")
        let longPage = try await conversations.messages(of: "long", ListRange())
        #expect(MessagePage(longPage.elements, next: nil) == nil)
        guard case .stream = Reply.messages(longPage).body else {
            Issue.record("a long page is in memory whole")
            return
        }
        try await conversations.lists.append(.bytes("\0"), to: "bytes")
        let bytesPage = try await conversations.messages(of: "bytes", ListRange())
        #expect(MessagePage(bytesPage.elements, next: nil) == nil)
        await store.close()
    }

    @Test("words are the text that is written character by character")
    func words() {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var state = seed
        var times = TimeWords()
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let version = Version(high: state, low: state &* 0x9E37_79B9_7F4A_7C15)
            var hex: [UInt8] = []
            hex.append(hex: version)
            #expect(Self.text(of: version.hexWords.indices.map { version.hexWords[$0] }) == hex)
            let range = TimeWords.milliseconds
            let edges = [range.lowerBound, range.upperBound - 1, 951_782_400_000, 951_868_799_999]
            for milliseconds in [Int64(state >> 16) % range.upperBound] + edges {
                let time = Timestamp(unixMilliseconds: milliseconds)
                var text: [UInt8] = []
                text.append(time: time)
                let words = times.words(of: time)
                #expect(Self.text(of: words.indices.map { words[$0] }) == text)
            }
        }
    }

    private static func text(of words: [UInt64]) -> [UInt8] {
        words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }
    }
}
