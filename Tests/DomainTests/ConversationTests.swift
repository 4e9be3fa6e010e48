import Holdfast
import HoldfastModel
import Testing

@Suite("Conversations on every backend") struct ConversationTests {
    @Test("the newest message is taken once, however many ask", arguments: DomainBackend.there)
    func pop(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 2) { hosts in
            let all = (0..<20).map { Bytes("\($0)") }
            let ids = try await hosts[0].conversations().append(all, to: "s").versions
            let taken = try await withThrowingTaskGroup(of: [Message].self) { group in
                for host in hosts {
                    group.addTask {
                        var taken: [Message] = []
                        for _ in 0..<8 {
                            if let message = try await host.conversations().pop("s") { taken.append(message) }
                        }
                        return taken
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(taken.map(\.id)) == Set(ids[4...]))
            #expect(taken.count == 16)
            #expect(taken.allSatisfy { message in message.json == all[ids.firstIndex(of: message.id) ?? 0] })
            #expect(try await hosts[1].conversations().history(of: "s").map(\.json) == Array(all[..<4]))
        }
    }

    @Test("of an empty session nothing is taken, and after it messages go on", arguments: DomainBackend.there)
    func popEmpty(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            #expect(try await conversations.pop("s") == nil)
            try await conversations.append(["1", "2"], to: "s")
            #expect(try await conversations.pop("s")?.json == "2")
            // The list's last id is that of a message which nobody sees any more.
            let policy = AppendPolicy(trimming: Trimming(to: .exact(2)))
            try await conversations.append(["3"], to: "s", policy: policy)
            #expect(try await conversations.history(of: "s").map(\.json) == ["1", "3"])
            #expect(try await conversations.pop("s")?.json == "3")
            #expect(try await conversations.pop("s")?.json == "1")
            #expect(try await conversations.pop("s") == nil)
            try await conversations.replaceSuffix([], of: "s", with: ["5"])
            #expect(try await conversations.history(of: "s").map(\.json) == ["5"])
        }
    }

    @Test(
        "a session that is deleted again with its key keeps what was popped since",
        arguments: DomainBackend.there)
    func popAfterDeletion(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            let options = WriteOptions(idempotencyKey: "k")
            try await conversations.append(["1", "2"], to: "s")
            _ = try await conversations.pop("s", WriteOptions(idempotencyKey: "before"))
            try await conversations.delete("s", options)
            try await conversations.append(["3", "4"], to: "s")
            #expect(try await conversations.pop("s", options)?.json == "4")
            #expect(try await conversations.delete("s", options).isReplay)
            #expect(try await conversations.pop("s", options)?.json == "4")
            #expect(try await conversations.history(of: "s").map(\.json) == ["3"])
        }
    }

    @Test("a retry with the key of a pop gets the message that was popped", arguments: DomainBackend.there)
    func popAgain(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            try await conversations.append(["1", "2", "3"], to: "s")
            let options = WriteOptions(idempotencyKey: "k/1")
            let first = try #require(try await conversations.pop("s", options))
            try await conversations.append("4", to: "s")
            #expect(try await conversations.pop("s", options) == first)
            #expect(try await conversations.history(of: "s").map(\.json) == ["1", "2", "4"])
            #expect(try await conversations.pop("s", WriteOptions(idempotencyKey: "k/2"))?.json == "4")
        }
    }

    @Test("a session is copied whole or up to a message, into an empty one", arguments: DomainBackend.there)
    func fork(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            let odd: Bytes = #"{ "n":1.0,"n":9223372036854775808 }"#
            let ids = try await conversations.append(["1", odd, "3"], to: "s").versions
            let receipt = try await conversations.fork("s", to: "whole")
            let whole = try await conversations.history(of: "whole")
            #expect(whole.map(\.json) == ["1", odd, "3"])
            #expect(whole.map(\.id) == receipt.versions)
            try await conversations.fork("s", to: "part", upTo: ids[1])
            try await conversations.append("4", to: "part")
            #expect(try await conversations.history(of: "part").map(\.json) == ["1", odd, "4"])
            #expect(try await conversations.history(of: "s").map(\.json) == ["1", odd, "3"])
            func code(_ body: () async throws(HoldfastError) -> Receipt) async -> HoldfastError.Code? {
                do throws(HoldfastError) {
                    _ = try await body()
                    return nil
                } catch {
                    return error.code
                }
            }
            #expect(
                await code { () async throws(HoldfastError) in try await conversations.fork("s", to: "part") }
                    == .conflict)
            #expect(
                await code { () async throws(HoldfastError) in try await conversations.fork("s", to: "s") }
                    == .conflict)
            #expect(
                await code { () async throws(HoldfastError) in try await conversations.fork("none", to: "x") }
                    == .notFound)
            #expect(
                await code { () async throws(HoldfastError) in
                    try await conversations.fork("s", to: "x", upTo: receipt.id)
                } == .notFound)
            #expect(try await conversations.history(of: "x").isEmpty)
            // A session that was cleared is empty.
            try await conversations.clear("part")
            try await conversations.fork("s", to: "part", WriteOptions(idempotencyKey: "k"))
            let again = try await conversations.fork("s", to: "part", WriteOptions(idempotencyKey: "k"))
            #expect(again.isReplay)
            #expect(try await conversations.history(of: "part").map(\.json) == ["1", odd, "3"])
        }
    }

    @Test("the end of a session is replaced if it is what the caller expects", arguments: DomainBackend.there)
    func replaceSuffix(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            let ids = try await conversations.append(
                [#"{"n":1}"#, #"{"n":2,"t":"\u0061"}"#, #"{"n":3}"#], to: "s"
            ).versions
            // Written otherwise, it is the same value.
            let receipt = try await conversations.replaceSuffix(
                [#"{ "t":"a", "n":2.0 }"#, #"{"n":3}"#], of: "s", with: [#"{"n":4}"#, #"{"n":5}"#])
            let history = try await conversations.history(of: "s")
            #expect(history.map(\.json) == [#"{"n":1}"#, #"{"n":4}"#, #"{"n":5}"#])
            #expect(history.map(\.id) == [ids[0]] + receipt.versions)
            let error = await #expect(throws: HoldfastError.self) {
                try await conversations.replaceSuffix([#"{"n":3}"#], of: "s", with: ["6"])
            }
            #expect(error?.code == .conflict)
            let tooLong = await #expect(throws: HoldfastError.self) {
                try await conversations.replaceSuffix(["0"] + history.map(\.json), of: "s", with: [])
            }
            #expect(tooLong?.code == .conflict)
            try await conversations.replaceSuffix([#"{"n":5}"#], of: "s", with: [])
            #expect(try await conversations.history(of: "s").map(\.json) == [#"{"n":1}"#, #"{"n":4}"#])
            let options = WriteOptions(idempotencyKey: "operation-1")
            for turn in 0..<2 {
                let receipt = try await conversations.replaceSuffix(
                    [#"{"n":4}"#], of: "s", with: ["7", "8"], options)
                #expect(receipt.isReplay == (turn == 1))
                #expect(receipt.versions.count == 2)
            }
            #expect(try await conversations.history(of: "s").map(\.json) == [#"{"n":1}"#, "7", "8"])
            try await conversations.replaceSuffix([], of: "s", with: ["9"])
            #expect(try await conversations.history(of: "s").last?.json == "9")
        }
    }

    @Test("a policy holds at every moment while two hosts write", arguments: DomainBackend.there)
    func contention(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 2) { hosts in
            let policy = AppendPolicy(trimming: Trimming(to: .exact(6), .archive))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, host) in hosts.enumerated() {
                    group.addTask {
                        for turn in 0..<15 {
                            let outcome = try await host.conversations().append(
                                [Bytes("\"\(number)-\(turn)\"")], to: "s", policy: policy)
                            #expect(outcome.stored.count == 1)
                            #expect(try await host.conversations().history(of: "s").count <= 6)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let conversations = hosts[0].conversations()
            let archived = try await conversations.archivedMessages(of: "s")
            let all = archived.elements + (try await conversations.history(of: "s")).elements
            #expect(all.count == 30)
            #expect(Set(all.map(\.json)).count == 30)
            #expect(all.map(\.id) == all.map(\.id).sorted())
        }
    }
}
