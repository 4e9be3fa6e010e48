import HoldfastModel

/// Names and values that something between a caller and a disk might take for something else.
enum HostileData {
    /// Keys, session ids and, after a letter, names of namespaces.
    static let names: [String] = [
        "#", "/", "..", "../../etc/passwd", "%", "%25", "_", "*", "?", "\\0", "\\u0000", "\\", "\\\\", "'",
        "\"", "`", "'; DROP TABLE x; --", "$1", "$$", ":name", "?1", "{", "}", "{}", "}{",
        "{a}:h", "}:l", "a", "A", "a ", " a", " ", "a/b", "/a", "a/", "a#b", "a%", "a_b", "aXb", "\t", "\n",
        "\r\n", "\u{1}", "\u{7F}", "é", "e\u{301}", "ß", "SS", "ﬀ", "😀", "👩‍👩‍👧‍👦", "\u{202E}abc",
        "\u{FEFF}", "\u{FFFF}", "\u{10FFFF}", "NULL", "null", "0", "00", "-1", "1e3", "9223372036854775808",
        "true", "(", "[", "+", "-", "CON", "select", String(repeating: "k", count: 1024),
        String(repeating: "😀", count: 256),
    ]

    /// JSON that parsers change when they write it again, or refuse.
    static let json: [Bytes] = [
        "null", "\"\"", "{}", "[]", "0", "-0", "1.0", "1e400", "1E-400", "9223372036854775807",
        "9223372036854775808", "-9223372036854775809", "18446744073709551616",
        "0.1000000000000000055511151231257827", "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":2,\"a\":1}",
        "{\"\":0}", "{\"a\\u0000b\":\"\\u0000\"}", "\"\\ud83d\"", "\"\\udc00\\ud800\"",
        "\"\\ud83d\\ude00\"", "\"😀 é e\u{301} \u{202E}\"", "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
        "{\"a\" : 1 ,\t\"b\":\r\n2 }", " [1 , 2] ", "{\"__proto__\":{}}", "\"'; DROP TABLE x; --\"",
        "\"$1 ?1 :name %s ${HOME} \\u0027\"", "\"\u{7F}\u{80}\u{FFFF}\"", "true", "[[[[[[[[]]]]]]]]",
    ]

    /// Bytes that are no JSON, and no text.
    static let bytes: [Bytes] = [
        "", Bytes([0]), Bytes([0, 0, 0]), Bytes([0xFF, 0xFE]), Bytes([0xC0, 0x80]),
        Bytes([0xED, 0xA0, 0x80]),
        Bytes([0x80]), Bytes([13, 10]), "{not json", "\u{FEFF}{}", "\\x00", "\r\n$-1\r\n",
        Bytes(Array(0...255)),
    ]

    /// The largest value there is: every byte in it, and no two pages alike.
    static let largestBytes: Bytes = {
        let page = Array((0..<1 << 16).map { UInt8(truncatingIfNeeded: $0 &* 0x9E37 >> 5) }.dropLast())
        var value: [UInt8] = []
        for number in 0..<256 { value += [UInt8(number)] + page }
        return Bytes(value)
    }()

    /// The largest JSON there is: escapes, half a surrogate pair, and characters of every length.
    static let largestJSON: Bytes = {
        let part = Array(#"\u0000\ud800é😀€ "#.utf8)
        let room = (16 << 20) - 2
        var text = [UInt8(ascii: "\"")]
        text.reserveCapacity(16 << 20)
        while text.count + part.count <= room { text += part }
        text += [UInt8](repeating: UInt8(ascii: "x"), count: room + 1 - text.count)
        return Bytes(text + [UInt8(ascii: "\"")])
    }()
}
