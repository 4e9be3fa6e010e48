import Testing

@testable import HoldfastConfiguration

@Suite("Limits of a file")
struct LimitsTests {
    private func wide(_ count: Int) -> String {
        "storage: { type: memory, list: [\(Array(repeating: "x", count: count).joined(separator: ","))] }"
    }

    @Test("a file of as many values as are allowed is read, one more is refused")
    func nodeCount() {
        // Two mappings, their three keys, the type and the list itself.
        #expect(Fixture.errors(wide(YAMLComposer.nodeCountMax - 7)) == "")
        #expect(Fixture.errors(wide(YAMLComposer.nodeCountMax - 6)).contains("more than 10000 values"))
    }

    @Test("as deep as is allowed is read, one deeper is refused")
    func depth() {
        let nested = { (count: Int) in
            "storage: { type: memory, a: \(String(repeating: "[", count: count))\(String(repeating: "]", count: count)) }"
        }
        #expect(Fixture.errors(nested(YAMLComposer.depthMax - 2)) == "")
        #expect(Fixture.errors(nested(YAMLComposer.depthMax - 1)).contains("nested more than 32 deep"))
        #expect(Fixture.errors(nested(200_000)).contains("nested more than 32 deep"))
    }

    @Test("as long as is allowed is read, one byte more is refused")
    func byteCount() {
        let text = "storage: { type: memory }\n#"
        let padding = String(repeating: "x", count: YAMLComposer.byteCountMax - text.utf8.count)
        #expect(Fixture.errors(text + padding) == "")
        #expect(
            Fixture.errors(text + padding + "x").contains(
                "the file has 1048577 bytes, expected at most 1048576"))
    }

    @Test("an alias counts as often as it is used, and as often as what it names does")
    func aliases() {
        let text =
            "storage: { type: memory, a: &a [\(Array(repeating: "x", count: 98).joined(separator: ","))], b: ["
        let uses = { (count: Int) in
            text + Array(repeating: "*a", count: count).joined(separator: ",") + "] }"
        }
        #expect(Fixture.errors(uses(99)) == "")
        #expect(Fixture.errors(uses(101)).contains("more than 10000 values"))
    }

    @Test("more errors than anybody reads are counted, and only so many are kept")
    func errorCount() {
        let keys = (0..<3000).map { "k\($0): 1\n" }.joined()
        let lines = Fixture.errors("storage: { type: memory }\n" + keys).split(separator: "\n")
        #expect(lines.count == ConfigurationErrors.shownCountMax + 1)
        #expect(lines.last == "… and 980 more errors")
    }

    @Test("a long value is cut in a message, and kept on one line")
    func longValue() {
        let value = String(repeating: "y", count: 5000)
        #expect(Fixture.errors("storage: { type: chain, ack: \(value) }").utf8.count < 1000)
        #expect(!Fixture.errors("storage: { type: \"a\\nb\" }").contains("a\nb"))
    }
}
