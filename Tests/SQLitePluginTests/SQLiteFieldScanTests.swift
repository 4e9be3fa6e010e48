import Testing

@testable import SQLitePlugin

@Suite("SQLite field scan") struct SQLiteFieldScanTests {
    private func isIrregular(_ json: String) -> Bool {
        var scan = SQLiteFieldScan(fields: ["kind", "role"])
        return Array(json.utf8).withUnsafeBytes { scan.isIrregular($0) }
    }

    @Test(
        "what SQLite reads as the host does is left alone",
        arguments: [
            "", "{}", "null", "\"kind\"", "{\"kind\":1}", "{\"kind\":\"kind\",\"other\":\"kind\"}",
            "{\"a\":{\"kind\":1},\"kind\":2}", "{\"a\":[{\"kind\":1},\"kind\"],\"kind\":2}",
            "{\"other\":1,\"other\":2}",
            "{\"kind\":\"a\\n\\\"kind\\\":\"}", "{\"x\":\"\\ud83d\\ude00\"}", "{\"kind\":\"\\\\ud800\"}",
            "{\"kind",
        ])
    func regular(json: String) { #expect(!isIrregular(json)) }

    @Test(
        "names with escapes, names that come twice and half pairs are found",
        arguments: [
            "{\"k\\u0069nd\":1}", "{\"kind\":1,\"kind\":2}", "{\"kind\":1,\"a\":{\"b\":[1]},\"kind\":2}",
            "{\"x\":\"\\ud83d\"}", "{\"x\":\"\\ude00\\ud83d\"}", "{\"x\":\"\\ud83d\\ud83d\\ude00\"}",
            "\"\\uD800\"",
        ])
    func irregular(json: String) { #expect(isIrregular(json)) }
}
