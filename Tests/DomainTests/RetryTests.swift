import Holdfast
import HoldfastModel
import Testing

@Suite("Retries with an idempotency key") struct RetryTests {
    private static let once = WriteOptions(idempotencyKey: "once")

    @Test("an agent is deleted once, and what was written since stays", arguments: DomainBackend.there)
    func agents(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            for view in [store, try store.confined(to: "one")] {
                let agents = view.agents()
                try await agents.saveMessages(AgentSample.messages("a"), of: "x")
                try await agents.saveToolCallRecord(AgentSample.call("c1"), of: "x")
                let first = try await agents.delete("x", Self.once)
                try await agents.saveMessages(AgentSample.messages("b"), of: "x")
                try await agents.saveToolCallRecord(AgentSample.call("c2"), of: "x")
                let retry = try await agents.delete("x", Self.once)
                #expect(!first.isReplay && retry.isReplay)
                #expect(first.id == retry.id)
                #expect(try await agents.loadMessages(of: "x").count == AgentSample.messages("b").count)
                #expect(try await agents.loadToolCallRecords(of: "x").count == 1)
            }
        }
    }

    @Test("a run that has an end is saved once", arguments: DomainBackend.there)
    func runs(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let runs = store.runs()
            for lifetime in [Lifetime.after(.seconds(60)), .unlimited] {
                let id = "\(lifetime)"
                let run = Bytes("{\"run_id\":\"\(id)\",\"agent_name\":\"a\"}")
                let first = try await runs.save(run, lifetime: lifetime, Self.once)
                try await runs.add(#"{"type":"t"}"#, to: id)
                let retry = try await runs.save(run, lifetime: lifetime, Self.once)
                #expect(!first.isReplay && retry.isReplay && retry.versions == first.versions)
                #expect(try await runs.events(of: id).count == 1)
            }
        }
    }

    @Test("under a lock, a retry is told the same ids", arguments: DomainBackend.there)
    func fenced(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            let lock = try await store.lock("l")
            let options = WriteOptions(idempotencyKey: "once", fence: lock.fence)
            try await conversations.append(["1"], to: "s")
            let policy = AppendPolicy(trimming: Trimming(to: .exact(2), .archive))
            let first = try await conversations.append(["2", "3"], to: "s", policy: policy, options)
            let retry = try await conversations.append(["2", "3"], to: "s", policy: policy, options)
            #expect(first.stored.count == 2 && retry.stored == first.stored)
            #expect(retry.receipt?.isReplay == true)
            let copies = try await conversations.fork("s", to: "t", upTo: nil, options)
            #expect(
                try await conversations.fork("s", to: "t", upTo: nil, options).versions == copies.versions)
            try await lock.unlock()
        }
    }
}
