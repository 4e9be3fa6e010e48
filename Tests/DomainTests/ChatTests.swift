import Holdfast
import HoldfastModel
import Testing

@Suite("Chats on every backend") struct ChatTests {
    static let odd = ["", "a", "a/b", "a#b", "a%2Fb", "..", "a_b", "a%", "😀 ä", "a0"]

    @Test("names are data: no chat is seen through the name of another", arguments: DomainBackend.there)
    func names(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let chats = store.chats()
            for user in Self.odd {
                for session in ["s", "s#x", "s/x"] {
                    let chat = Chat(user: user, session: session, agent: user)
                    try await chats.append(Bytes("\"\(session)\""), to: chat)
                }
            }
            let users = try await chats.users()
            #expect(Set(users.map(\.name)) == Set(Self.odd))
            #expect(users.allSatisfy { $0.chatCount == 3 && $0.messageCount == 3 })
            for user in Self.odd {
                let sessions = try await chats.sessions(of: user)
                // In the order of their keys, in which a name ends with `/`.
                #expect(sessions.map(\.name) == ["s#x", "s/x", "s"])
                let merged = try await chats.messages(ofSession: "s", of: user)
                #expect(merged.map(\.json) == ["\"s\""])
                #expect(merged.map(\.chat) == [Chat(user: user, session: "s", agent: user)])
                #expect(try await chats.agents(of: user, session: "s").map(\.name) == [user])
            }
        }
    }

    @Test("users, sessions and agents come in pages, with counts", arguments: DomainBackend.there)
    func listing(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let chats = store.chats()
            for user in ["u", "u0", "u1", "v"] {
                for session in ["s", "s1", "t"] {
                    for agent in ["a", "b"] where !(user == "v" && agent == "b") {
                        try await chats.append(
                            ["1", "2"], to: Chat(user: user, session: session, agent: agent))
                    }
                }
            }
            for limit in [1, 2, 3, 10] {
                var names: [String] = []
                var cursor: Cursor?
                repeat {
                    let page = try await chats.users(limit: limit, after: cursor)
                    #expect(page.count <= limit)
                    names += page.map(\.name)
                    cursor = page.next
                } while cursor != nil
                #expect(names == ["u", "u0", "u1", "v"])
            }
            let first = try #require(try await chats.users().first)
            #expect(first.chatCount == 6 && first.messageCount == 12)
            #expect(first.firstMessageAt ?? Timestamp(unixMilliseconds: 0) <= first.lastMessageAt ?? .max)
            #expect(try await chats.users(prefix: "u").map(\.name) == ["u", "u0", "u1"])
            let page = try await chats.sessions(of: "u", limit: 2)
            #expect(page.map(\.name) == ["s", "s1"])
            let rest = try await chats.sessions(of: "u", limit: 2, after: page.next)
            #expect(rest.map(\.name) == ["t"])
            #expect(try await chats.sessions(of: "u", prefix: "s").map(\.messageCount) == [4, 4])
            let agents = try await chats.agents(of: "v", session: "s", limit: 1)
            #expect(agents.map(\.name) == ["a"])
            #expect(try await chats.users(limit: 0).isEmpty)
            #expect(try await chats.sessions(of: "nobody").isEmpty)
            let error = await #expect(throws: HoldfastError.self) { try await chats.users(limit: -1) }
            #expect(error?.code == .invalid)
        }
    }

    @Test("all agents of a session have one order, in pages both ways", arguments: DomainBackend.there)
    func merged(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let chats = store.chats()
            let agents = ["a", "b", "c"]
            for turn in 0..<12 {
                try await chats.append(
                    Bytes("\(turn)"), to: Chat(user: "u", session: "s", agent: agents[turn * 7 % 3]))
            }
            let all = (0..<12).map { Bytes("\($0)") }
            func read(_ order: ListRange.Order) async throws -> [[Bytes]] {
                var pages: [[Bytes]] = []
                var cursor: Cursor?
                repeat {
                    let page = try await chats.messages(
                        ofSession: "s", of: "u", order, limit: 5, after: cursor)
                    pages.append(page.map(\.json))
                    cursor = page.next
                } while cursor != nil
                return pages
            }
            #expect(try await read(.ascending).flatMap(\.self) == all)
            #expect(try await read(.descending).flatMap(\.self) == all.reversed())
            #expect(try await read(.latest) == [Array(all[7...]), Array(all[2..<7]), Array(all[..<2])])
            var streamed: [Bytes] = []
            for try await message in chats.stream(ofSession: "s", of: "u") { streamed.append(message.json) }
            #expect(streamed == all)
        }
    }

    @Test("edit, remove, pop, fork, trim and replace work on one chat", arguments: DomainBackend.there)
    func changes(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let chats = store.chats()
            let chat = Chat(user: "u", session: "s", agent: "a")
            let other = Chat(user: "u", session: "t", agent: "a")
            let ids = try await chats.append(["1", "2", "3", "4"], to: chat).stored
            try await chats.edit(ids[0], of: chat, to: "11")
            try await chats.remove(ids[1], from: chat)
            #expect(try await chats.pop(chat)?.json == "4")
            try await chats.fork(chat, to: other)
            try await chats.replaceSuffix(["3"], of: other, with: ["5", "6"])
            #expect(try await chats.history(of: chat).map(\.json) == ["11", "3"])
            #expect(try await chats.history(of: other, limit: 2).map(\.json) == ["5", "6"])
            #expect(try await chats.trim(other, to: Trimming(to: .exact(1), .archive)) == 2)
            #expect(try await chats.archivedMessages(of: other).map(\.json) == ["11", "5"])
            let page = try await chats.messages(of: chat, ListRange(.descending, limit: 1))
            #expect(page.map(\.json) == ["3"])
            try await chats.clear(chat)
            #expect(try await chats.history(of: chat).isEmpty)
            let error = await #expect(throws: HoldfastError.self) {
                try await chats.edit(ids[0], of: chat, to: "1")
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test("a chat or a session goes whole, and nothing else does", arguments: DomainBackend.there)
    func deletion(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let chats = store.chats()
            let policy = AppendPolicy(trimming: Trimming(to: .exact(1), .archive))
            for session in ["s", "s/1", "t"] {
                for agent in ["a", "b"] {
                    let chat = Chat(user: "u", session: session, agent: agent)
                    try await chats.append(["1", "2"], to: chat, policy: policy)
                    _ = try await chats.pop(chat, WriteOptions(idempotencyKey: "k"))
                    try await chats.append("3", to: chat)
                }
            }
            try await chats.delete(Chat(user: "u", session: "t", agent: "b"))
            #expect(try await chats.agents(of: "u", session: "t").map(\.name) == ["a"])
            let erased = try await chats.delete(session: "s", of: "u")
            #expect(erased == ErasedCount(documentCount: 2, itemCount: 4))
            #expect(try await chats.sessions(of: "u").map(\.name) == ["s/1", "t"])
            let gone = Chat(user: "u", session: "s", agent: "a")
            #expect(try await chats.archivedMessages(of: gone).isEmpty)
            #expect(try await chats.pop(gone, WriteOptions(idempotencyKey: "k")) == nil)
            #expect(try await chats.delete(session: "s", of: "u").isZero)
        }
    }
}

extension Timestamp {
    static let max = Timestamp(unixMilliseconds: .max)
}
