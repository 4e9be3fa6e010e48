import HoldfastModel
import Testing

@testable import HoldfastConfiguration

@Suite("JSON")
struct JSONReaderTests {
    @Test(
        "what is read is written back the same",
        arguments: [
            "null", "true", "false", "0", "-0", "1.5e-7", "9223372036854775808", #""""#, #""a\"b\\c\n""#,
            "[]", "{}",
            #"{"a":[1,{"b":null}],"c":"é😀"}"#,
        ])
    func roundTrip(text: String) throws {
        #expect(try JSONReader.parse(text).text == text)
        #expect(try JSONReader.parse(" \n\t\r\(text) ").text == text)
    }

    @Test("escapes stand for their characters")
    func escapes() throws {
        #expect(try JSONReader.parse(#""\u00e9\ud83d\ude00\/\b\f\r\t""#).string == "é😀/\u{8}\u{C}\r\t")
        #expect(JSONValue.string("\u{1}\u{7F}").text == #""\u0001\u007f""#)
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "nul", "tru", "01", "1.", ".5", "+1", "1e", "-", "\"", "\"\u{1}\"", #""\x""#, #""\u12""#,
            #""\ud800""#, #""\ud800\u0041""#,
            #""\udc00""#, "[1,]", "[1 2]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{1:2}", "1 2", "[",
            "{", #"{"a":1"#, "NaN", "'a'",
        ])
    func broken(text: String) {
        #expect(throws: HoldfastError.self) { try JSONReader.parse(text) }
    }

    @Test("nesting beyond 64 is refused, not followed")
    func depth() {
        #expect(throws: HoldfastError.self) {
            try JSONReader.parse(String(repeating: "[", count: 100_000))
        }
    }
}
