import HoldfastSupport
import Testing

@Suite("Sort keys")
struct SortKeyTests {
    private func key(_ json: String) throws -> [UInt8] {
        try #require(SelectScalar(json: Array(json.utf8)), "\(json) is a scalar").key
    }

    @Test("keys compare as values do, from null to the last string")
    func order() throws {
        let groups: [[String]] = [
            ["null"], ["false"], ["true"], ["-1e400"], ["-9223372036854775809"], ["-9223372036854775808"],
            ["-10"],
            ["-1.5", "-15e-1"], ["-1.05"], ["-1", "-1.0"], ["-0.5"], ["-1e-400"], ["0", "-0", "0.0", "0e9"],
            ["1e-400"], ["0.1", "1e-1", "0.10"], ["0.10000000000000001"], ["1", "1.0", "10e-1", "0.1E+1"],
            ["1.05"],
            ["1.5"], ["10", "1e1"], ["99"], ["100"], ["9223372036854775807"], ["9223372036854775808"],
            ["9223372036854775809"], ["1e64"], ["1e65"], ["1e400"], ["1e99999999999999999999999"],
            [#""""#], [#""\u0000""#], [#""A""#], [#""a""#, #""\u0061""#], [#""a\u0000""#], [#""aa""#],
            [#""é""#],
            [#""\ud7ff""#], [#""\ud83d""#], [#""\ude00""#], [#""\uffff""#], [#""😀""#, #""\ud83d\ude00""#],
        ]
        for (index, group) in groups.enumerated() {
            for text in group { #expect(try key(text) == key(group[0]), "\(text) = \(group[0])") }
            guard index > 0 else { continue }
            let (low, high) = (groups[index - 1][0], group[0])
            #expect(try key(low).lexicographicallyPrecedes(key(high)), "\(low) < \(high)")
        }
    }

    @Test("random numbers compare as integers of their digits do")
    func randomNumbers() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let pair = [
                Int64.random(in: -9999...9999, using: &random),
                .random(in: .min / 2 ... .max / 2, using: &random),
            ]
            .shuffled(using: &random)
            let scale = Int.random(in: -3...3, using: &random)
            let texts = pair.map { "\($0)e\(scale)" }
            let isBefore = try key(texts[0]).lexicographicallyPrecedes(key(texts[1]))
            #expect(isBefore == (pair[0] < pair[1]), "\(texts), seed \(seed)")
        }
    }

    @Test(
        "a key gives the value back, written in one way",
        arguments: [
            ("1.0", "1"), ("-0", "0"), ("1e3", "1000"), ("15e-1", "1.5"), ("1e21", "1e21"),
            ("1e20", "100000000000000000000"),
            ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("-12.50", "-12.5"), ("12345e400", "1.2345e404"),
            ("true", "true"), ("null", "null"), (#""a\u00e9\n\ud83d""#, #""aé\u000a\ud83d""#),
            (#""\ud83d\ude00""#, #""😀""#),
        ])
    func json(text: String, written: String) throws {
        let json = try #require(SortKey.json(try key(text)))
        #expect(String(decoding: json, as: UTF8.self) == written)
        #expect(SelectScalar(json: json)?.key == (try key(text)))
    }

    @Test("a cut key ends at a whole character, and at so many digits")
    func cut() throws {
        let text = Array(String(repeating: "é", count: 200).utf8)
        #expect(SortKey.of(string: text, isCut: true).count == 257)
        #expect(SortKey.of(string: [0x61] + text, isCut: true).count == 256)
        #expect(SortKey.of(string: text, isCut: false).count == 401)
        let long = try #require(SortKey.number(try key("1" + String(repeating: "0", count: 80) + "1")))
        #expect(SortKey.of(long, isCut: true) > [0x12])
        #expect(SortKey.number(SortKey.of(long, isCut: true))?.text == Array("1e81".utf8))
    }
}

private func > (left: [UInt8], right: [UInt8]) -> Bool { right.lexicographicallyPrecedes(left) }
