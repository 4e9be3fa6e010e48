internal import HoldfastModel

extension StoreCase {
    /// Namespaces and keys are data, never paths, patterns or names of something else.
    static let keyCases: [StoreCase] = [
        StoreCase("key.hostile", "every key is a place of its own, whatever characters it has") { trial in
            let keys = hostileKeys.map { Bytes($0) }
            let records = keys.map { trial.document($0, trial.version(), Bytes("\"\($0)\"")) }
            let items = keys.map { trial.item($0, trial.version()) }
            try await trial.store(records + items)
            for (record, item) in zip(records, items) {
                try expectEqual(try await trial.readDocument(record.key), record, "document at \(record.key)")
                try expectEqual(try await trial.readList(record.key), [item], "list at \(record.key)")
            }
            let dropped = keys[keys.count / 2]
            try await trial.apply([trial.drop(dropped, trial.version())])
            for record in records {
                let expected = record.key == dropped ? nil : record
                try expectEqual(
                    try await trial.readDocument(record.key), expected, "after a drop: \(record.key)")
            }
        },
        StoreCase("key.namespaces", "the same key in two namespaces is two places, however the names look") {
            trial in
            let names = [
                "a", "a/b", "a#b", "ab", "A", "a ", "a%", "a_", "a.b", "..", "~x", "é", "e\u{301}", "😀",
            ]
            let spaces = names.map { Bytes("\(trial.namespace)\($0)") }
            let records = spaces.map {
                Record(namespace: $0, key: "b/key", version: trial.version(), value: $0)
            }
            try await trial.store(records)
            for record in records {
                try expectEqual(try await trial.readDocument(record.address), record, "\(record.namespace)")
            }
        },
        StoreCase("key.split", "where a namespace ends and a key begins is not forgotten") { trial in
            let pairs = [("x/", "y"), ("x", "/y"), ("x#", "y"), ("x", "#y"), ("x:", ":y"), ("x", "::y")]
            let records = pairs.map { space, key in
                Record(
                    namespace: Bytes("\(trial.namespace)\(space)"), key: Bytes(key), version: trial.version(),
                    value: Bytes("\"\(space) \(key)\""))
            }
            try await trial.store(records)
            for record in records {
                try expectEqual(try await trial.readDocument(record.address), record, "\(record.namespace)")
            }
        },
        StoreCase(
            "key.limits", "a namespace of 255 bytes and a key of 1024 work, and their neighbours differ"
        ) { trial in
            let space = Bytes(
                trial.namespace.description + String(repeating: "n", count: 255 - trial.namespace.count))
            let long = String(repeating: "k", count: 1023)
            let records = ["a", "b"].map { end in
                Record(
                    namespace: space, key: Bytes(long + end), version: trial.version(),
                    value: Bytes("\"\(end)\""))
            }
            let emoji = Record(
                namespace: space, key: Bytes(String(repeating: "😀", count: 256)), version: trial.version(),
                value: "1")
            try await trial.store(records + [emoji])
            for record in records + [emoji] {
                try expectEqual(try await trial.readDocument(record.address), record, "key of 1024 bytes")
            }
        },
    ]

    /// Keys that something between here and the disk might take for something else.
    static let hostileKeys: [String] = [
        "a", "A", "a ", " a", "a/b", "/a", "a/", "//", ".", "..", "../a", "#", "a#b", "%", "%25", "a%", "a_b",
        "a*b", "*",
        "?", "[a]", "a\\b", "'", "\"", "`", ";", "--", "\t", "\n", "\u{1}", "\u{7F}", "é", "e\u{301}", "ﬀ",
        "ß", "SS",
        "😀", "\u{202E}abc", "\u{FEFF}", "\u{FFFF}", "\u{10FFFF}", "NULL", "null", "0", "00", "1e3", "-1",
        "true", "~", "$",
        "{}", ":", "::", "a:b", "{a}", "a\r\nb", "CON", "key", "Key",
    ]
}
