internal import HoldfastModel

extension StoreCase {
    /// Drops and floors: what is gone stays gone.
    static let floorCases: [StoreCase] = [
        StoreCase("floor.drop", "a drop takes the document by its version and items by their ids, no others")
        { trial in
            let versions = trial.versions(8)
            let late = trial.item("key", versions[6])
            let edited = trial.item("key", versions[1], versions[7])
            try await trial.store([
                trial.document("key", versions[2]), trial.item("key", versions[0]), edited,
                trial.item("key", versions[3]), late,
            ])
            let outcomes = try await trial.apply([trial.drop("key", versions[3])])
            try expectEqual(outcomes, [.applied], "outcomes")
            try expectEqual(try await trial.readDocument("key"), nil, "document")
            try expectEqual(try await trial.readList("key"), [late], "list")
        },
        StoreCase("floor.keeps-newer", "a drop leaves a document of a higher version, and other keys, alone")
        { trial in
            let versions = trial.versions(4)
            let document = trial.document("key", versions[3])
            let neighbour = trial.document("key2", versions[0])
            let prefix = trial.item("ke", versions[0])
            try await trial.store([document, neighbour, prefix])
            try await trial.apply([trial.drop("key", versions[2])])
            try expectEqual(try await trial.readDocument("key"), document, "document")
            try expectEqual(try await trial.readDocument("key2"), neighbour, "neighbour")
            try expectEqual(try await trial.readList("ke"), [prefix], "neighbour's list")
        },
        StoreCase("floor.late-puts", "a put at or below the floor never comes back, one above it is stored") {
            trial in
            let versions = trial.versions(6)
            try await trial.apply([trial.drop("key", versions[3])])
            let late = try await trial.apply([
                Change(.put, trial.document("key", versions[2])),
                Change(.put, trial.document("key", versions[3])),
                Change(.put, trial.item("key", versions[1])),
                Change(.put, trial.item("key", versions[3], versions[5])),
            ])
            try expectEqual(late, [.unchanged, .unchanged, .unchanged, .unchanged], "late puts")
            try expectEqual(try await trial.readDocument("key"), nil, "document")
            try expectEqual(try await trial.readList("key"), [], "list")
            let above = [trial.document("key", versions[4]), trial.item("key", versions[4])]
            try await trial.store(above)
            try expectEqual(try await trial.readDocument("key"), above[0], "document")
            try expectEqual(try await trial.readList("key"), [above[1]], "list")
        },
        StoreCase("floor.highest", "of several drops the highest counts, in whatever order they come") {
            trial in
            let versions = trial.versions(4)
            let drops = [2, 1, 2].map { trial.drop("key", versions[$0]) }
            try expectOutcomes(
                try await trial.apply(drops), [.applied, .unchanged, .unchanged], of: drops, "drops")
            let late = try await trial.apply([Change(.put, trial.item("key", versions[2], versions[3]))])
            try expectEqual(late, [.unchanged], "a late put")
        },
        StoreCase("floor.trim", "trimming at an id again and again keeps exactly the rest") { trial in
            let items = trial.versions(40).map { trial.item("key", $0) }
            try await trial.store(items)
            for kept in [35, 20, 20, 3, 0] {
                let dropped = items.count - kept
                try await trial.apply([trial.drop("key", items[dropped - 1].id)])
                try expectEqual(try await trial.readList("key"), Array(items[dropped...]), "\(kept) kept")
            }
        },
    ]

    /// What is past its expiry is not there.
    static let expiryCases: [StoreCase] = [
        StoreCase(
            "expiry.readers", "an expired record is never returned; one that will expire is, with its time"
        ) {
            trial in
            let versions = trial.versions(4)
            let soon = trial.now + 3_600_000
            let alive = trial.document("alive", versions[0], "1", expiresAt: soon)
            let item = trial.item("list", versions[1], nil, "1", expiresAt: soon)
            try await trial.apply([
                Change(.put, alive), Change(.put, item),
                Change(.put, trial.document("dead", versions[2], "0", expiresAt: trial.now - 1000)),
                Change(.put, trial.item("list", versions[3], nil, "0", expiresAt: trial.now - 1000)),
            ])
            try expectEqual(try await trial.readDocument("alive"), alive, "what will expire")
            try expectEqual(try await trial.readDocument("dead"), nil, "what has expired")
            try expectEqual(try await trial.readList("list"), [item], "list")
            let latest = try await trial.readList("list", .init(limit: 1, reversed: true))
            try expectEqual(latest, [item], "the latest one")
            let scanned = try await trial.store.query(Query(namespace: trial.namespace), .unbounded)
            try expectEqual(scanned, [alive, item], "scan")
        },
        StoreCase(
            "expiry.merge", "an expired record still beats an older one, and a newer one brings it back"
        ) { trial in
            let versions = trial.versions(3)
            try await trial.store([trial.document("key", versions[1], "1", expiresAt: trial.now - 1000)])
            let older = try await trial.apply([Change(.put, trial.document("key", versions[0]))])
            try expectEqual(older, [.unchanged], "an older put")
            try expectEqual(try await trial.readDocument("key"), nil, "document")
            let newer = trial.document("key", versions[2], "2")
            try await trial.store([newer])
            try expectEqual(try await trial.readDocument("key"), newer, "document")
        },
    ]
}
