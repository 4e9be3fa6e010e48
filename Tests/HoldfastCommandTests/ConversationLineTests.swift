import HoldfastModel
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("Lines of an import or export")
struct ConversationLineTests {
    static func line(_ message: String) -> [UInt8] {
        Array(#"{"session":"s","index":3,"message":\#(message)}"#.utf8)
    }

    @Test(
        "a message keeps its bytes",
        arguments: [
            #"{"b": 1.0, "a": 1, "b":2}"#, "18446744073709551616", #""\ud800""#, #""\u0000 \/ \u00e9 é 🙂""#,
            #"{ "a" : [ 1 , {} , [] , "]}\"" ] }"#, "-0.5e+10", "null", "true", #""""#, "[[[[]]]]",
        ])
    func keepsBytes(message: String) throws {
        let line = try ConversationLine(decoding: Self.line(message))
        #expect(line.message == MessageText(bytes: Bytes(message), isJSON: true))
        #expect(line.session == "s")
        #expect(line.index == 3)
        let again = try ConversationLine(decoding: line.encoded.dropLast())
        #expect(again == line)
    }

    @Test("members may come in any order, with others between them and white space around them")
    func anyOrder() throws {
        let text =
            " {\t\"message\" : {\"a\":[1]} ,\"more\":[{\"session\":\"no\"}], \"index\":0, \"session\":\"x\"} "
        let line = try ConversationLine(decoding: Array(text.utf8))
        #expect(line == ConversationLine(session: "x", index: 0, message: #"{"a":[1]}"#))
    }

    @Test(
        "a session's name has its escapes taken out, and put in again",
        arguments: [
            ("a/b#c.%_", #"a\/b#c.%_"#), ("\"\\\n\t\u{1}é🙂", #"\"\\\n\t\u0001\u00E9\ud83d\ude42"#),
        ])
    func sessionEscapes(name: String, escaped: String) throws {
        let text = #"{"session":"\#(escaped)","index":0,"message":0}"#
        let line = try ConversationLine(decoding: Array(text.utf8))
        #expect(line.session == name)
        #expect(try ConversationLine(decoding: line.encoded.dropLast()).session == name)
    }

    @Test(
        "what no line can hold stands in base 64",
        arguments: [
            (Bytes([0, 255, 10]), false), (Bytes("{\n\"a\": 1}"), true), (Bytes(" 1"), true), (.empty, false),
            (Bytes("\"a\""), false), (Bytes([0x22, 0xFF, 0x22]), true),
        ])
    func base64(value: Bytes, isJSON: Bool) throws {
        let line = ConversationLine(session: "s", index: 0, message: value, isJSON: isJSON)
        #expect(line.encoded.filter { $0 == 0x0A }.count == 1)
        #expect(try ConversationLine(decoding: line.encoded.dropLast()) == line)
    }

    @Test("base 64 of every length is that of RFC 4648")
    func base64Vectors() {
        let vectors = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
        ]
        for (plain, encoded) in vectors {
            #expect(Base64.encode(Array(plain.utf8)) == Array(encoded.utf8))
            #expect(Base64.decode(Array(encoded.utf8)) == Array(plain.utf8))
        }
        #expect(Base64.decode(Array("Zg=".utf8)) == nil)
        #expect(Base64.decode(Array("Z===".utf8)) == nil)
        #expect(Base64.decode(Array("Zm9!".utf8)) == nil)
    }

    @Test(
        "a line that is wrong says what would be right",
        arguments: [
            (#"{"index":0,"message":1}"#, #"expected "session" to be a string"#),
            (#"{"session":1,"index":0,"message":1}"#, #"expected "session" to be a string"#),
            (#"{"session":"\ud800","index":0,"message":1}"#, #"expected "session" to be a string"#),
            (#"{"session":"","index":0,"message":1}"#, "the session is empty"),
            (#"{"session":"s","index":-1,"message":1}"#, #"expected "index" to be a whole number from 0"#),
            (#"{"session":"s","index":1.5,"message":1}"#, #"expected "index" to be a whole number from 0"#),
            (#"{"session":"s","index":0}"#, #"expected "message", or "base64" with "format""#),
            (#"{"session":"s","index":0,"base64":"?","format":"json"}"#, #""base64" is not base 64"#),
            (#"{"session":"s","index":0,"message":1"#, "column 37: expected"),
            (#"{"session":"s","index":0,"message":}"#, "column 36: expected"),
            (#"{"session":"s","index":0,"message":1} x"#, "column 39: expected"),
            ("[]", "column 1: expected an object"), ("", "column 1: expected"),
        ])
    func wrongLine(text: String, sentence: String) {
        let error = #expect(throws: HoldfastError.self) { try ConversationLine(decoding: Array(text.utf8)) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "no error")")
    }

    @Test("a line that is not UTF-8 is refused")
    func notUTF8() {
        let line = Array(#"{"session":"s","index":0,"message":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(throws: HoldfastError.self) { try ConversationLine(decoding: line) }
    }
}

@Suite("Reading lines")
struct LineReaderTests {
    @Test(
        "lines of any length come out whole, with or without a line feed at the end",
        arguments: [true, false])
    func lines(hasFinalLineFeed: Bool) throws {
        let directory = try TemporaryDirectory()
        let lines = [0, 1, 300_000, 5, 262_144, 262_143, 0, 7].map { [UInt8](repeating: 0x61, count: $0) }
        var bytes = Array(lines.joined(separator: [0x0A]))
        if hasFinalLineFeed { bytes.append(0x0A) }
        let path = try directory.write(bytes, to: "lines")
        let input = try FileDescriptor.open(path)
        defer { input.close() }
        var reader = LineReader(input)
        var seen: [[UInt8]] = []
        while let line = try reader.next() { seen.append(line) }
        #expect(seen.map(\.count) == lines.map(\.count))
        #expect(reader.lineNumber == lines.count)
        #expect(reader.byteCount == bytes.count)
        #expect(input.byteCount == bytes.count)
    }

    @Test("a carriage return before the line feed is not part of the line")
    func carriageReturn() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("a\r\n\r\nb".utf8), to: "lines")
        let input = try FileDescriptor.open(path)
        defer { input.close() }
        var reader = LineReader(input)
        #expect(try reader.next() == [0x61])
        #expect(try reader.next() == [])
        #expect(try reader.next() == [0x62])
        #expect(try reader.next() == nil)
    }

    @Test("a file that is not there is said by its name")
    func missing() {
        let error = #expect(throws: HoldfastError.self) { try FileDescriptor.open("/no/such/file") }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("/no/such/file") == true)
    }
}
