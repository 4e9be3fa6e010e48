import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

@Suite("Queries through a chain of fakes") struct SelectTests {
    private static let queries: [Bytes] = [
        #"{"select":1,"namespace":"messages"}"#,
        #"{"select":1,"namespace":"messages","order":[{"by":"/n","descending":true}],"limit":5}"#,
        #"{"select":1,"namespace":"messages","order":[{"by":"/n","descending":true}],"limit":5,"offset":4}"#,
        #"{"select":1,"namespace":"messages","key":"s1","order":[{"by":"@id","descending":true}],"limit":3}"#,
        #"{"select":1,"namespace":"messages","prefix":"s","scope":"documents","where":{"eq":["/kind","b"]}}"#,
        #"{"select":1,"namespace":"messages","where":{"eq":["/n",4.0]}}"#,
        #"{"select":1,"namespace":"messages","where":{"not":{"exists":"/n"}},"answer":"keys"}"#,
        #"{"select":1,"namespace":"messages","answer":"count"}"#,
        #"{"select":1,"namespace":"messages","where":{"ge":["/n",3]},"answer":"count"}"#,
        #"{"select":1,"namespace":"messages","answer":{"by":["/kind"],"aggregates":[{"sum":"/n"},{"max":"@key"}]}}"#,
        #"{"select":1,"namespace":"elsewhere","answer":"count"}"#,
    ]

    private func put(
        _ key: String, _ value: String, isItem: Bool, to chain: Chain
    ) async throws(HoldfastError) -> Version {
        let record = Record(namespace: "messages", key: Bytes(key), value: Bytes(value))
        let condition: Change.Condition = .newest
        let receipt = try await chain.write(
            WriteRequest([Change(.put, record, if: condition, isItem: isItem)]))
        return receipt.versions[0]
    }

    private func fill(_ chain: Chain, from start: Int, _ count: Int, seed: UInt64) async throws(HoldfastError)
    {
        for index in start..<start + count {
            let key = "s\((UInt64(index) &* 7 &+ seed) % 4)"
            let number = ["\(index)", "\(index).0", "\(index)e0"][index % 3]
            let kind = index % 2 == 0 ? "a" : "b"
            _ = try await put(key, #"{"n":\#(number),"kind":"\#(kind)"}"#, isItem: index % 3 != 0, to: chain)
            if index % 9 == 8 {
                let record = Record(namespace: "messages", key: Bytes("s\(index % 4)"))
                _ = try await chain.write(WriteRequest([Change(.drop, record, if: .newest)]))
            }
        }
    }

    @Test(
        "a query that a backup answers hides nothing that only the log holds",
        arguments: 0..<8 as Range<UInt64>)
    func overlaid(seed: UInt64) async throws {
        let poison: Bytes = #"{"poison":true}"#
        let fake = FakeChain {
            $0.onPrimaryFailure = .accept
            $0.poisonAttemptCountMax = .max
        }
        let chain = try await fake.open()
        try await fill(chain, from: 0, 12 + Int(seed), seed: seed)
        try await chain.flush(CallOptions())
        // From here on the backup gets stuck, and all that follows waits in the log.
        fake.backup.world.withLock { $0.poison = poison }
        _ = try await put("s0", poison.description, isItem: true, to: chain)
        try await fill(chain, from: 40, 20, seed: seed)
        var before: [[Record]] = []
        for query in Self.queries { before.append(try await chain.select(query, CallOptions()).records) }
        fake.primary.goDown()
        for (query, expected) in zip(Self.queries, before) {
            let answer = try await chain.select(query, CallOptions())
            #expect(answer.records == expected, "\(query), seed \(seed)")
            #expect(answer.source == "backup" && answer.degradations.contains(.fallback("backup")))
        }
        #expect(before.flatMap(\.self).count > 20)
        fake.backup.world.withLock { $0.poison = nil }
        await chain.close()
    }

    @Test("an equality filter over the log compares numbers by value, and nothing in bytes")
    func matches() async throws {
        let poison: Bytes = #"{"poison":true}"#
        let fake = FakeChain {
            $0.onPrimaryFailure = .accept
            $0.poisonAttemptCountMax = .max
        }
        let chain = try await fake.open()
        fake.backup.world.withLock { $0.poison = poison }
        _ = try await put("s0", poison.description, isItem: true, to: chain)
        let values = [
            #"{"n":1}"#, #"{"n":1.0}"#, #"{"n":10e-1}"#, #"{"n":"1"}"#, #"{"n":2,"n":1}"#, #"{"n":1,"n":2}"#,
        ]
        for value in values { _ = try await put("s1", value, isItem: true, to: chain) }
        let bytes = Record(namespace: "messages", key: "s2", value: #"{"n":1}"#, flags: .bytes)
        _ = try await chain.write(WriteRequest([Change(.put, bytes, if: .newest)]))
        fake.primary.goDown()
        let query = Query(namespace: "messages", matches: [Query.Match(field: "n", json: "1")])
        let answer = try await chain.query(query, CallOptions())
        #expect(answer.source == "backup")
        #expect(answer.records.map(\.value.description) == [values[0], values[1], values[2], values[4]])
        fake.backup.world.withLock { $0.poison = nil }
        await chain.close()
    }

    @Test("a text that is no query is refused before anybody is asked")
    func refuses() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        for text: Bytes in [
            "", "[]", "{", #"{"select":2,"namespace":"x"}"#, #"{"select":1}"#,
            #"{"select":1,"namespace":"x","limit":-1}"#,
        ] {
            let error = await #expect(throws: HoldfastError.self) {
                _ = try await chain.select(text, CallOptions())
            }
            #expect(error?.code == .invalid)
        }
        await chain.close()
    }
}
