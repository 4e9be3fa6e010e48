import Holdfast
import HoldfastSupport
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("Following over HTTP") struct FollowRoutesTests {
    /// The data of so many events; comments are left out.
    private static func events(
        _ test: TestDaemon, _ target: String, after last: String? = nil, count: Int,
        opened: @escaping @Sendable () -> Void = {}
    ) async throws -> [ServerEvent] {
        var events: [ServerEvent] = []
        _ = try await EventReader.read(test.address, target, after: last, opened: opened) { event in
            if !event.data.isEmpty { events.append(event) }
            return events.count == count ? .enough : .more
        }
        return events
    }

    private static func fill(_ test: TestDaemon, _ numbers: Range<Int>) async throws -> [Version] {
        try await test.store.conversations().append(numbers.map { Bytes("{\"n\":\($0)}") }, to: "s").versions
    }

    @Test("events are the messages with their ids; a client that comes back goes on after the last it has")
    func resumed() async throws {
        try await TestDaemon.with { test in
            let ids = try await Self.fill(test, 0..<3)
            let events = try await Self.events(test, "/v1/sessions/s/follow", count: 3)
            let hex = ids.map { $0.description.filter { $0 != "-" } }
            #expect(events.map(\.id) == hex)
            #expect(events[1].data.hasPrefix("{\"id\":\"\(hex[1])\",\"version\":\"\(hex[1])\",\"time\":\""))
            #expect(events[1].data.hasSuffix("\"value\":{\"n\":1}}"))
            let fourth = try await Self.fill(test, 3..<5)[0]
            let rest = try await Self.events(test, "/v1/sessions/s/follow", after: hex[2], count: 2)
            #expect(rest.map(\.data).allSatisfy { $0.contains("\"n\":3") || $0.contains("\"n\":4") })
            let list = "/v1/lists/conversations/s/follow?after=\(fourth)"
            #expect(try await Self.events(test, list, count: 1)[0].data.contains("\"n\":4"))
            // The header is newer than the address, which stays the same.
            #expect(try await Self.events(test, list, after: hex[0], count: 4).count == 4)
        }
    }

    @Test("latest leaves out what is there, and nothing that is appended once the answer has begun")
    func latest() async throws {
        try await TestDaemon.with { test in
            _ = try await Self.fill(test, 0..<3)
            let store = test.store
            let events = try await Self.events(
                test, "/v1/sessions/s/follow?after=latest", count: 1,
                opened: { Task { try await store.conversations().append("{\"n\":9}", to: "s") } })
            #expect(events[0].data.contains("\"n\":9"))
        }
    }

    @Test("who begins at the latest and is cut off before anything comes, comes back for what came meanwhile")
    func latestBookmark() async throws {
        try await TestDaemon.with { test in
            for count in [0, 2] {
                if count > 0 { _ = try await Self.fill(test, 0..<count) }
                var place = ""
                _ = try await EventReader.read(test.address, "/v1/sessions/s/follow?after=latest") { event in
                    place = event.id
                    #expect(event.data.isEmpty)
                    return .enough
                }
                _ = try await Self.fill(test, 7..<8)
                let events = try await Self.events(
                    test, "/v1/sessions/s/follow?after=latest", after: place, count: 1)
                #expect(events[0].data.contains("\"n\":7"))
            }
        }
    }

    @Test("line breaks between the tokens of stored JSON are line breaks of the event")
    func lines() async throws {
        try await TestDaemon.with { test in
            try await test.store.conversations().append("{\n  \"a\": \"b\\n\",\r\n\r  \"c\": 1\n}", to: "s")
            let events = try await Self.events(test, "/v1/sessions/s/follow", count: 1)
            #expect(events[0].data.hasSuffix("\"value\":{\n  \"a\": \"b\\n\",\n\n\n  \"c\": 1\n}}"))
        }
    }

    @Test("a daemon that stops ends its streams, and says when to come back")
    func drain() async throws {
        let begun = AsyncStream<Void>.makeStream()
        let reader = try await TestDaemon.with { test in
            _ = try await Self.fill(test, 0..<1)
            let address = test.address
            let reader = Task {
                try await EventReader.read(address, "/v1/sessions/s/follow") { event in
                    if !event.data.isEmpty { begun.continuation.yield() }
                    return .more
                }
            }
            for await _ in begun.stream { break }
            return reader
        }
        #expect(try await reader.value == 200)
    }

    @Test("a client hears that the daemon is there")
    func heartbeat() async throws {
        var settings = ServerSettings()
        settings.heartbeat = .milliseconds(10)
        try await TestDaemon.with(settings: settings) { test in
            var comments = 0
            _ = try await EventReader.read(test.address, "/v1/sessions/s/follow") { _ in
                comments += 1
                return comments == 3 ? .enough : .more
            }
            #expect(comments == 3)
        }
    }

    @Test("one stream too many is refused")
    func limit() async throws {
        var settings = ServerSettings()
        settings.followerCountMax = 1
        try await TestDaemon.with(settings: settings) { test in
            var held = test.store.lists("x").follow("x").makeAsyncIterator()
            let seat = try held.sit()
            let refused = try await EventReader.read(test.address, "/v1/sessions/s/follow") { _ in .more }
            #expect(refused == 429)
            let answer = try await test.send("GET", "/v1/sessions/s/follow")
            #expect(answer.headers.filter { $0.name == "retry-after" }.map(\.value) == ["5"])
            #expect(answer.text.contains(#""retryAfter":5"#), "\(answer.text)")
            seat.stop()
        }
    }

    @Test("a wrong bookmark or namespace is refused before the stream begins")
    func refusals() async throws {
        try await TestDaemon.with { test in
            let header = try await test.send("GET", "/v1/sessions/s/follow", [("Last-Event-ID", "x")])
            #expect(header.status == 400)
            for target in ["/v1/sessions/s/follow?after=x", "/v1/lists/~holdfast/s/follow"] {
                let answer = try await test.send("GET", target)
                #expect(answer.status == 400)
            }
            let head = try await test.send("HEAD", "/v1/runs/r/events/follow")
            #expect(head.status == 200)
        }
    }
}
