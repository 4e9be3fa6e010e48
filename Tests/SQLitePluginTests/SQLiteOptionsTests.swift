import CHoldfastProvider
import HoldfastProviderKit
import HoldfastTestSupport
import Testing

@testable import SQLitePlugin

@Suite("SQLite options") struct SQLiteOptionsTests {
    @Test(
        "a wrong option is refused by its name",
        arguments: [
            ("{}", "option \"path\" is missing"), ("{\"path\": \"\"}", "option \"path\" is missing"),
            ("{\"path\": \":memory:\"}", "option \"path\" is \":memory:\", expected a file"),
            ("{\"path\": \"/a/\"}", "option \"path\" is \"/a/\", a directory"),
            ("{\"path\": \"/a\\u0000b\"}", "option \"path\" contains a NUL character"),
            ("{\"path\": 3}", "option \"path\" is a number, expected a string"),
            (
                "{\"path\": \"/a\", \"synchronous\": \"ful\"}",
                "option \"synchronous\" is \"ful\", expected one of off"
            ),
            ("{\"path\": \"/a\", \"page_size\": 5000}", "expected a power of two from 512 to 65536"),
            ("{\"path\": \"/a\", \"busy_timeout\": -1}", "option \"busy_timeout\" is -1"),
            ("{\"path\": \"/a\", \"cache_size\": 1}", "option \"cache_size\" is 1 bytes"),
            ("{\"path\": \"/a\", \"mmap\": 1}", "unknown option \"mmap\", expected one of path"),
            (
                "{\"path\": \"/a\", \"create\": \"yes\"}",
                "option \"create\" is a string, expected true or false"
            ),
        ])
    func refusals(json: String, sentence: String) throws {
        let error = #expect(throws: ProviderError.self) {
            _ = try SQLiteOptions(OptionReader(json), role: .store)
        }
        #expect(
            error?.code == .invalid && error?.message.contains(sentence) == true, "\(error?.message ?? "")")
    }

    @Test("what an option means is in the schema, and the schema's defaults are those of the code")
    func schema() throws {
        let schema = try JSONValue(parsing: SQLiteOptions.jsonSchema)
        guard case .object(let properties)? = schema["properties"] else {
            Issue.record("the schema has no properties")
            return
        }
        #expect(properties.allSatisfy { $0.value["description"] != nil })
        let given = properties.compactMap { member -> String? in
            guard member.name != "max_size", let value = member.value["default"] else { return nil }
            switch value {
            case .integer(let whole): return "\"\(member.name)\": \(whole)"
            case .bool(let bool): return "\"\(member.name)\": \(bool)"
            case .string(let string): return "\"\(member.name)\": \"\(string)\""
            default: return nil
            }
        }
        #expect(given.count == properties.count - 2)
        let explicit = try OptionReader("{\"path\": \"/a\", \(given.joined(separator: ", "))}")
        let defaults = try OptionReader("{\"path\": \"/a\"}")
        #expect(try SQLiteOptions(explicit, role: .store) == SQLiteOptions(defaults, role: .store))
    }

    @Test("a path is made absolute, so that it is neither a URI nor a database in memory")
    func paths() throws {
        let options = try SQLiteOptions(OptionReader("{\"path\": \"file:x?mode=memory\"}"), role: .store)
        #expect(options.path.hasPrefix("/") && options.path.hasSuffix("/file:x?mode=memory"))
    }

    @Test("options of the other role are refused")
    func roles() throws {
        let error = #expect(throws: ProviderError.self) {
            _ = try SQLiteOptions(OptionReader("{\"path\": \"/a\", \"max_size\": 1}"), role: .store)
        }
        #expect(error?.message.hasPrefix("unknown option \"max_size\"") == true)
        #expect(throws: ProviderError.self) {
            _ = try SQLiteOptions(OptionReader("{\"path\": \"/a\", \"synchronous\": \"off\"}"), role: .log)
        }
    }

    @Test("only a store that waits for the disk at each commit says that it is durable")
    func durability() throws {
        let directory = try TemporaryDirectory()
        for (word, isDurable) in [("off", false), ("normal", false), ("full", true), ("extra", true)] {
            let store = try PluginStore(directory.file("\(word).db"), "\"synchronous\": \"\(word)\"")
            #expect(store.has(UInt64(1) << 4) == isDurable)
            try store.put(TestRecord(id: 1, "x"))
            try store.flush()
        }
    }
}
