internal import HoldfastModel

extension StoreCase {
    /// Values come back byte for byte.
    static let valueCases: [StoreCase] = [
        StoreCase("value.hostile", "a value comes back byte for byte, whatever it is") { trial in
            var records: [Record] = []
            for (index, text) in hostileValues.enumerated() {
                records.append(trial.document(Bytes("value \(index)"), trial.version(), Bytes(text)))
                records.append(trial.item("list", trial.version(), nil, Bytes(text)))
            }
            try await trial.store(records)
            for record in records where record.id.isZero {
                try expectEqual(
                    try await trial.readDocument(record.key)?.value, record.value, "\(record.key)")
            }
            try expectEqual(
                try await trial.readList("list").map(\.value), hostileValues.map { Bytes($0) },
                "values of a list")
        },
        StoreCase("value.binary", "bytes that are no UTF-8 come back as they are") { trial in
            let values: [[UInt8]] = [
                [0], [0, 0, 0], [0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x80], [10, 13],
            ]
            let records = values.map { trial.item("list", trial.version(), nil, Bytes($0), flags: .bytes) }
            try await trial.store(records)
            try expectEqual(try await trial.readList("list"), records, "list")
        },
        StoreCase("value.sizes", "values of every size up to the store's own limit come back whole") {
            trial in
            let claimed = trial.store.info.valueByteCountMax
            let limit = min(trial.subject.valueByteCountMax, claimed == 0 ? .max : Int(clamping: claimed))
            let sizes = [
                0, 1, 2, 127, 128, 255, 256, 4095, 4096, 4097, 65_535, 65_536, 1_000_003, 1 << 20, 16 << 20,
            ]
            var random = trial.random
            for size in sizes where size <= limit {
                let value = random.bytes(size)
                let key = Bytes("size \(size)")
                let record = trial.document(key, trial.version(), value, flags: .bytes)
                try await trial.store([record])
                let stored = try await trial.readDocument(key)
                try expect(
                    stored?.value == value,
                    "a value of \(size) bytes came back as \(stored?.value.count ?? -1)")
            }
        },
    ]

    /// What parsers, formatters and C strings get wrong.
    private static let hostileValues: [String] = [
        "", " ", "null", "\"\"", "{}", "[]", "0", "-0", "1.0", "1e400", "9223372036854775808",
        "18446744073709551616", "0.1000000000000000055511151231257827", #"{"b":1,"a":2}"#, #"{"a":1,"a":2}"#,
        #""\u0000""#, "\"\0\"", #""\ud83d""#, #""\udc00\ud800""#, "\"😀 é e\u{301} \u{202E}\"",
        #"{"a" : 1 , "b":2 }"#,
        "\t{\n}\r\n", "{not json", "'; DROP TABLE records; --", "%s%n%d", "${HOME}", "\\",
        #"{"__proto__":{}}"#,
        "\u{FEFF}{}", "$1 ?1 :name @name",
    ]
}
