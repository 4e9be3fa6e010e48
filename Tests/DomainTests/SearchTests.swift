import Holdfast
import HoldfastModel
import Testing

@Suite("Search") struct SearchTests {
    /// Messages with a number each, in the order in which they are appended.
    private struct Sample {
        let session: String
        let role: String
        let words: [String]
        let number: Int

        var json: Bytes {
            let (first, rest) = (words.prefix(3).joined(separator: " "), words.dropFirst(3))
            let parts = rest.map { #"{"type":"text","text":"\#($0)"}"# }.joined(separator: ",")
            return Bytes(
                #"{"role":"\#(role)","n":\#(number),"content":["\#(first)",\#(parts.isEmpty ? "0" : parts)]}"#
            )
        }

        /// Whether all words are there, and those of a phrase next to each other.
        func has(_ wanted: [[String]]) -> Bool {
            let texts = [Array(words.prefix(3))] + words.dropFirst(3).map { [$0] }
            return wanted.allSatisfy { phrase in
                texts.contains { text in
                    (0..<text.count).contains { start in
                        start + phrase.count <= text.count
                            && zip(text[start...], phrase).allSatisfy(Self.isSame)
                    }
                }
            }
        }

        private static func isSame(_ word: String, _ wanted: String) -> Bool {
            let (word, wanted) = (word.lowercased(), wanted.lowercased())
            return wanted.hasSuffix("*") ? word.hasPrefix(wanted.dropLast()) : word == wanted
        }
    }

    private static let vocabulary = [
        "deploy", "Deploy", "deployed", "failed", "web", "naïve", "ÜBER", "über", "2", "20", "x", "the",
    ]

    private static func number(_ hit: SearchHit) -> Int? {
        hit.item.bytes.description.firstMatch(of: /"n":(\d+)/).flatMap { Int($0.output.1) }
    }

    @Test(
        "the same hits in the same order, on every backend, with and without an index",
        arguments: SearchBackend.there)
    func same(backend: SearchBackend) async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("search seed \(seed)")
        var random = SplitMix(state: seed)
        try await backend.with { store in
            var samples: [Sample] = []
            for number in 0..<90 {
                let words = (0..<Int.random(in: 1...6, using: &random)).compactMap { _ in
                    Self.vocabulary.randomElement(using: &random)
                }
                let sample = Sample(
                    session: ["a", "a/1", "b", "é"].randomElement(using: &random) ?? "a",
                    role: Bool.random(using: &random) ? "user" : "assistant", words: words, number: number)
                let namespace = number % 3 == 0 ? "chats" : "conversations"
                try await store.lists(namespace).append(.json(sample.json), to: sample.session)
                samples.append(sample)
            }
            for _ in 0..<30 { try await Self.ask(store, samples, &random) }
        }
    }

    private static func ask(
        _ store: HistoryStore, _ samples: [Sample], _ random: inout SplitMix
    ) async throws {
        var wanted: [[String]] = []
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            var phrase = (0..<Int.random(in: 1...2, using: &random)).compactMap { _ in
                vocabulary.randomElement(using: &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0 { phrase[phrase.count - 1] = "de*" }
            wanted.append(phrase)
        }
        let unwanted = Int.random(in: 0..<3, using: &random) == 0 ? "failed" : nil
        var scope = SearchScope()
        if Bool.random(using: &random) { scope.role = "user" }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: scope.key = "a"
        case 1: scope.prefix = "a"
        default: break
        }
        let terms = wanted.map { phrase in
            phrase.last == "de*"
                ? "\"\((phrase.dropLast() + ["de"]).joined(separator: " "))\"*"
                : "\"\(phrase.joined(separator: " "))\""
        }
        let text = (terms + (unwanted.map { ["-\($0)"] } ?? [])).joined(separator: " ")
        let expected = samples.reversed().filter { sample in
            sample.has(wanted) && (unwanted.map { !sample.has([[$0]]) } ?? true)
                && (scope.role.map { $0 == sample.role } ?? true)
                && (scope.key.map { $0 == sample.session } ?? true) && sample.session.hasPrefix(scope.prefix)
        }
        var found: [Int?] = []
        var cursor: Cursor?
        let limit = Int.random(in: 1...7, using: &random)
        repeat {
            let page = try await store.search().messages(text, in: scope, limit: limit, after: cursor)
            found += page.hits.map(number)
            #expect(page.hits.allSatisfy { !$0.snippets.isEmpty })
            cursor = page.hits.next
        } while cursor != nil
        #expect(found == expected.map(\.number), "\(text) in \(scope)")
    }

    @Test(
        "what was edited, removed, cleared, trimmed or has expired is not found",
        arguments: SearchBackend.there)
    func gone(backend: SearchBackend) async throws {
        let clock = MovingClock()
        try await backend.with(clock) { store in
            let lists = store.lists("conversations")
            func count() async throws -> Int {
                try await store.search().messages("needle", in: .session("s")).hits.count
            }
            var ids: [Version] = []
            for _ in 0..<6 { ids.append(try await lists.append(.json(#"["a Needle"]"#), to: "s").id) }
            let expiry = Expiry.after(.seconds(60))
            try await lists.append(.json(#""needle""#, expiry: expiry), to: "s")
            #expect(try await count() == 7)
            try await lists.edit(ids[5], in: "s", to: .json(#""hay""#))
            try await lists.remove(ids[4], from: "s")
            #expect(try await count() == 5)
            clock.advance(by: .seconds(61))
            #expect(try await count() == 4)
            try await lists.trim("s", to: .count(4))
            #expect(try await count() == 3)
            try await lists.edit(ids[5], in: "s", to: .json(#""needle again""#))
            #expect(try await count() == 4)
            try await lists.clear("s")
            #expect(try await count() == 0)
        }
    }

    @Test("an answer says whether an index of words has given it", arguments: SearchBackend.there)
    func method(backend: SearchBackend) async throws {
        try await backend.with { store in
            try await store.conversations().append(#"{"content":"one"}"#, to: "s")
            let search = store.search()
            let own = try await search.messages("one", in: .session("s"))
            #expect(own.searchedBy == (backend.isIndexed ? .index : .scan))
            #expect(own.hits.count == 1)
            let all = try await search.messages("one")
            #expect(all.searchedBy == .scan && all.hits.count == 1)
        }
    }

    @Test("times bound a search, and a cursor belongs to one search alone")
    func bounds() async throws {
        let clock = MovingClock()
        try await SearchBackend(backend: .memory, isIndexed: false).with(clock) { store in
            for _ in 0..<3 {
                try await store.conversations().append(#"{"content":"word"}"#, to: "s")
                clock.advance(by: .seconds(3600))
            }
            let search = store.search()
            let all = try await search.messages("word", in: .session("s"), limit: 1)
            let second = try await search.messages("word", in: .session("s"), limit: 1, after: all.hits.next)
            let time = try #require(second.hits.first).item.appendedAt
            var scope = SearchScope.session("s")
            scope.since = time
            #expect(try await search.messages("word", in: scope).hits.count == 2)
            scope.until = time
            scope.since = nil
            #expect(try await search.messages("word", in: scope).hits.count == 1)
            for (text, place) in [("other", scope), ("word", scope)] {
                let error = await #expect(throws: HoldfastError.self) {
                    try await search.messages(text, in: place, after: all.hits.next)
                }
                #expect(error?.code == .invalid)
            }
            for text in ["", "  ", "-only", "?!", "\"\"", String(repeating: "a ", count: 3000)] {
                let error = await #expect(throws: HoldfastError.self) { try await search.messages(text) }
                #expect(error?.code == .invalid)
            }
            #expect(try await search.messages("word", limit: 0).hits.isEmpty)
        }
    }
}

/// Numbers of a seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
