import Holdfast
import HoldfastModel
import HoldfastSupport
import Testing

@Suite("Large contents and namespaces on every backend") struct BlobDomainTests {
    /// As wide as SHA-256, and different for the contents here.
    static let environment = StoreEnvironment(
        clock: MovingClock(),
        digest: { bytes in
            var state: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes.array { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return (0..<32).map { UInt8(truncatingIfNeeded: (state &+ UInt64($0)) >> 8) }
        })

    @Test(
        "a picture in two messages comes back byte for byte, and is stored once",
        arguments: DomainBackend.there)
    func once(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, Self.environment) { store in
            let data = String(repeating: "iVBORw0KGgo", count: 40_000)
            let message = Bytes(#"{"role":"user","content":[{"data":"\#(data)"}]}"#)
            let talks = store.conversations()
            try await talks.append([message, #"{"role":"assistant"}"#], to: "a")
            try await talks.append(message, to: "b")
            for session in ["a", "b"] {
                #expect(try await talks.history(of: session).elements.first?.json == message)
            }
            let found = try await talks.lists.select(
                Selection(where: Operand.member("role").equals("user")))
            #expect(found.map(\.bytes) == [message, message])
            let report = try await store.collectBlobs(grace: .zero)
            #expect(report.blobCount == 1 && report.removedCount == 0 && report.recordCount == 3)
            try await talks.clear("a")
            #expect(try await talks.history(of: "b").first?.json == message)
            try await talks.clear("b")
            #expect(try await store.collectBlobs(grace: .zero).removedCount == 1)
            #expect(try await store.collectBlobs(grace: .zero).blobCount == 0)
        }
    }

    @Test(
        "a content that two tenants share stays until neither has it, and no tenant collects",
        arguments: DomainBackend.there)
    func tenants(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, Self.environment) { store in
            let tenants = [try store.confined(to: "acme"), try store.confined(to: "b")]
            let message = Bytes("[\"\(String(repeating: "iVBORw0KGgo", count: 40_000))\"]")
            for tenant in tenants { try await tenant.conversations().append(message, to: "s") }
            let report = try await store.blobs()
            #expect(report.blobCount == 1 && report.byteCount == 440_000 && report.unusedCount == 0)
            for tenant in tenants {
                #expect(try await store.collectBlobs(grace: .zero).removedCount == 0)
                await #expect { try await tenant.collectBlobs(grace: .zero) } throws: { error in
                    (error as? HoldfastError)?.code == .unsupported
                }
                #expect(try await tenant.conversations().history(of: "s").first?.json == message)
                try await tenant.conversations().clear("s")
            }
            #expect(try await store.collectBlobs(grace: .zero).removedByteCount == 440_000)
            #expect(try await store.blobs().blobCount == 0)
        }
    }

    @Test(
        "a search that does not look into large contents says so, on every backend",
        arguments: DomainBackend.there)
    func search(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, Self.environment) { store in
            let data = String(repeating: "needle ", count: 40_000)
            try await store.conversations().append(
                [#"{"role":"user","content":"a needle"}"#, Bytes(#"{"role":"user","content":"\#(data)"}"#)],
                to: "s")
            try await store.chats().append("1", to: Chat(user: "u", session: "s", agent: "a"))
            let found = try await store.search().messages("needle", in: .session("s"))
            #expect(found.hits.map(\.item.key) == ["s"])
            #expect(found.hits.degradations == [.contentsApart])
            let chats = try await store.search().messages("needle", in: .chats(user: "u"))
            #expect(chats.hits.isEmpty && chats.hits.degradations.isEmpty)
            let byRole = Selection(where: Operand.member("role").equals("user"))
            let all = try await store.conversations().lists.select(byRole)
            #expect(all.count == 2 && all.degradations.isEmpty)
        }
    }

    @Test("a daemon collects by itself, one host at a time, and says what went")
    func service() async throws {
        try await DomainStore.with(.memory, hosts: 2, Self.environment) { stores in
            let value = Value.json(Bytes("\"\(String(repeating: "iVBORw0KGgo", count: 40_000))\""))
            try await stores[0].documents("state").put(value, at: "k")
            try await stores[0].documents("state").delete("k")
            let (outcomes, continuation) = AsyncStream.makeStream(of: BlobService.Outcome.self)
            let lock = try await stores[1].lock("blobs")
            let service = BlobService(stores[0], interval: .milliseconds(1), grace: .zero) {
                continuation.yield($0)
            }
            let task = Task { await service.run() }
            var isBusy = false
            for await outcome in outcomes {
                switch outcome {
                case .busy:
                    if !isBusy { try await lock.unlock() }
                    isBusy = true
                    continue
                case .done(let report): #expect(isBusy && report.removedCount == 1)
                case .failed(let error): Issue.record("\(error)")
                }
                break
            }
            task.cancel()
            await task.value
        }
    }

    @Test(
        "namespaces that hold anything are listed in order, whatever their names",
        arguments: DomainBackend.there)
    func namespaces(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let names = ["a", "a\u{1}", "a%", "a/x", "b", "é", "😀"]
            for name in names.shuffled() { try await store.lists(name).append(.json("1"), to: "k/é") }
            try await store.documents("was").put(.json("1"), at: "k")
            try await store.documents("was").delete("k")
            #expect(try await Array(store.namespaces()) == names)
            #expect(try await Array(store.namespaces(prefix: "a")) == Array(names.prefix(4)))
            let page = try await store.namespaces(limit: 3)
            #expect(Array(page) == Array(names.prefix(3)))
            #expect(try await Array(store.namespaces(after: page.next)) == Array(names.dropFirst(3)))
        }
    }
}
