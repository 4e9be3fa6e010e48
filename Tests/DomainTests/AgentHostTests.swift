import Holdfast
import HoldfastConfiguration
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite("Agents of several hosts") struct AgentHostTests {
    @Test("what one host writes of an agent, another reads", arguments: DomainBackend.there)
    func shared(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 2) { hosts in
            try await AgentStoreCases.fill("shared", in: hosts[0].agents())
            let other = hosts[1].agents()
            #expect(try await other.loadMessages(of: "shared").count == 2)
            #expect(try await other.loadTodos(of: "shared").content != nil)
            #expect(try await other.readEvents(of: "shared").reduce(into: 0) { count, _ in count += 1 } == 1)
            #expect(try await other.loadHistoryWindows(of: "shared").count == 1)
            #expect(try await other.loadMediaCache(of: "shared").content.count == 1)
            let snapshot = AgentSample.snapshot("s", AgentSample.messages("a", "b", "a", "b"))
            #expect(try await other.loadSnapshot("s", of: "shared").content?.json == snapshot)
            try await other.delete("shared")
            try await AgentStoreCases.expectNothing(of: "shared", in: hosts[0].agents())
        }
    }

    @Test(
        "of two hosts that save one list at once, none loses what the other wrote",
        arguments: DomainBackend.there)
    func contention(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 2) { hosts in
            try await withThrowingTaskGroup { group in
                for (number, host) in hosts.enumerated() {
                    group.addTask { try await Self.save(25, as: "\(number)", by: host.agents()) }
                }
                try await group.waitForAll()
            }
            let texts = try await hosts[0].agents().loadMessages(of: "a").map(\.json)
            #expect(texts.count == 50 && Set(texts).count == 50)
            for writer in 0...1 {
                let own = (0..<25).map { AgentSample.message("\(writer)-\($0)") }
                #expect(texts.filter { own.contains($0) } == own)
            }
        }
    }

    /// Adds messages one by one with saves of the whole list, and reads it again after each refusal.
    private static func save(_ count: Int, as writer: String, by agents: Agents) async throws {
        for number in 0..<count {
            var isSaved = false
            while !isSaved {
                let known = try await agents.loadMessages(of: "a")
                let list = known.map(\.json) + [AgentSample.message("\(writer)-\(number)")]
                do throws(HoldfastError) {
                    try await agents.saveMessages(list, of: "a", ifLast: known.last?.id ?? .zero)
                    isSaved = true
                } catch {
                    guard error.code == .conflict else { throw error }
                }
            }
        }
    }

    @Test(
        "tool calls that are added while their agent is removed are whole, or not there",
        arguments: DomainBackend.there)
    func deletionRace(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 2) { hosts in
            let writing = Task {
                for number in 0..<40 {
                    try await hosts[0].agents().saveToolCallRecord(AgentSample.call("c\(number)"), of: "a")
                }
            }
            for _ in 0..<5 {
                do throws(HoldfastError) {
                    try await hosts[1].agents().delete("a")
                } catch {
                    #expect(error.code == .conflict)
                }
            }
            try await writing.value
            let left = try await hosts[1].agents().checkConsistency(of: "a")
            #expect(left.issues == [])
            try await hosts[1].agents().delete("a")
            try await AgentStoreCases.expectNothing(of: "a", in: hosts[0].agents())
        }
    }

    @Test("a snapshot is what it was, whatever is saved meanwhile", arguments: DomainBackend.there)
    func snapshotRace(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 2) { hosts in
            let agents = hosts.map { $0.agents() }
            let texts = (0..<6).map { AgentSample.message("\($0)") }
            try await agents[0].saveMessages(texts, of: "a")
            let rewriting = Task {
                for turn in 0..<15 {
                    let list = Array(texts.prefix(turn % 6)) + AgentSample.messages("r\(turn)")
                    _ = try? await agents[0].saveMessages(list, of: "a")
                }
            }
            var expected: [String: Bytes] = [:]
            for turn in 0..<15 {
                let list = try await agents[1].loadMessages(of: "a").map(\.json)
                let snapshot = AgentSample.snapshot("s\(turn)", list)
                var isSaved = false
                while !isSaved {
                    do throws(HoldfastError) {
                        try await agents[1].saveSnapshot(snapshot, of: "a")
                        isSaved = true
                    } catch {
                        // The other host was faster each time that this one looked.
                        guard error.code == .conflict else { throw error }
                    }
                }
                expected["s\(turn)"] = snapshot
            }
            await rewriting.value
            for (id, json) in expected {
                #expect(try await agents[1].loadSnapshot(id, of: "a").content?.json == json, "\(id)")
            }
        }
    }

    @Test("agents of a user go with the user, whole", arguments: DomainBackend.there)
    func erasure(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let agents = store.agents()
            try await AgentStoreCases.fill("mine", in: agents)
            try await agents.saveInfo(
                #"{"agentId":"other","templateId":"t","createdAt":"2026-01-02T03:04:05.678Z"}"#, of: "other")
            let receipt = try await store.erase(user: "u-17")
            let erased = receipt.families.first { $0.name == "agents" }?.erased
            #expect(erased == ErasedCount(documentCount: 3, itemCount: 3))
            try await AgentStoreCases.expectNothing(of: "mine", in: agents)
            #expect(try await agents.list().elements == ["other"])
        }
    }

    @Test("K0: the environment chooses the storage, and what it cannot mean is refused")
    func environment() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        func open(_ variables: [String: String]) async throws(HoldfastError) -> HistoryStore {
            var surroundings = Surroundings.process()
            surroundings.workingDirectory = directory.path
            surroundings.variables = variables
            var attemptsLeft = 20
            while true {
                do throws(HoldfastError) {
                    return try await HistoryStore.open(
                        kode: StoreEnvironment(surroundings: surroundings),
                        plugins: [PluginCompiler.productDirectory])
                } catch {
                    // On a machine with much else to do, a durable file is not always made in time.
                    attemptsLeft -= 1
                    guard error.code == .timeout, attemptsLeft > 0 else { throw error }
                }
            }
        }
        for variables in [
            ["KODE_STORE_TYPE": "sqlite", "KODE_SQLITE_PATH": directory.file("agents.db")],
            ["KODE_STORE_TYPE": "json", "KODE_STORE_PATH": directory.path],
        ] {
            for isSecond in [false, true] {
                let store = try await open(variables)
                #expect(try await store.agents().exists("a").content == isSecond)
                if isSecond {
                    try await store.agents().delete("a")
                } else {
                    try await store.agents().saveInfo(AgentSample.info("a"), of: "a")
                }
                await store.close()
            }
        }
        let refused = await #expect(throws: HoldfastError.self) {
            try await open(["KODE_STORE_TYPE": "mongo"])
        }
        #expect(refused?.code == .invalid && refused?.message.contains("mongo") == true)
    }
}
