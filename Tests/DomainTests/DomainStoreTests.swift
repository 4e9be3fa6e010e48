import Holdfast
import HoldfastModel
import Testing

@Suite("The stores of the domain's tests") struct DomainStoreTests {
    @Test("each test has an empty store of its own on every backend", arguments: DomainBackend.there)
    func emptyStore(backend: DomainBackend) async throws {
        for _ in 0..<2 {
            try await DomainStore.with(backend) { store in
                #expect(try await store.conversations().history(of: "s").isEmpty)
                try await store.conversations().append("1", to: "s")
                #expect(try await store.conversations().history(of: "s").map(\.json) == ["1"])
            }
        }
    }

    @Test("several hosts of one store see what the others write", arguments: DomainBackend.there)
    func severalHosts(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 2) { hosts in
            try await hosts[0].conversations().append("1", to: "s")
            try await hosts[1].conversations().append("2", to: "s")
            #expect(try await hosts[0].conversations().history(of: "s").map(\.json) == ["1", "2"])
        }
    }
}
