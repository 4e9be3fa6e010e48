internal import HoldfastModel

extension StoreCase {
    /// What a document is.
    static let documentCases: [StoreCase] = [
        StoreCase("document.absent", "what was never stored is not there") { trial in
            try expectEqual(try await trial.readDocument("nothing"), nil, "document")
            try expectEqual(try await trial.readList("nothing"), [], "list")
        },
        StoreCase("document.round-trip", "a document comes back with everything that it came with") { trial in
            let record = trial.document(
                "key", trial.version(), #"{"b":1,"a":[1.0,2e3],"b":2}"#, expiresAt: trial.now + 3_600_000)
            try await trial.store([record])
            try expectEqual(try await trial.readDocument("key"), record, "document")
        },
        StoreCase("document.bytes", "a value that is not JSON stays what it is, and so does its flag") {
            trial in
            let value = Bytes((0...255).map { UInt8($0) })
            let record = trial.document("key", trial.version(), value, flags: .bytes)
            try await trial.store([record])
            try expectEqual(try await trial.readDocument("key"), record, "document")
        },
        StoreCase("document.replace", "a higher version replaces a document, value, expiry and flags") {
            trial in
            let versions = trial.versions(2)
            try await trial.store([
                trial.document("key", versions[0], "{}", expiresAt: trial.now + 3_600_000, flags: .bytes)
            ])
            let second = trial.document("key", versions[1], "[]")
            try await trial.store([second])
            try expectEqual(try await trial.readDocument("key"), second, "document")
        },
        StoreCase("document.older", "a lower or equal version changes nothing, and says so") { trial in
            let versions = trial.versions(2)
            let kept = trial.document("key", versions[1], "1")
            try await trial.store([kept])
            let older = try await trial.apply([
                Change(.put, trial.document("key", versions[0], "0")), Change(.put, kept),
            ])
            try expectEqual(older, [.unchanged, .unchanged], "outcomes")
            try expectEqual(try await trial.readDocument("key"), kept, "document")
        },
        StoreCase(
            "document.tombstone", "a removed document is not there, and an older put does not revive it"
        ) {
            trial in
            let versions = trial.versions(4)
            try await trial.store([trial.document("key", versions[0])])
            try await trial.store([trial.document("key", versions[2], .empty, flags: .removed)])
            try expectEqual(try await trial.readDocument("key"), nil, "document")
            let older = try await trial.apply([Change(.put, trial.document("key", versions[1]))])
            try expectEqual(older, [.unchanged], "an older put")
            try expectEqual(try await trial.readDocument("key"), nil, "document")
            let newer = trial.document("key", versions[3], "1")
            try await trial.store([newer])
            try expectEqual(try await trial.readDocument("key"), newer, "document")
        },
        StoreCase("document.beside-list", "the document and the list at one key do not know of each other") {
            trial in
            let versions = trial.versions(3)
            let document = trial.document("key", versions[2], "\"document\"")
            let item = trial.item("key", versions[1], nil, "\"item\"")
            try await trial.store([document, item])
            try expectEqual(try await trial.readDocument("key"), document, "document")
            try expectEqual(try await trial.readList("key"), [item], "list")
        },
        StoreCase("document.many", "many questions are answered in their order, those about nothing too") {
            trial in
            let documents = (0..<40).map {
                trial.document(Bytes("key \($0)"), trial.version(), Bytes("\($0)"))
            }
            let items = trial.versions(5).map { trial.item("key 7", $0) }
            try await trial.store(documents + items)
            var requests: [ReadRequest] = []
            var expected: [[Record]] = []
            for index in [3, 39, 7, 100, 0, 7] {
                requests.append(ReadRequest(trial.address(Bytes("key \(index)"))))
                expected.append(index < 40 ? [documents[index]] : [])
                requests.append(
                    ReadRequest(trial.address(Bytes("key \(index)")), range: .init(limit: 2, reversed: true)))
                expected.append(index == 7 ? [items[4], items[3]] : [])
            }
            try expectEqual(try await trial.store.read(requests, .unbounded), expected, "answers")
            try expectEqual(try await trial.store.read([], .unbounded), [], "answers to nothing")
            try expectEqual(try await trial.apply([]), [], "outcomes of nothing")
        },
    ]
}
