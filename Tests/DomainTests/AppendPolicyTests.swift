import Holdfast
import HoldfastModel
import Testing

@Suite("Policies of an append") struct AppendPolicyTests {
    static func text(_ role: String, _ text: String) -> Bytes {
        Bytes("{\"role\":\"\(role)\",\"content\":\"\(text)\"}")
    }

    /// `u1 a1 u2`: messages of user and assistant.
    static func turns(_ words: String) -> [Bytes] {
        words.split(separator: " ").map { text($0.first == "u" ? "user" : "assistant", String($0)) }
    }

    static func words(_ messages: some Sequence<Message>) -> String {
        messages.map { message in
            let text = message.json.description
            return text.split(separator: "\"content\":\"").last.map { String($0.dropLast(2)) } ?? text
        }.joined(separator: " ")
    }

    static func words(_ session: String, _ conversations: Conversations) async throws -> String {
        words(try await conversations.history(of: session, limit: 1000))
    }

    struct TrimCase: Sendable {
        let bound: Trimming.Bound
        let kept: String
        let taken: Int
    }

    static let trimCases = [
        TrimCase(bound: .exact(0), kept: "", taken: 5),
        TrimCase(bound: .exact(1), kept: "u3", taken: 4),
        TrimCase(bound: .exact(2), kept: "a2 u3", taken: 3),
        TrimCase(bound: .exact(3), kept: "u2 a2 u3", taken: 2),
        TrimCase(bound: .exact(5), kept: "u1 a1 u2 a2 u3", taken: 0),
        TrimCase(bound: .evenPairs(0), kept: "", taken: 5),
        TrimCase(bound: .evenPairs(1), kept: "", taken: 5),
        TrimCase(bound: .evenPairs(2), kept: "a2 u3", taken: 3),
        TrimCase(bound: .evenPairs(3), kept: "a2 u3", taken: 3),
        TrimCase(bound: .evenPairs(5), kept: "a1 u2 a2 u3", taken: 1),
        TrimCase(bound: .bytes(0), kept: "", taken: 5),
        TrimCase(bound: .bytes(72), kept: "a2 u3", taken: 3),
        TrimCase(bound: .bytes(1 << 30), kept: "u1 a1 u2 a2 u3", taken: 0),
        TrimCase(bound: .age(.seconds(3600)), kept: "u1 a1 u2 a2 u3", taken: 0),
        TrimCase(bound: .toolPairSafe(3), kept: "u2 a2 u3", taken: 2),
        TrimCase(bound: .toolPairSafe(0), kept: "", taken: 5),
    ]

    @Test(
        "many who append to one session at once are all heard, with a policy and without",
        arguments: DomainBackend.there)
    func crowd(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            let policies = [AppendPolicy.standard, AppendPolicy(trimming: Trimming(to: .exact(1000)))]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let outcome = try await conversations.append(
                            [Self.text("user", "m\(number)")], to: "crowd", policy: policies[number % 2])
                        #expect(outcome.stored.count == 1)
                    }
                }
                try await group.waitForAll()
            }
            let words = try await Self.words("crowd", conversations).split(separator: " ")
            #expect(Set(words).count == 200 && words.count == 200)
        }
    }

    @Test(
        "a bound keeps the same messages on every backend, one by one, together, and later",
        arguments: DomainBackend.there)
    func trimming(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            for (number, item) in Self.trimCases.enumerated() {
                for disposal in Trimming.Disposal.allCases {
                    let trimming = Trimming(to: item.bound, disposal)
                    let policy = AppendPolicy(trimming: trimming)
                    let names = ["one", "all", "later", "half"].map { "\($0)-\(number)-\(disposal)" }
                    var taken = 0
                    for message in Self.turns("u1 a1 u2 a2 u3") {
                        taken += try await conversations.append([message], to: names[0], policy: policy)
                            .trimmedCount
                    }
                    let all = Self.turns("u1 a1 u2 a2 u3")
                    let outcome = try await conversations.append(all, to: names[1], policy: policy)
                    try await conversations.append(all, to: names[2])
                    let late = try await conversations.trim(names[2], to: trimming)
                    try await conversations.append(Array(all[..<3]), to: names[3], policy: policy)
                    try await conversations.append(Array(all[3...]), to: names[3], policy: policy)
                    for name in names {
                        #expect(try await Self.words(name, conversations) == item.kept, "\(item) \(name)")
                        let archived = try await conversations.archivedMessages(of: name)
                        let expected = disposal == .archive ? item.taken : 0
                        #expect(archived.count == expected, "\(item) \(name)")
                    }
                    #expect(taken == item.taken && outcome.trimmedCount == item.taken && late == item.taken)
                    #expect(outcome.stored.count == 5 - item.taken)
                }
            }
        }
    }

    @Test("archived messages keep JSON, id and time", arguments: DomainBackend.there)
    func archive(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            let odd: Bytes = #"{ "role":"user", "content":"h\u00e9 \ud83d","n":1.0,"n":2 }"#
            let first = try await conversations.append([odd, "2", "3"], to: "s")
            let before = try await conversations.history(of: "s")
            let policy = AppendPolicy(trimming: Trimming(to: .exact(2), .archive))
            let outcome = try await conversations.append(["4"], to: "s", policy: policy)
            #expect(outcome.trimmedCount == 2)
            let archived = try await conversations.archivedMessages(of: "s")
            #expect(archived.elements == Array(before.elements[..<2]))
            #expect(archived.map(\.id) == Array(first.versions[..<2]))
            #expect(try await conversations.history(of: "s").map(\.json) == ["3", "4"])
            try await conversations.delete("s")
            #expect(try await conversations.archivedMessages(of: "s").isEmpty)
        }
    }

    @Test("a call and its answer stay together on every backend", arguments: DomainBackend.there)
    func toolPairs(backend: DomainBackend) async throws {
        let call: Bytes = #"{"role":"assistant","content":[{"type":"tool_use","id":"t1"}]}"#
        let answer: Bytes = #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1"}]}"#
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            let policy = AppendPolicy(trimming: Trimming(to: .toolPairSafe(3)))
            for message in [Self.text("user", "u1"), call, answer] {
                try await conversations.append([message], to: "s", policy: policy)
            }
            try await conversations.append([Self.text("assistant", "a1")], to: "s", policy: policy)
            #expect(try await conversations.history(of: "s").map(\.json)[..<2] == [call, answer])
            let outcome = try await conversations.append(
                [Self.text("user", "u2")], to: "s", policy: policy)
            #expect(outcome.trimmedCount == 2)
            #expect(try await Self.words("s", conversations) == "a1 u2")
            // The whole tail is one call and its answers: longer than the bound, and whole.
            let narrow = AppendPolicy(trimming: Trimming(to: .toolPairSafe(1)))
            try await conversations.append([call], to: "s2")
            try await conversations.append([answer], to: "s2", policy: narrow)
            #expect(try await conversations.history(of: "s2").map(\.json) == [call, answer])
        }
    }

    @Test("more new messages than a bound keeps leave none of the old ones", arguments: DomainBackend.there)
    func moreThanTheBound(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            for bound in [Trimming.Bound.exact(2), .evenPairs(2), .toolPairSafe(2), .bytes(70)] {
                for disposal in [Trimming.Disposal.drop, .archive] {
                    let session = "\(bound) \(disposal)"
                    try await conversations.append(Self.turns("u1 a1"), to: session)
                    let outcome = try await conversations.append(
                        Self.turns("u2 a2 u3"), to: session,
                        policy: AppendPolicy(trimming: Trimming(to: bound, disposal)))
                    #expect(outcome.trimmedCount == 3 && outcome.stored.count == 2, "\(session)")
                    #expect(try await Self.words(session, conversations) == "a2 u3", "\(session)")
                    let archived = try await conversations.archivedMessages(of: session)
                    #expect(archived.count == (disposal == .archive ? 3 : 0), "\(session)")
                }
            }
        }
    }

    @Test("the highest bound keeps everything", arguments: DomainBackend.there)
    func highestBound(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            for bound in [Trimming.Bound.exact(.max), .evenPairs(.max), .toolPairSafe(.max), .bytes(.max)] {
                let policy = AppendPolicy(sameRole: .merge, trimming: Trimming(to: bound))
                try await conversations.append(Self.turns("u1 a1"), to: "\(bound)", policy: policy)
                try await conversations.append(Self.turns("u2"), to: "\(bound)", policy: policy)
                #expect(try await conversations.trim("\(bound)", to: Trimming(to: bound)) == 0)
                #expect(try await Self.words("\(bound)", conversations) == "u1 a1 u2")
            }
        }
    }

    @Test("messages of one role are kept, dropped, merged or refused", arguments: DomainBackend.there)
    func sameRole(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            for policy in AppendPolicy.SameRole.allCases {
                let session = policy.rawValue
                let policy = AppendPolicy(sameRole: policy)
                try await conversations.append(Self.turns("a0 u1"), to: session, policy: policy)
                let second = Self.turns("u2")
                switch policy.sameRole {
                case .allow:
                    let outcome = try await conversations.append(second, to: session, policy: policy)
                    #expect(outcome.stored.count == 1)
                    #expect(try await Self.words(session, conversations) == "a0 u1 u2")
                case .drop:
                    let outcome = try await conversations.append(second, to: session, policy: policy)
                    #expect(outcome.stored.isEmpty && outcome.droppedCount == 1)
                    #expect(outcome.receipt == nil)
                    #expect(try await Self.words(session, conversations) == "a0 u1")
                case .merge:
                    let outcome = try await conversations.append(second, to: session, policy: policy)
                    #expect(outcome.mergedCount == 1)
                    let history = try await conversations.history(of: session)
                    #expect(history.last?.json == Self.text("user", #"u1\n\nu2"#))
                    #expect(history.map(\.id).last == outcome.stored.first)
                    #expect(history.count == 2)
                case .reject:
                    let error = await #expect(throws: HoldfastError.self) {
                        try await conversations.append(second, to: session, policy: policy)
                    }
                    #expect(error?.code == .conflict)
                    #expect(try await Self.words(session, conversations) == "a0 u1")
                }
                try await conversations.append(Self.turns("a3 u4"), to: session, policy: policy)
                #expect(try await Self.words(session, conversations).hasSuffix("a3 u4"))
            }
        }
    }

    @Test("answers of tools are stored whatever the policy", arguments: DomainBackend.there)
    func toolAnswers(backend: DomainBackend) async throws {
        let answers = (1...3).map { Bytes(#"{"role":"tool","tool_call_id":"c\#($0)","content":"x"}"#) }
        let result: Bytes = #"{"role":"user","content":[{"toolResult":{"toolUseId":"t"}}]}"#
        try await DomainStore.with(backend) { store in
            for policy in [AppendPolicy.SameRole.drop, .merge, .reject] {
                let conversations = store.conversations()
                let session = policy.rawValue
                let policy = AppendPolicy(sameRole: policy)
                try await conversations.append(answers, to: session, policy: policy)
                try await conversations.append(
                    [Self.text("user", "u1"), result, Self.text("user", "u2")], to: session, policy: policy)
                #expect(try await conversations.history(of: session).count == 6)
            }
        }
    }

    @Test("with an idempotency key, a policy decides once", arguments: DomainBackend.there)
    func idempotent(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            let conversations = store.conversations()
            let merge = AppendPolicy(sameRole: .merge, trimming: Trimming(to: .exact(2), .archive))
            try await conversations.append(Self.turns("a0 u1"), to: "s", policy: merge)
            let options = WriteOptions(idempotencyKey: "k")
            let first = try await conversations.append(Self.turns("u2"), to: "s", policy: merge, options)
            for _ in 0..<2 {
                let again = try await conversations.append(Self.turns("u2"), to: "s", policy: merge, options)
                #expect(again.isReplay)
                #expect(again.stored == first.stored)
            }
            #expect(try await conversations.history(of: "s").count == 2)
            // The answer is the first one also when the policy would refuse the retry.
            let reject = AppendPolicy(sameRole: .reject)
            let key = WriteOptions(idempotencyKey: "k2")
            try await conversations.append(Self.turns("a3"), to: "s", policy: reject, key)
            let again = try await conversations.append(Self.turns("a3"), to: "s", policy: reject, key)
            #expect(again.isReplay && again.stored.count == 1)
        }
    }

    @Test("a bound below zero, and nothing to append, are refused", arguments: DomainBackend.there)
    func invalid(backend: DomainBackend) async throws {
        try await DomainStore.with(backend) { store in
            for bound in [
                Trimming.Bound.exact(-1), .evenPairs(-1), .bytes(-1), .toolPairSafe(-2), .age(.seconds(-1)),
            ] {
                let error = await #expect(throws: HoldfastError.self) {
                    try await store.conversations().append(
                        ["1"], to: "s", policy: AppendPolicy(trimming: Trimming(to: bound)))
                }
                #expect(error?.code == .invalid)
            }
            let error = await #expect(throws: HoldfastError.self) {
                try await store.conversations().append([], to: "s", policy: AppendPolicy(sameRole: .drop))
            }
            #expect(error?.code == .invalid)
            let history = try await store.conversations().history(of: "s")
            #expect(history.isEmpty)
        }
    }
}
