import Holdfast
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Cipher: what it promises and does not do") struct CipherFailureTests {
    @Test("what failed on one backend does not fail here", arguments: DomainBackend.there)
    func store(backend: DomainBackend) async throws {
        let names = ["C8", "C10", "C11", "C13", "C14", "C17", "C18", "C20", "C21"]
        let rows = [
            concurrent, limits, thousand, noRewriting, bytes, restored, manySessions, createdAt, idsAndTimes,
        ]
        try await SeedTable(
            system: "Cipher", names: names, rows: zip(names, rows).map { SeedTable.Row($0, $1) }
        ).show(on: backend, "failures of one backend")
    }

    @Test("what failed between backends does not fail here", .enabled(if: RedisServer.isThere))
    func chain() async throws {
        let names = [
            "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C9", "C12", "C15", "C16", "C19", "C22",
        ]
        let rows = [
            readFallsBack, refusedIsNotStored, backupAway, closedAtOnce, flushedOnce, clearedForGood,
            nothingPending, clearTells, unflushedIsSeen, sameOrder, asConfigured, errorIsNotEmpty,
            deadAtStart,
        ]
        try await SeedTable(
            system: "Cipher", names: names,
            rows: zip(names, rows).map { name, body in SeedTable.Row(name) { _ in try await body() } }
        ).show(on: .memory, "failures between backends")
    }
}

extension CipherFailureTests {
    private func concurrent(_ store: HistoryStore) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { try await store.conversations().append(Bytes("\(number)"), to: "s") }
            }
            try await group.waitForAll()
        }
        let history = try await store.conversations().history(of: "s")
        #expect(Set(history.map(\.json)) == Set((0..<20).map { Bytes("\($0)") }))
    }

    private func limits(_ store: HistoryStore) async throws {
        let conversations = store.conversations()
        try await conversations.append((0..<5).map { Bytes("\($0)") }, to: "s")
        #expect(try await conversations.history(of: "s", limit: 0).isEmpty)
        let error = await #expect(throws: HoldfastError.self) {
            try await conversations.history(of: "s", limit: -1)
        }
        #expect(error?.code == .invalid)
        for count in [1, 2, 3, 5] {
            #expect(
                try await conversations.history(of: "s", limit: count).map(\.json)
                    == (5 - count..<5).map { Bytes("\($0)") })
        }
    }

    private func thousand(_ store: HistoryStore) async throws {
        let conversations = store.conversations()
        try await conversations.append((0..<1000).map { Bytes("\($0)") }, to: "s")
        try await conversations.append("1000", to: "s")
        let history = try await conversations.history(of: "s", limit: 2000)
        #expect(history.count == 1001)
        #expect(history.first?.json == "0")
    }

    private func noRewriting(_ store: HistoryStore) async throws {
        let conversations = store.conversations()
        for number in 0..<50 { try await conversations.append(Bytes("\(number)"), to: "s") }
        // What is written again has another version than its id.
        #expect(try await conversations.history(of: "s").allSatisfy { $0.version == $0.id })
    }

    private func bytes(_ store: HistoryStore) async throws {
        let image = Bytes([0, 1, 2, 255, 0, 34, 92])
        try await store.lists("images").append(.bytes(image), to: "s")
        let item = try #require(try await store.lists("images").page(of: "s").first)
        #expect(item.bytes == image && item.format == .bytes)
    }

    private func restored(_ store: HistoryStore) async throws {
        let lists = store.conversations().lists
        try await store.conversations().append(["1", "2"], to: "s")
        await #expect(throws: HoldfastError.self) {
            try await lists.replace("s", with: [.json("3"), .json("no JSON")])
        }
        #expect(try await store.conversations().history(of: "s").map(\.json) == ["1", "2"])
        try await lists.replace("s", with: [.json("3"), .json("4")])
        #expect(try await store.conversations().history(of: "s").map(\.json) == ["3", "4"])
    }

    private func manySessions(_ store: HistoryStore) async throws {
        for number in 0..<150 { try await store.conversations().append("1", to: "s\(number)") }
        #expect(try await store.conversations().sessions(limit: 1000).count == 150)
    }

    private func createdAt(_ store: HistoryStore) async throws {
        let conversations = store.conversations()
        let first = try await conversations.append("1", to: "s")
        try await conversations.append("2", to: "s")
        let session = try await conversations.session("s")
        #expect(session.firstMessageAt == first.time)
    }

    private func idsAndTimes(_ store: HistoryStore) async throws {
        let receipt = try await store.conversations().append(["1", "2"], to: "s")
        let history = try await store.conversations().history(of: "s")
        #expect(history.map(\.id) == receipt.versions)
        #expect(history[0].id < history[1].id && history[0].time <= history[1].time)
    }
}

extension CipherFailureTests {
    /// Opens a chain one of whose backends can be ended, and ends both afterwards.
    private func with(
        failing name: String, _ body: (DomainChain, RedisServer, HistoryStore) async throws -> Void
    ) async throws {
        let chain = try await DomainChain(failing: name)
        defer { chain.end() }
        let server = try #require(chain.server)
        let store = try await chain.open()
        do {
            try await body(chain, server, store)
            await store.close()
        } catch {
            await store.close()
            throw error
        }
    }

    private func words(_ store: HistoryStore) async throws -> [Bytes] {
        try await store.conversations().history(of: "s", limit: 1000).map(\.json)
    }

    private func code(_ body: () async throws -> Void) async -> HoldfastError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? HoldfastError)?.code
        }
    }

    private func readFallsBack() async throws {
        try await with(failing: "primary") { _, server, store in
            try await store.conversations().append(["1", "2", "3"], to: "s")
            try await store.flush()
            try await onThread { server.kill() }
            let page = try await store.conversations().history(of: "s")
            #expect(page.map(\.json) == ["1", "2", "3"])
            #expect(!page.degradations.isEmpty)
        }
    }

    private func refusedIsNotStored() async throws {
        try await with(failing: "primary") { _, server, store in
            try await store.conversations().append("1", to: "s")
            try await DomainChain.kill(server, of: store)
            #expect(await code { try await store.conversations().append("2", to: "s") } == .unavailable)
            try await onThread { try server.start() }
            try await DomainChain.settle(store)
            #expect(try await words(store) == ["1"])
        }
    }

    private func backupAway() async throws {
        let chain = try await DomainChain(failing: "backup")
        defer { chain.end() }
        let server = try #require(chain.server)
        let store = try await chain.open()
        try await store.conversations().append("0", to: "s")
        try await DomainChain.settle(store)
        try await onThread { server.kill() }
        for number in 1...5 { try await store.conversations().append(Bytes("\(number)"), to: "s") }
        #expect(await store.status().members.contains { $0.role == "backup" && $0.lag >= 5 })
        try await onThread { try server.start() }
        try await DomainChain.settle(store)
        await store.close()
        #expect(try await chain.words("backup", "s") == (0...5).map { Bytes("\($0)") })
    }

    private func closedAtOnce() async throws {
        let chain = try await DomainChain(primary: .sqlite)
        defer { chain.end() }
        let store = try await chain.open()
        try await store.conversations().append("1", to: "s")
        await store.close()
        #expect(try await chain.words("backup", "s") == ["1"])
    }

    private func flushedOnce() async throws {
        let chain = try await DomainChain(primary: .sqlite)
        defer { chain.end() }
        let store = try await chain.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { try await store.conversations().append(Bytes("\(number)"), to: "s") }
                group.addTask { try await store.flush() }
            }
            try await group.waitForAll()
        }
        let stored = try await words(store)
        await store.close()
        #expect(stored.count == 20)
        #expect(try await chain.words("backup", "s") == stored)
    }

    private func clearedForGood() async throws {
        let chain = try await DomainChain(primary: .sqlite)
        defer { chain.end() }
        let store = try await chain.open()
        for _ in 0..<10 {
            try await store.conversations().append(["1", "2", "3"], to: "s")
            async let flush: Void = store.flush()
            try await store.conversations().clear("s")
            try await flush
        }
        try await store.conversations().append("4", to: "s")
        #expect(try await words(store) == ["4"])
        await store.close()
        #expect(try await chain.words("backup", "s") == ["4"])
    }

    private func nothingPending() async throws {
        let chain = try await DomainChain(primary: .sqlite)
        defer { chain.end() }
        let store = try await chain.open()
        for number in 0..<300 { try await store.conversations().append(Bytes("\(number)"), to: "s") }
        try await DomainChain.settle(store)
        #expect(await store.status().members.allSatisfy { $0.role == "log" || $0.lag == 0 })
        await store.close()
    }

    private func clearTells() async throws {
        try await with(failing: "primary") { _, server, store in
            try await store.conversations().append("1", to: "s")
            try await DomainChain.kill(server, of: store)
            #expect(await code { try await store.conversations().clear("s") } == .unavailable)
            try await onThread { try server.start() }
            try await DomainChain.settle(store)
            #expect(try await words(store) == ["1"])
        }
    }

    private func unflushedIsSeen() async throws {
        try await with(failing: "primary") { _, server, store in
            for number in 0..<10 { try await store.conversations().append(Bytes("\(number)"), to: "s") }
            // Whatever the backup has by now, what it lacks is in the log.
            try await onThread { server.kill() }
            #expect(try await words(store) == (0..<10).map { Bytes("\($0)") })
        }
    }

    private func sameOrder() async throws {
        let chain = try await DomainChain(failing: "backup")
        defer { chain.end() }
        let server = try #require(chain.server)
        let store = try await chain.open()
        try await store.conversations().append(["0", "1"], to: "s")
        try await onThread { server.kill() }
        try await store.conversations().append("2", to: "s")
        try await onThread { try server.start() }
        try await store.conversations().append("3", to: "s")
        try await DomainChain.settle(store)
        await store.close()
        #expect(try await chain.words("backup", "s") == ["0", "1", "2", "3"])
    }

    private func asConfigured() async throws {
        try await with(failing: "primary") { _, _, store in
            let members = await store.status().members
            #expect(members.map(\.type) == ["redis", "sqlite", "file-log"])
            #expect(members.map(\.role) == ["primary", "backup", "log"])
        }
    }

    private func errorIsNotEmpty() async throws {
        let chain = try await DomainChain(failing: "primary")
        defer { chain.end() }
        let server = try #require(chain.server)
        let store = try await chain.alone("primary")
        try await store.conversations().append("1", to: "s")
        try await onThread { server.kill() }
        let error = await code { _ = try await store.conversations().history(of: "s") }
        #expect(error == .unavailable || error == .timeout)
        try await onThread { try server.start() }
        await store.close()
        #expect(try await chain.words("primary", "s") == ["1"])
    }

    private func deadAtStart() async throws {
        let chain = try await DomainChain(failing: "primary")
        defer { chain.end() }
        let server = try #require(chain.server)
        let first = try await chain.open()
        try await first.conversations().append("1", to: "s")
        try await DomainChain.settle(first)
        await first.close()
        try await onThread { server.kill() }
        let store = try await chain.open()
        #expect(await store.status().members.first?.state != "up")
        #expect(try await words(store) == ["1"])
        #expect(await code { try await store.conversations().append("2", to: "s") } == .unavailable)
        await store.close()
    }
}
