internal import HoldfastModel

extension StoreCase {
    /// Filters on top-level members of JSON values.
    static let matchCases: [StoreCase] = [
        StoreCase("match.scalars", "a member equals a scalar of its own kind only") { trial in
            let values = [
                #"{"f":"3"}"#, #"{"f":3}"#, #"{"f":true}"#, #"{"f":"true"}"#, #"{"f":null}"#,
                #"{"f":"null"}"#, "{}",
                #"{"f":false}"#, #"{"f":""}"#, #"{"f":0}"#, #"{"g":3}"#, #"{"f":[3]}"#, #"{"f":{"f":3}}"#,
                "3", "[3]",
                "\"3\"", #"{"F":3}"#, #"{"f":"3 "}"#, #"{"f":30}"#, #"{"f":-3}"#,
            ]
            try await trial.fill(values)
            try await trial.expectMatch("f", "3", [#"{"f":3}"#])
            try await trial.expectMatch("f", "\"3\"", [#"{"f":"3"}"#])
            try await trial.expectMatch("f", "true", [#"{"f":true}"#])
            try await trial.expectMatch("f", "\"true\"", [#"{"f":"true"}"#])
            try await trial.expectMatch("f", "null", [#"{"f":null}"#])
            try await trial.expectMatch("f", "false", [#"{"f":false}"#])
            try await trial.expectMatch("f", "\"\"", [#"{"f":""}"#])
            try await trial.expectMatch("f", "0", [#"{"f":0}"#])
            try await trial.expectMatch("absent", "null", [])
        },
        StoreCase("match.numbers", "numbers are compared by value, not by how they are written") { trial in
            try await trial.fill([#"{"n":1}"#, #"{"n":1.0}"#, #"{"n":1e0}"#, #"{"n":10e-1}"#, #"{"n":1.5}"#])
            try await trial.expectMatch(
                "n", "1", [#"{"n":1}"#, #"{"n":1.0}"#, #"{"n":1e0}"#, #"{"n":10e-1}"#])
            try await trial.expectMatch("n", "1.5", [#"{"n":1.5}"#])
        },
        StoreCase("match.text", "strings are compared by their characters, not by how they are escaped") {
            trial in
            try await trial.fill([
                #"{"t":"é"}"#, #"{"t":"\u00e9"}"#, #"{"t":"e\u0301"}"#, #"{"t":"a\"b"}"#, #"{"t":"a%"}"#,
                #"{"t":"ab"}"#,
                #"{"t":"'; --"}"#, #"{ "t" : "spaced" }"#, #"{"t":"\ud83d\ude00"}"#,
            ])
            try await trial.expectMatch("t", "\"é\"", [#"{"t":"é"}"#, #"{"t":"\u00e9"}"#])
            try await trial.expectMatch("t", #""a\"b""#, [#"{"t":"a\"b"}"#])
            try await trial.expectMatch("t", "\"a%\"", [#"{"t":"a%"}"#])
            try await trial.expectMatch("t", "\"'; --\"", [#"{"t":"'; --"}"#])
            try await trial.expectMatch("t", "\"spaced\"", [#"{ "t" : "spaced" }"#])
            try await trial.expectMatch("t", "\"😀\"", [#"{"t":"\ud83d\ude00"}"#])
        },
        StoreCase("match.fields", "the name of a member is data, whatever it looks like") { trial in
            let fields = ["a.b", "a b", "$", "$.a", "a[0]", "'", "é", "*", "/", "~", "0", "a/b"]
            try await trial.fill(fields.map { "{\"\($0)\":1}" })
            for field in fields { try await trial.expectMatch(field, "1", ["{\"\(field)\":1}"]) }
            try await trial.expectMatch("a", "1", [])
        },
        StoreCase("match.all", "every match must hold, and prefix, order, scope and limit work beside them") {
            trial in
            let both = trial.document("b", trial.version(), #"{"x":1,"y":2}"#)
            let item = trial.item("a", trial.version(), nil, #"{"y":2,"x":1}"#)
            let bytes = trial.document("c", trial.version(), #"{"x":1,"y":2}"#, flags: .bytes)
            let broken = trial.document("d", trial.version(), #"{"x":1,"y":2"#)
            try await trial.store([
                both, item, bytes, broken, trial.document("e", trial.version(), #"{"x":1}"#),
                trial.document("f", trial.version(), #"{"y":2}"#),
            ])
            let matches = [Query.Match(field: "x", json: "1"), Query.Match(field: "y", json: "2")]
            var query = Query(namespace: trial.namespace, matches: matches)
            try expectEqual(try await trial.store.query(query, .unbounded), [item, both], "both")
            query.limit = 1
            try expectEqual(try await trial.store.query(query, .unbounded), [item], "the first")
            query.scope = [.documents, .items, .reversed]
            try expectEqual(try await trial.store.query(query, .unbounded), [both], "the last")
            query.scope = [.items, .keysOnly]
            var bare = item
            bare.value = .empty
            try expectEqual(try await trial.store.query(query, .unbounded), [bare], "keys only")
        },
        StoreCase("match.pages", "a filtered scan goes on behind the last match") { trial in
            let records = (0..<40).map { index in
                trial.document(
                    Bytes("key \(index + 10)"), trial.version(), Bytes("{\"even\":\(index % 2 == 0)}"))
            }
            try await trial.store(records)
            let query = Query(
                namespace: trial.namespace, matches: [Query.Match(field: "even", json: "true")], limit: 3)
            let expected = records.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            try expectEqual(try await trial.pages(query), expected, "pages")
        },
    ]
}

extension StoreTrial {
    /// Stores values at keys of their position.
    fileprivate func fill(_ values: [String]) async throws {
        try await store(values.enumerated().map { document(Bytes("key \($0 + 100)"), version(), Bytes($1)) })
    }

    /// Fails unless a filter finds exactly these values.
    fileprivate func expectMatch(_ field: String, _ json: Bytes, _ values: [String]) async throws {
        let query = Query(namespace: namespace, matches: [Query.Match(field: field, json: json)])
        let found = try await store.query(query, .unbounded).map(\.value.description)
        try expectEqual(found, values, "\(field) = \(json)")
    }
}
