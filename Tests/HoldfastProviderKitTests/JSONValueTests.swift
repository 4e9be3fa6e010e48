import HoldfastProviderKit
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test(
        "what is JSON is read",
        arguments: [
            ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
            ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5e2", .number(150)),
            ("\"\"", .string("")), (#""\"\\\/\b\f\n\r\té😀""#, .string("\"\\/\u{8}\u{C}\n\r\té😀")),
            (#""\ud83d""#, .string("\u{FFFD}")), (#""\ud83dx""#, .string("\u{FFFD}x")),
            (#""\u0000""#, .string("\0")), ("[]", .array([])),
            ("[1,[2]]", .array([.integer(1), .array([.integer(2)])])),
            ("{}", .object([])),
            (
                #"{"a":1,"a":2}"#,
                .object([.init(name: "a", value: .integer(1)), .init(name: "a", value: .integer(2))])
            ),
        ])
    func valid(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(
        "what is not JSON is refused with the byte at which it stops",
        arguments: [
            "", " ", "nul", "tru", "01", "-", "1.", "1e", ".5", "+1", "1 2", "\"", "\"\n\"", #""\x""#,
            #""\u12""#,
            "[", "[1", "[1,]", "[,1]", "{", "{a:1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "]", "1e999", "//",
            "NaN",
        ])
    func invalid(text: String) {
        #expect {
            try JSONValue(parsing: text)
        } throws: { error in
            guard let error = error as? ProviderError else { return false }
            return error.code == .invalid && error.message.hasPrefix("not JSON at byte ")
        }
    }

    @Test("64 levels are read, 65 are refused, and neither overflows a stack")
    func depth() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64)) }
        #expect(throws: ProviderError.self) { try JSONValue(parsing: nested(65)) }
        #expect(throws: ProviderError.self) { try JSONValue(parsing: nested(100_000)) }
    }

    @Test("numbers are equal by value, a string never equals a number")
    func equality() throws {
        #expect(try JSONValue(parsing: "1") == JSONValue(parsing: "1.0"))
        #expect(try JSONValue(parsing: "1").hashValue == JSONValue(parsing: "1.0").hashValue)
        #expect(try JSONValue(parsing: "\"1\"") != JSONValue(parsing: "1"))
        #expect(try JSONValue(parsing: "9007199254740993") != JSONValue(parsing: "9007199254740992.0"))
    }

    @Test("an accent of its own is not the accented letter, in a string as in a name")
    func canonicalEquivalence() throws {
        #expect(try JSONValue(parsing: #""\u00e9""#) != JSONValue(parsing: #""e\u0301""#))
        #expect(try JSONValue(parsing: #"{"\u00e9":1}"#)["e\u{301}"] == nil)
    }

    @Test("the last of several members with a name counts")
    func duplicates() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"b":0,"a":2}"#)["a"] == .integer(2))
        #expect(try JSONValue(parsing: "[]")["a"] == nil)
    }
}
