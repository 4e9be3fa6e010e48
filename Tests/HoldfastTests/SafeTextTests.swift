import Testing

@testable import Holdfast

@Suite("Text of strangers in documents") struct SafeTextTests {
    @Test(
        "whatever a text holds, it is one cell of a table, and no formula",
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("=1+1", "'=1+1"),
            ("\"\u{301},=1+1", "\"\"\"\u{301},=1+1\""), ("a\r\n=1", "\"a\r\n=1\""),
            (",\u{301}=1", "\",\u{301}=1\""),
        ])
    func cells(text: String, cell: String) {
        #expect(Array(SafeText.csv(text).utf8) == Array(cell.utf8))
    }

    @Test("markup with an accent on it is markup no more")
    func markup() {
        #expect(
            Array(SafeText.html("<\u{301}b>\"\u{301}").utf8) == Array("&lt;\u{301}b&gt;&quot;\u{301}".utf8))
    }
}
