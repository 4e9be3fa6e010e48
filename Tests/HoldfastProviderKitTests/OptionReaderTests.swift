import HoldfastProviderKit
import Testing

@Suite("Option reader")
struct OptionReaderTests {
    private func options() throws -> OptionReader {
        try OptionReader(
            #"{"path": "/data", "sync": "always", "wait": 2500, "size": 65536, "on": true, "none": null,"#
                + #" "pool": {"max": 20}, "hosts": ["a", "b"]}"#)
    }

    @Test("options are read with their types, and defaults stand in for what is absent or null")
    func typical() throws {
        let options = try options()
        #expect(try options.requiredString("path") == "/data")
        #expect(try options.string("absent") == nil)
        #expect(try options.choice("sync", ["always": 1, "never": 2], default: 2) == 1)
        #expect(try options.choice("mode", ["always": 1, "never": 2], default: 2) == 2)
        #expect(
            try options.duration("wait", in: .zero ... .seconds(60), default: .seconds(1))
                == .milliseconds(2500))
        #expect(try options.byteCount("size", in: 0...1 << 20, default: 0) == 65536)
        #expect(try options.bool("on", default: false))
        #expect(try options.integer("none", in: 0...9, default: 7) == 7)
        #expect(try options.object("pool")?.integer("max", in: 1...100, default: 1) == 20)
        #expect(try options.strings("hosts") == ["a", "b"])
        #expect(try OptionReader("").string("path") == nil)
    }

    @Test("a wrong option is invalid, and named with what would be right")
    func wrong() throws {
        let options = try options()
        let failures: [(String, () throws -> Void)] = [
            (
                #"option "wait" is 2500 ms, expected 0 to 1000 ms"#,
                { _ = try options.duration("wait", in: .zero ... .seconds(1), default: .zero) }
            ),
            (
                #"option "path" is a string, expected a whole number"#,
                {
                    _ = try options.integer("path", in: 0...1, default: 0)
                }
            ),
            (
                #"option "sync" is "always", expected one of on, off"#,
                {
                    _ = try options.choice("sync", ["on": 1, "off": 0], default: 0)
                }
            ),
            (#"option "key" is missing, expected a text"#, { _ = try options.requiredString("key") }),
            (
                #"option "pool.max" is 20, expected 1 to 10"#,
                {
                    _ = try options.object("pool")?.integer("max", in: 1...10, default: 1)
                }
            ),
            (
                #"unknown option "size", expected one of path, sync, wait"#,
                { try options.rejectUnknown(except: ["path", "sync", "wait"]) }
            ),
            (#"option "a" is given twice"#, { _ = try OptionReader(#"{"a":1,"a":1}"#) }),
            ("options are an array, expected an object", { _ = try OptionReader("[]") }),
        ]
        for (message, body) in failures {
            #expect(throws: ProviderError(.invalid, message)) { try body() }
        }
    }
}
