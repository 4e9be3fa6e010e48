import HoldfastModel
import HoldfastSupport
import Testing

@testable import Holdfast

@Suite("Texts and snippets of searches") struct SnippetTests {
    @Test(
        "a text is taken apart into what must be there and what must not",
        arguments: [
            ("deploy  failed", ["deploy", "failed"], []), (#""a b" -c"#, ["a b "], ["c"]),
            (#"-"c d" e*"#, ["e*"], ["c d "]), (#""a b"* x"#, ["a b*", "x"], []), ("web-2", ["web-2"], []),
            (#"say "hello"#, ["say", "hello "], []), ("— a ! -", ["a"], []),
            (#"a"b c"d"#, ["a", "b c ", "d"], []),
        ] as [(String, [String], [String])])
    func taken(text: String, wanted: [String], unwanted: [String]) throws {
        let search = try SearchText(text)
        #expect(search.wanted == wanted && search.unwanted == unwanted)
    }

    private func snippets(_ terms: [String], _ json: String) throws -> [SearchSnippet] {
        SnippetMaker(try WordPattern(terms.map { Array($0.utf8) })).snippets(of: Bytes(json))
    }

    @Test("a snippet says in which string words stand, and where")
    func marked() throws {
        let json = #"{"role":"user","a/b":[1,{"text":"Ünder the web, WEB 2"}],"x":"no"}"#
        let found = try snippets(["web*"], json)
        #expect(found.map(\.pointer) == ["/a~1b/1/text"])
        #expect(found.first?.marks == [10..<13, 15..<18])
        #expect(found.first?.marked("[", "]") == "Ünder the [web], [WEB] 2")
    }

    @Test("a long string is cut at blanks around its first words, and never inside a character")
    func long() throws {
        let filler = String(repeating: "é😀 ", count: 100)
        let found = try snippets(["needle"], "\"\(filler)Needle \(filler)needle\"")
        let snippet = try #require(found.first)
        #expect(snippet.isCutBefore && snippet.isCutBehind && snippet.marks.count == 1)
        #expect(snippet.text.utf8.count <= 240 && !snippet.text.contains("\u{FFFD}"))
        #expect(snippet.marked("<", ">").contains("<Needle>"))
        let packed = try snippets(["needle"], "\"\(String(repeating: "—", count: 200))needle\"")
        #expect(packed.first?.text.contains("\u{FFFD}") == false)
    }

    @Test("a message has three snippets at most, and what is no JSON has none")
    func count() throws {
        #expect(try snippets(["a"], #"["a","a","b","a","a"]"#).map(\.pointer) == ["/0", "/1", "/3"])
        #expect(try snippets(["a"], "a").isEmpty)
        #expect(try snippets(["b"], #"{"b":"a"}"#).isEmpty)
    }

    @Test("half of a surrogate pair inside a string moves no mark off its word")
    func halves() throws {
        let found = try snippets(["word"], #""\ud83d x \udc00 word""#)
        let snippet = try #require(found.first)
        let scalars = Array(snippet.text.unicodeScalars)
        let mark = try #require(snippet.marks.first)
        #expect(String(String.UnicodeScalarView(scalars[mark])) == "word")
    }
}
