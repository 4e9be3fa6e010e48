import Holdfast
import HoldfastModel
import Testing

@Suite("Conversations") struct ConversationsTests {
    let clock = ManualClock()
    let backend: MemoryBackend
    let store: HistoryStore
    var conversations: Conversations { store.conversations() }

    init() {
        backend = MemoryBackend(clock: clock)
        store = HistoryStore(backend: backend, clock: clock)
    }

    @Test("messages come back byte for byte, oldest first, with ids and times")
    func history() async throws {
        let user: Bytes = #"{ "role":"user", "content":"h\u00e9llo \ud83d", "n":1.0 }"#
        let first = try await conversations.append(user, to: "s")
        clock.advance(by: .seconds(1))
        let others = try await conversations.append([#"{"role":"assistant"}"#, "[]"], to: "s")
        let history = try await conversations.history(of: "s")
        #expect(history.map(\.json) == [user, #"{"role":"assistant"}"#, "[]"])
        #expect(history.map(\.id) == first.versions + others.versions)
        #expect(history[0].time == first.time)
        #expect(history[1].time > history[0].time)
        #expect(history[0].editedAt == nil)
    }

    @Test("the latest n messages, and those before them")
    func latest() async throws {
        try await conversations.append((0..<10).map { Bytes("\($0)") }, to: "s")
        let page = try await conversations.history(of: "s", limit: 3)
        #expect(page.map(\.json) == ["7", "8", "9"])
        let earlier = try await conversations.history(of: "s", limit: 2, before: page[0].id)
        #expect(earlier.map(\.json) == ["5", "6"])
        let following = try await conversations.messages(of: "s", try #require(page.next))
        #expect(following.map(\.json) == ["4", "5", "6"])
        #expect(try await conversations.history(of: "s", limit: 0).isEmpty)
        let error = await #expect(throws: HoldfastError.self) {
            try await conversations.history(of: "s", limit: -1)
        }
        #expect(error?.code == .invalid)
    }

    @Test(
        "what is not JSON is refused, and nothing of the request is stored",
        arguments: ["", "{", "hello", "1 2"])
    func notJSON(text: String) async throws {
        let error = await #expect(throws: HoldfastError.self) {
            try await conversations.append(["1", Bytes(text)], to: "s")
        }
        #expect(error?.code == .invalid)
        #expect(try await conversations.history(of: "s").isEmpty)
    }

    @Test("one message is edited or removed, the others stay")
    func editAndRemove() async throws {
        let ids = try await conversations.append(["1", "2", "3"], to: "s").versions
        try await conversations.edit(ids[1], of: "s", to: "22")
        try await conversations.remove(ids[0], from: "s")
        let history = try await conversations.history(of: "s")
        #expect(history.map(\.json) == ["22", "3"])
        #expect(history[0].editedAt != nil)
        let error = await #expect(throws: HoldfastError.self) {
            try await conversations.edit(ids[0], of: "s", to: "1")
        }
        #expect(error?.code == .notFound)
    }

    @Test("clear leaves the document of the session, delete takes it along")
    func clearAndDelete() async throws {
        let documents = store.documents(Conversations.standardNamespace)
        try await documents.put(.json(#"{"title":"trip"}"#), at: "s")
        try await conversations.append("1", to: "s")
        try await conversations.append("1", to: "s2")
        try await conversations.clear("s")
        #expect(try await conversations.history(of: "s").isEmpty)
        #expect(try await documents.get("s").bytes == #"{"title":"trip"}"#)
        try await conversations.append("2", to: "s")
        #expect(try await conversations.history(of: "s").map(\.json) == ["2"])
        try await conversations.delete("s")
        #expect(try await conversations.history(of: "s").isEmpty)
        let error = await #expect(throws: HoldfastError.self) { try await documents.get("s") }
        #expect(error?.code == .notFound)
        #expect(try await conversations.history(of: "s2").count == 1)
    }

    @Test("sessions are listed with their counts and times")
    func sessions() async throws {
        try await conversations.append(["1", "2"], to: "b")
        clock.advance(by: .seconds(5))
        try await conversations.append("1", to: "a")
        try await conversations.append("3", to: "b")
        try await store.documents(Conversations.standardNamespace).put(.json("1"), at: "c")
        let page = try await conversations.sessions()
        #expect(page.map(\.id) == ["a", "b"])
        #expect(page.map(\.messageCount) == [1, 3])
        let now = Timestamp(unixMilliseconds: clock.unixMilliseconds)
        #expect(page[1].lastMessageAt == now)
        #expect(page[1].firstMessageAt == Timestamp(unixMilliseconds: clock.unixMilliseconds - 5000))
        #expect(page.next == nil)
        #expect(try await conversations.session("b").messageCount == 3)
        #expect(try await conversations.session("nobody").lastMessageAt == nil)
    }

    @Test("one session is not mixed up with those whose names begin like it")
    func similarNames() async throws {
        try await conversations.append(["1", "2"], to: "s1")
        #expect(try await conversations.session("s").messageCount == 0)
        try await conversations.append("1", to: "s")
        #expect(try await conversations.session("s").messageCount == 1)
        #expect(try await conversations.session("s1").messageCount == 2)
    }

    @Test("pages of sessions join up", arguments: [1, 2, 3, 7, 100])
    func sessionPages(limit: Int) async throws {
        for number in 0..<7 {
            try await conversations.append((0...number).map { Bytes("\($0)") }, to: "p/\(number)")
        }
        try await conversations.append("1", to: "q")
        var seen: [Session] = []
        var cursor: Cursor?
        repeat {
            let page = try await conversations.sessions(prefix: "p/", limit: limit, after: cursor)
            #expect(page.count <= limit)
            seen += page
            cursor = page.next
        } while cursor != nil
        #expect(seen.map(\.id) == (0..<7).map { "p/\($0)" })
        #expect(seen.map(\.messageCount) == Array(1...7))
        #expect(try await conversations.sessions(limit: 0).isEmpty)
    }

    @Test("a session longer than a page of the scan is counted whole")
    func longSession() async throws {
        try await conversations.append((0..<10_000).map { Bytes("\($0)") }, to: "long")
        try await conversations.append("1", to: "long")
        try await conversations.append("1", to: "longer")
        #expect(try await conversations.sessions().map(\.messageCount) == [10_001, 1])
    }

    @Test("a whole conversation is streamed")
    func stream() async throws {
        try await conversations.append((0..<1200).map { Bytes("\($0)") }, to: "s")
        var count = 0
        for try await message in conversations.stream(of: "s") {
            #expect(message.json == Bytes("\(count)"))
            count += 1
        }
        #expect(count == 1200)
    }

    @Test("a retry with the same idempotency key stores the message once")
    func idempotency() async throws {
        let options = WriteOptions(idempotencyKey: "m-1")
        let first = try await conversations.append("1", to: "s", options)
        let second = try await conversations.append("1", to: "s", options)
        #expect(second.isReplay && second.id == first.id)
        #expect(try await conversations.history(of: "s").count == 1)
    }
}
