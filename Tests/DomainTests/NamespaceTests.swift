import Holdfast
import HoldfastModel
import Testing

@Suite("Namespaces and tenants") struct NamespaceTests {
    @Test(
        "namespaces are those that hold something, in order, page by page, on every backend",
        arguments: DomainBackend.there)
    func namespaces(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            // The same keys everywhere: a scan over all namespaces must tell them apart.
            for name in ["b", "a", "a/x", "ä", "c"] {
                try await store.documents(name).put(.json("1"), at: "k")
                try await store.lists(name).append([.json("1"), .json("2")], to: "k")
            }
            try await store.documents("c").delete("k")
            try await store.lists("c").clear("k")
            let lock = try await store.lock("x")
            #expect(try await store.namespaces().elements == ["a", "a/x", "b", "ä"])
            #expect(try await store.namespaces(prefix: "a").elements == ["a", "a/x"])
            #expect(try await store.namespaces(prefix: "a/").elements == ["a/x"])
            let first = try await store.namespaces(limit: 3)
            #expect(first.elements == ["a", "a/x", "b"])
            #expect(try await store.namespaces(limit: 3, after: first.next).elements == ["ä"])
            #expect(try await store.namespaces(limit: 0).isEmpty)
            try await lock.unlock()
        }
    }

    @Test("a tenant sees and writes nothing but its own, on every backend", arguments: DomainBackend.there)
    func tenants(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let one = try store.confined(to: "one")
            let two = try store.confined(to: "two")
            for (number, view) in [store, one, two].enumerated() {
                try await view.documents("n").put(.json(Bytes("{\"n\":\(number)}")), at: "k")
                try await view.lists("n").append([.json("1"), .json("2")], to: "k")
            }
            #expect(try await one.documents("n").get("k").bytes == "{\"n\":1}")
            #expect(try await two.documents("n").scan().map(\.bytes) == ["{\"n\":2}"])
            #expect(try await one.namespaces().elements == ["n"])
            #expect(try await store.namespaces().elements == ["n", "one/n", "two/n"])
            #expect(try await one.lists("n").summaries().map(\.itemCount) == [2])
            let selection = Selection(where: Operand.member("n").exists)
            #expect(try await two.documents("n").select(selection).map(\.bytes) == ["{\"n\":2}"])
            try await one.lists("n").clear("k")
            #expect(try await two.lists("n").page(of: "k").count == 2)
            let options = WriteOptions(idempotencyKey: "once")
            try await one.documents("n").put(.json("1"), at: "i", options)
            try await two.documents("n").put(.json("2"), at: "i", options)
            #expect(try await two.documents("n").get("i").bytes == "2")
            let lock = try await one.lock("l", wait: .zero)
            let other = try await two.lock("l", wait: .zero)
            #expect(try await store.locks.state(of: "l").holder == nil)
            try await one.documents("n").put(.json("3"), at: "f", WriteOptions(fence: lock.fence))
            try await lock.unlock()
            await #expect(throws: HoldfastError.self) {
                try await one.documents("n").put(.json("4"), at: "f", WriteOptions(fence: lock.fence))
            }
            try await other.unlock()
        }
    }

    @Test(
        "a retry of a tenant is answered from the first call, on every backend",
        arguments: DomainBackend.there)
    func retries(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let policy = AppendPolicy(trimming: Trimming(to: .exact(2)))
            let options = WriteOptions(idempotencyKey: "once")
            // The same key of another tenant, and of none, is another key.
            for view in [store, try store.confined(to: "one"), try store.confined(to: "two")] {
                let conversations = view.conversations()
                try await conversations.append(["1", "2"], to: "s")
                let first = try await conversations.append(["3"], to: "s", policy: policy, options)
                #expect(first.stored.count == 1 && first.receipt?.isReplay == false)
                try await conversations.append(["4", "5", "6"], to: "s")
                let retry = try await conversations.append(["3"], to: "s", policy: policy, options)
                #expect(retry.receipt?.isReplay == true)
                #expect(try await conversations.history(of: "s").map(\.json) == ["5", "6"])
                let copies = try await conversations.fork("s", to: "copy", upTo: nil, options)
                #expect(try await conversations.fork("s", to: "copy", upTo: nil, options).isReplay)
                #expect(try await conversations.history(of: "copy").map(\.id) == copies.versions)
            }
        }
    }

    @Test(
        "a name of a tenant has no slash, so that no two share a namespace", arguments: ["", "a/b", "~", "ä"])
    func names(name: String) async throws {
        try await DomainStore.with(.memory) { store in
            do throws(HoldfastError) {
                _ = try store.confined(to: name)
                Issue.record("\(name) was taken for a name")
            } catch {
                #expect(error.code == .invalid)
            }
        }
    }
}
