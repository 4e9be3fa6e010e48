import Holdfast
import HoldfastModel
import Testing

@Suite("Erasure of a user") struct ErasureTests {
    @Test(
        "everything of a user goes, nothing of another, and the receipt says so",
        arguments: DomainBackend.there)
    func receipt(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let policy = AppendPolicy(trimming: Trimming(to: .exact(1), .archive))
            for user in ["eve", "eve/2", "ev"] {
                let chat = Chat(user: user, session: "s", agent: "a")
                try await store.chats().append(["1", "2", "3"], to: chat, policy: policy)
                let session = "session of \(user)"
                try await store.conversations().append(["1", "2"], to: session)
                try await store.documents(Conversations.standardNamespace).put(
                    .json(Bytes("{\"metadata\":{\"user_id\":\"\(user)\"}}")), at: session)
            }
            let receipt = try await store.erase(user: "eve")
            #expect(receipt.user == "eve")
            #expect(receipt.families.first { $0.name == "chats" }?.erased == ErasedCount(itemCount: 3))
            #expect(
                receipt.families.first { $0.name == "conversations" }?.erased
                    == ErasedCount(documentCount: 1, itemCount: 2))
            #expect(receipt.backends.map(\.role) == ["primary"])
            #expect(receipt.isComplete && receipt.degradations.isEmpty)
            #expect(try await store.chats().users().map(\.name) == ["ev", "eve/2"])
            #expect(
                try await store.conversations().sessions().map(\.id) == ["session of ev", "session of eve/2"])
            #expect(try await store.erase(user: "eve").erased.isZero)
        }
    }

    @Test("families of a program go too, and an erasure goes on where it failed")
    func ownFamily() async throws {
        try await DomainStore.with(.memory) { store in
            try await store.chats().append("1", to: Chat(user: "u", session: "s", agent: "a"))
            try await store.lists("notes").append(.json("1"), to: "u")
            let notes = UserFamily("notes") { (store, user, options) async throws(HoldfastError) in
                try await store.lists("notes").clear(user, options)
                return ErasedCount(itemCount: 1)
            }
            let broken = UserFamily("broken") { (_, _, _) async throws(HoldfastError) in
                throw HoldfastError(.unavailable, "away")
            }
            let error = await #expect(throws: HoldfastError.self) {
                try await store.erase(user: "u", also: [broken, notes])
            }
            #expect(error?.code == .unavailable)
            let receipt = try await store.erase(user: "u", also: [notes])
            #expect(receipt.families.last?.name == "notes")
            #expect(receipt.erased == ErasedCount(itemCount: 1))
            #expect(try await store.lists("notes").page(of: "u").isEmpty)
        }
    }

    @Test("the receipt names every backend of a chain, and which of them has removed it")
    func chain() async throws {
        let chain = try await DomainChain(primary: .sqlite)
        defer { chain.end() }
        let store = try await chain.open()
        try await store.chats().append(["1", "2"], to: Chat(user: "u", session: "s", agent: "a"))
        let receipt = try await store.erase(user: "u", WriteOptions(timeout: .seconds(60)))
        await store.close()
        #expect(receipt.erased == ErasedCount(itemCount: 2))
        #expect(receipt.backends.map(\.role) == ["primary", "backup", "log"])
        #expect(receipt.backends.map(\.isErased) == [true, true, false])
        #expect(receipt.isComplete)
    }
}
