import Holdfast
import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

@Suite("Erasure of a user, in every family") struct ErasureFamilyTests {
    private static let here: [DomainBackend] = [.memory, .sqlite]

    @Test(
        "nothing of a user is left in a raw scan, and others keep every byte", arguments: DomainBackend.there)
    func nothingIsLeft(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, BlobDomainTests.environment) { store in
            for user in ["eve", "adam"] { try await UserThings.leave(user, in: store) }
            let before = try await UserThings.account(of: "adam", in: store)
            #expect(before.count > 20)
            let receipt = try await store.erase(user: "eve")
            #expect(
                receipt.families.map(\.name) == [
                    "chats", "conversations", "openai-conversations", "agents", "runs", "threads",
                ])
            #expect(
                receipt.families.map(\.erased) == [
                    ErasedCount(itemCount: 4), ErasedCount(documentCount: 1, itemCount: 2),
                    ErasedCount(documentCount: 1, itemCount: 1), ErasedCount(documentCount: 1, itemCount: 1),
                    ErasedCount(documentCount: 6, itemCount: 7), ErasedCount(documentCount: 1, itemCount: 12),
                ])
            // A picture that nothing leads to is a matter of the next collection.
            let picture = try await UserThings.places(of: "eve", in: store)
            #expect(picture.count == 1 && picture.first?.hasPrefix("~blobs ") == true, "\(picture)")
            #expect(try await store.collectBlobs(grace: .zero).removedCount == 1)
            let left = try await UserThings.places(of: "eve", in: store)
            #expect(left == [])
            #expect(try await UserThings.account(of: "adam", in: store) == before)
            #expect(try await store.erase(user: "eve").erased.isZero)
            #expect(try await store.threads().conversations(of: "helper").count == 2)
        }
    }

    @Test("wherever an erasure ends, asking again ends it", arguments: here, [false, true])
    func everyEnd(backend: DomainBackend, isDoneBefore: Bool) async throws {
        for count in 1... {
            let isWhole = try await DomainStore.with(backend) { store in
                for user in ["eve", "adam"] { try await UserThings.leave(user, in: store) }
                let before = try await UserThings.account(of: "adam", in: store)
                let left = Guarded(count)
                let end: @Sendable (WriteRequest) async throws(HoldfastError) -> Void = {
                    (_) async throws(HoldfastError) in
                    let isLast = left.withLock { number in
                        number -= 1
                        return number < 0
                    }
                    if isLast { throw HoldfastError(.unavailable, "the host is gone") }
                }
                var interposed = InterposedBackend(backend: store.backend)
                if isDoneBefore { interposed.after = end } else { interposed.before = end }
                let ended = HistoryStore(backend: interposed)
                let isWhole = (try? await ended.erase(user: "eve")) != nil
                try await store.erase(user: "eve")
                let places = try await UserThings.places(of: "eve", in: store)
                #expect(places == [], "after \(count) writes")
                #expect(try await UserThings.account(of: "adam", in: store) == before)
                return isWhole
            }
            if isWhole { return #expect(count > 10) }
        }
    }

    @Test("what is written while a family is erased goes with it, wherever it sorts", arguments: here)
    func meanwhile(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            try await UserThings.leave("eve", in: store)
            let seen = Guarded<Set<String>>([])
            var interposed = InterposedBackend(backend: store.backend)
            interposed.before = { (request) async throws(HoldfastError) in
                guard let namespace = request.changes.first?.record.namespace.description,
                    seen.withLock({ $0.insert(namespace).inserted })
                else { return }
                for place in ["", "zzz"] {
                    try await Self.write("eve", at: place, whileErasing: namespace, in: store)
                }
            }
            try await HistoryStore(backend: interposed).erase(user: "eve")
            let left = try await UserThings.places(of: "eve", in: store)
            #expect(left == [])
            #expect(seen.withLock { $0.isSuperset(of: ["chats", "run-events", "thread-blocks"]) })
        }
    }

    /// Adds to the family that is being erased.
    private static func write(
        _ user: Bytes, at place: String, whileErasing namespace: String, in store: HistoryStore
    ) async throws(HoldfastError) {
        switch namespace {
        case "chats":
            let chat = Chat(user: "\(user)", session: "\(place)eve", agent: "a")
            try await store.chats().append("1", to: chat)
        case "run-events":
            try await store.runs().save(
                Bytes(#"{"run_id":"\#(place)eve","agent_name":"a","user":"\#(user)"}"#))
        case "thread-blocks":
            let thread = try await store.threads().conversation(
                agent: "\(place)h", channel: "eve", thread: "1")
            try await store.threads().createMessage(
                in: thread.id, by: ThreadUser(id: "", name: "", handle: "\(user)"))
        default: return
        }
    }

    @Test("a session whose runs are of several users stays, and the receipt says so", arguments: here)
    func sharedSession(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let runs = store.runs()
            try await runs.append(["1", "2"], to: "both")
            for user in ["eve", "adam"] {
                try await runs.save(
                    Bytes(
                        #"{"run_id":"of \#(user)","agent_name":"a","session_id":"both","user":"\#(user)"}"#))
            }
            let receipt = try await store.erase(user: "eve")
            #expect(receipt.erased == ErasedCount(documentCount: 1, itemCount: 0, sharedCount: 1))
            #expect(try await runs.history(of: "both").map(\.json) == ["1", "2"])
            #expect(try await runs.list().runs.map(\.id) == ["of adam"])
            #expect(
                try await store.erase(user: "adam").erased == ErasedCount(documentCount: 2, itemCount: 2))
        }
    }

    @Test("a message that another begins at the last moment keeps its conversation", arguments: here)
    func lastMoment(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let threads = store.threads()
            let thread = try await threads.conversation(
                agent: "h", channel: "c", thread: "1", channelName: "x")
            let eve = ThreadUser(id: "eve", name: "", handle: "")
            try await threads.createMessage(in: thread.id, by: eve, blocks: [.text("eve asks")])
            let isFirst = Guarded(true)
            var interposed = InterposedBackend(backend: store.backend)
            interposed.before = { (_) async throws(HoldfastError) in
                guard
                    isFirst.withLock({ first in
                        defer { first = false }; return first
                    })
                else { return }
                try await threads.createMessage(
                    in: thread.id, by: ThreadUser(id: "adam", name: "", handle: ""), blocks: [.text("hi")])
            }
            try await HistoryStore(backend: interposed).erase(user: "eve")
            #expect(try await threads.allMessages(of: thread.id).map(\.user.id) == ["adam"])
            #expect(try await threads.conversation(thread.id).content?.channelName == "x")
            #expect(try await threads.conversation(thread.id).content?.createdAt == thread.createdAt)
            try await threads.createMessage(in: thread.id, by: eve)
            try await store.erase(user: "eve")
            #expect(try await threads.allMessages(of: thread.id).map(\.user.id) == ["adam"])
        }
    }
}
