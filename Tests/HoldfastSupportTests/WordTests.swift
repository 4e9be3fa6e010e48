import HoldfastSupport
import Testing

@Suite("Words")
struct WordTests {
    private func words(_ text: String) -> [String] {
        WordScanner.words(of: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "words are runs of letters, digits and their marks, upper and lower case alike",
        arguments: [
            ("Deploy failed: web-2, retry #3!", ["deploy", "failed", "web", "2", "retry", "3"]),
            ("", []), ("–– … !?", []), ("a_b", ["a", "b"]), ("x²½Ⅷ", ["x²½ⅷ"]),
            ("ΟΔΟΣ οδος", ["οδοσ", "οδοσ"]), ("Straße STRASSE", ["strasse", "strasse"]),
            ("éE\u{301}", ["ée\u{301}"]), ("❤\u{FE0F} \u{301}a", ["a"]),
            ("हिन्दी में", ["हिन्दी", "में"]), ("今天abc天気がっ", ["今", "天", "abc", "天", "気", "が", "っ"]),
            ("か\u{3099}x", ["か\u{3099}", "x"]), ("😀ok😀", ["ok"]), ("don't", ["don", "t"]),
        ] as [(String, [String])])
    func cut(text: String, expected: [String]) {
        let found = words(text)
        #expect(found.count == expected.count)
        let isSame = zip(found, expected).allSatisfy { $0.unicodeScalars.elementsEqual($1.unicodeScalars) }
        #expect(isSame, "\(found)")
    }

    @Test("a long word counts up to 128 bytes, ended at a whole character")
    func long() {
        #expect(words(String(repeating: "a", count: 5000)) == [String(repeating: "a", count: 128)])
        #expect(words("x" + String(repeating: "é", count: 500)) == ["x" + String(repeating: "é", count: 63)])
        #expect(words(String(repeating: "a", count: 128) + " b").count == 2)
    }

    @Test("bytes that are no UTF-8 stand between words")
    func damaged() {
        #expect(WordScanner.words(of: [0x61, 0xFF, 0x62, 0xED, 0xA0, 0x80, 0x63, 0xC3]).count == 3)
        #expect(WordScanner.words(of: [0xF0, 0x9F]).isEmpty)
    }

    private func finds(_ terms: [String], _ value: String) throws -> Bool {
        let terms = terms.map { "\"\($0)\"" }.joined(separator: ",")
        let filter = try SelectFilter(parsing: Array(#"{"words":["",[\#(terms)]]}"#.utf8))
        let zero = SelectID(high: 0, low: 0)
        let text = Array(value.utf8)
        return SelectEvaluator(filter: filter, outputs: [])
            .keys(SelectMeta(key: [], id: zero, version: zero), text.span) != nil
    }

    @Test(
        "all terms must occur in strings inside the value; several words follow each other in one string",
        arguments: [
            (["deploy"], true), (["Deploy", "WEB"], true), (["deploy", "absent"], false), (["dep*"], true),
            (["dep"], false), (["failed the"], true), (["the failed"], false), (["failed the dep*"], true),
            (["web 2"], true), (["2 cause"], false), (["role"], false), (["user"], true), (["naïve"], true),
            (["3"], false), ([], true), (["a a b"], true), (["a b a"], false),
        ] as [([String], Bool)])
    func found(terms: [String], isFound: Bool) throws {
        let value =
            #"{"role" : "user","content":["It Failed: the deploy of web-2","#
            + #"{"text":"cause na\u00efve","n":3}],"x":"a a a b"}"#
        #expect(try finds(terms, value) == isFound)
    }

    @Test("a term without a word, and too many words, are refused")
    func refused() {
        #expect(throws: SelectError.self) { try WordPattern([Array("!?".utf8)]) }
        let many = Array(String(repeating: "a ", count: 65).utf8)
        #expect(throws: SelectError.self) { try WordPattern([many]) }
        #expect(throws: SelectError.self) {
            try SelectFilter(parsing: Array(#"{"words":["@key",["a"]]}"#.utf8))
        }
    }

    @Test("what an index must find is asked of all that must hold together, however it is nested")
    func needed() throws {
        let text = #"""
            {"select":1,"namespace":"n","where":{"and":[{"and":[{"words":["",["a b"]]},{"not":{"words":["",["c"]]}}]},
             {"or":[{"words":["",["d"]]},{"exists":""}]},{"words":["/x",["e*"]]}]}}
            """#
        let words = try Select(parsing: Array(text.utf8)).neededWords
        #expect(words.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a", "b", "e"])
        #expect(words.map(\.isPrefix) == [false, false, true])
    }

    @Test("places are those of whole terms in the text, in bytes")
    func places() throws {
        let text = Array("Ä failed deploy, deploy the web".utf8)
        let terms = ["failed deploy", "WE*", "deploy the"]
        let pattern = try WordPattern(terms.map { Array($0.utf8) })
        let found = pattern.places(in: text).map { String(decoding: text[$0], as: UTF8.self) }
        #expect(found == ["failed deploy", "deploy the", "web"])
    }

    @Test("random text has the words of its pieces, however it is escaped in JSON")
    func random() throws {
        var random = SystemRandomNumberGenerator()
        let pieces = ["ab", "Ab", "é", "天", "9", "ς"]
        for _ in 0..<300 {
            let chosen = (0..<Int.random(in: 1...6)).compactMap { _ in pieces.randomElement(using: &random) }
            let text = chosen.joined(separator: "-")
            let escaped = text.unicodeScalars.map { scalar in
                let digits = String(scalar.value, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
            for piece in pieces {
                let expected = chosen.contains { words($0) == words(piece) }
                #expect(try finds([piece], "[\"\(text)\"]") == expected, "\(piece) in \(text)")
                #expect(try finds([piece], "[\"\(escaped)\"]") == expected, "\(piece) in \(escaped)")
            }
        }
    }
}
