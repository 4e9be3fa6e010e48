import HoldfastSupport
import Testing

@Suite("JSON syntax") struct JSONSyntaxTests {
    private func damage(_ bytes: [UInt8]) -> JSONDamage? {
        do throws(JSONDamage) { try JSONSyntax.check(bytes.span) } catch { return error }
        return nil
    }

    @Test(
        "what the grammar allows is JSON, however odd",
        arguments: [
            "null", "true", "false", "0", "-0", "1.0", "1e400", "-1.5E+10", "123456789012345678901234567890",
            #""""#, #""\"\\\/\b\f\n\r\t\u0000\uD800\udfff""#, #""é€😀""#, "[]", "{}", " [ ] ", "\t\n\r { } ",
            "[1,2,[3,[4]],{}]", #"{"":0}"#, #"{"a":1,"a":2}"#, #"{"a":{"b":[{"c":null}]},"d":[]}"#,
            "[[],[],{},{}]",
            "\"\u{7F}\u{80}\u{2028}\"",
        ])
    func allowed(text: String) {
        #expect(damage(Array(text.utf8)) == nil)
    }

    @Test(
        "what the grammar does not allow is refused at the byte where it stops being JSON",
        arguments: [
            ("", 0), (" ", 1), ("nul", 3), ("nulls", 4), ("True", 0), ("NaN", 0), ("01", 1), ("-", 1),
            ("+1", 0),
            ("1.", 2), (".5", 0), ("1e", 2), ("1e+", 3), ("0x1", 1), ("\"", 1), ("\"a", 2), ("\"\n\"", 1),
            (#""\x""#, 2), (#""\u12g4""#, 5), (#""\u12""#, 5), ("\"\\", 2), ("[", 1), ("[1", 2), ("[1,]", 3),
            ("[,1]", 1), ("[1 2]", 3), ("]", 0), ("[1}", 2), ("{", 1), ("{,}", 1), ("{\"a\"}", 4),
            ("{\"a\":}", 5),
            ("{\"a\":1,}", 7), ("{a:1}", 1), ("{1:1}", 1), ("{\"a\":1]", 6), ("{\"a\" 1}", 5), ("1 2", 2),
            ("{}{}", 2),
            ("// x", 0), ("'a'", 0), ("\u{FEFF}1", 0), ("1\0", 1),
        ])
    func refused(text: String, offset: Int) {
        #expect(damage(Array(text.utf8))?.offset == offset)
    }

    @Test("bytes that are not UTF-8 are refused, in strings too")
    func notUTF8() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        ] {
            #expect(damage(bytes)?.description == "byte 1: expected UTF-8")
        }
    }

    @Test("containers nest up to the limit, and no deeper", arguments: ["[", "{\"a\":"])
    func depth(opening: String) {
        func nested(_ depth: Int) -> [UInt8] {
            let closing = opening == "[" ? "]" : "}"
            let inner = opening == "[" ? "" : "1"
            return Array(
                (String(repeating: opening, count: depth) + inner + String(repeating: closing, count: depth))
                    .utf8)
        }
        #expect(damage(nested(JSONSyntax.depthMax)) == nil)
        #expect(damage(nested(JSONSyntax.depthMax + 1))?.expected == "at most 256 nested arrays and objects")
        #expect(damage(Array(String(repeating: opening, count: 100_000).utf8)) != nil)
    }

    @Test("each beginning of a JSON text is refused at its end, and no change of one byte goes too far")
    func truncation() {
        let text = Array(#"{"role":"user","n":[1,-2.5e3,true,null],"s":"a\u00e9\n","o":{"x":{}}}"#.utf8)
        #expect(damage(text) == nil)
        for count in text.indices { #expect(damage(Array(text.prefix(count)))?.offset == count) }
        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                if let damage = damage(changed) { #expect(damage.offset <= text.count) }
            }
        }
    }

    @Test("a scalar is a value without parts")
    func scalars() {
        for text in ["1", " \"[\" ", "null", "true"] {
            #expect(throws: Never.self) { try JSONSyntax.checkScalar(Array(text.utf8).span) }
        }
        for text in ["{}", " [1]", "", "tru"] {
            #expect(throws: JSONDamage.self) { try JSONSyntax.checkScalar(Array(text.utf8).span) }
        }
    }

    @Test("the message says where, and what would have been right")
    func message() {
        #expect(damage(Array("[1 2]".utf8))?.description == #"byte 3: expected "," or "]""#)
    }
}
