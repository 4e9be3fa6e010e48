internal import HoldfastModel

extension StoreCase {
    /// Conditions of live writes.
    static let conditionCases: [StoreCase] = [
        StoreCase(
            "condition.version", "compare-and-set on a document: absent or an exact version, else a conflict"
        ) {
            trial in
            let versions = trial.versions(6)
            func set(_ version: Version, if expected: Version) -> Change {
                Change(.put, trial.document("key", version, Bytes("\"\(version)\"")), if: .version(expected))
            }
            let outcomes = try await trial.apply([
                set(versions[0], if: versions[5]), set(versions[1], if: .zero), set(versions[2], if: .zero),
                set(versions[2], if: versions[0]), set(versions[3], if: versions[1]),
            ])
            try expectEqual(
                outcomes,
                [
                    .conflict(seen: .zero), .applied, .conflict(seen: versions[1]),
                    .conflict(seen: versions[1]),
                    .applied,
                ], "outcomes")
            try expectEqual(try await trial.readDocument("key")?.version, versions[3], "version")
        },
        StoreCase("condition.absent", "a tombstone and an expired document count as absent") { trial in
            let versions = trial.versions(4)
            try await trial.store([
                trial.document("removed", versions[0], .empty, flags: .removed),
                trial.document("expired", versions[1], "1", expiresAt: trial.now - 1000),
            ])
            let outcomes = try await trial.apply([
                Change(.put, trial.document("removed", versions[2]), if: .version(versions[0])),
                Change(.put, trial.document("removed", versions[2]), if: .version(.zero)),
                Change(.put, trial.document("expired", versions[3]), if: .version(versions[1])),
                Change(.put, trial.document("expired", versions[3]), if: .version(.zero)),
            ])
            try expectEqual(
                outcomes, [.conflict(seen: .zero), .applied, .conflict(seen: .zero), .applied], "outcomes")
        },
        StoreCase(
            "condition.version-newest",
            "a compare-and-set by a host whose clock is behind is refused as stale, never acknowledged and lost",
            needs: .conditions
        ) { trial in
            let versions = trial.versions(6)
            try await trial.store([
                trial.document("stored", versions[3]),
                trial.document("removed", versions[3], .empty, flags: .removed),
                trial.document("expired", versions[3], "1", expiresAt: trial.now - 1000),
                trial.item("list", versions[3]),
            ])
            let changes = [
                Change(.put, trial.document("stored", versions[1]), if: .version(versions[3])),
                Change(.put, trial.document("removed", versions[1]), if: .version(.zero)),
                Change(.put, trial.document("expired", versions[1]), if: .version(.zero)),
                Change(.put, trial.item("list", versions[1]), if: .version(versions[3])),
                Change(.put, trial.document("stored", versions[4]), if: .version(versions[3])),
            ]
            let stale = ChangeOutcome.stale(seen: versions[3])
            try expectEqual(
                try await trial.apply(changes), [stale, stale, stale, stale, .applied], "outcomes")
        },
        StoreCase("condition.last-id", "a condition on a list compares with its last id") { trial in
            let versions = trial.versions(4)
            func append(_ id: Version, if expected: Version) -> Change {
                Change(.put, trial.item("list", id), if: .version(expected))
            }
            let outcomes = try await trial.apply([
                append(versions[1], if: versions[0]), append(versions[1], if: .zero),
                append(versions[2], if: .zero),
                append(versions[2], if: versions[1]),
            ])
            try expectEqual(
                outcomes, [.conflict(seen: .zero), .applied, .conflict(seen: versions[1]), .applied],
                "outcomes")
        },
        StoreCase("condition.newest-document", "a document is not put below what is there") { trial in
            let versions = trial.versions(4)
            try await trial.store([trial.document("key", versions[2])])
            let outcomes = try await trial.apply([
                Change(.put, trial.document("key", versions[1]), if: .newest),
                Change(.put, trial.document("key", versions[3]), if: .newest),
            ])
            try expectEqual(outcomes, [.stale(seen: versions[2]), .applied], "outcomes")
        },
        StoreCase("condition.newest-item", "a new item is never put before one that somebody may have read") {
            trial in
            let versions = trial.versions(8)
            try await trial.store([trial.item("list", versions[3])])
            let outcomes = try await trial.apply([
                Change(.put, trial.item("list", versions[2]), if: .newest),
                Change(.put, trial.item("list", versions[5]), if: .newest),
                Change(.put, trial.item("list", versions[5]), if: .newest),
                Change(.put, trial.item("list", versions[3], versions[6]), if: .newest),
                Change(.put, trial.item("list", versions[3], versions[5]), if: .newest),
            ])
            try expectEqual(
                outcomes,
                [.stale(seen: versions[3]), .applied, .unchanged, .applied, .stale(seen: versions[6])],
                "outcomes")
        },
        // A host sees neither floors nor tombstones through the primitives; with one host its clock is enough.
        StoreCase(
            "condition.newest-floor", "nothing is put at or below the floor without being told",
            needs: .conditions
        ) { trial in
            let versions = trial.versions(5)
            try await trial.store([trial.document("key", versions[0])])
            try await trial.apply([trial.drop("key", versions[3])])
            let outcomes = try await trial.apply([
                Change(.put, trial.document("key", versions[2]), if: .newest),
                Change(.put, trial.document("key", versions[4]), if: .newest),
                Change(.put, trial.item("key", versions[3]), if: .newest),
                Change(.put, trial.item("key", versions[4]), if: .newest),
            ])
            try expectEqual(
                outcomes, [.stale(seen: versions[3]), .applied, .stale(seen: versions[3]), .applied],
                "outcomes")
        },
        StoreCase(
            "condition.newest-removed", "the last id of a list is also that of a removed item",
            needs: .conditions
        ) { trial in
            let versions = trial.versions(5)
            try await trial.store([trial.item("list", versions[0]), trial.item("list", versions[2])])
            try await trial.store([trial.item("list", versions[2], versions[3], .empty, flags: .removed)])
            let outcomes = try await trial.apply([
                Change(.put, trial.item("list", versions[1]), if: .newest),
                Change(.put, trial.item("list", versions[4]), if: .version(versions[2])),
            ])
            try expectEqual(outcomes, [.stale(seen: versions[2]), .applied], "outcomes")
        },
        StoreCase("condition.newest-drop", "a clear that would leave something out is refused") { trial in
            let versions = trial.versions(4)
            try await trial.store([trial.item("list", versions[1])])
            let drops = [0, 2, 2].map { trial.drop("list", versions[$0], if: .newest) }
            let expected: [ChangeOutcome] = [.stale(seen: versions[1]), .applied, .unchanged]
            try expectOutcomes(try await trial.apply(drops), expected, of: drops, "drops")
        },
        StoreCase(
            "condition.exists", "an edit or removal of an item that is not there is not found, never a put"
        ) {
            trial in
            let versions = trial.versions(7)
            try await trial.store([
                trial.item("list", versions[0]), trial.item("list", versions[1]),
                trial.item("list", versions[2], nil, "1", expiresAt: trial.now - 1000),
            ])
            try await trial.store([trial.item("list", versions[1], versions[4], .empty, flags: .removed)])
            func edit(_ id: Version, _ version: Version) -> Change {
                Change(.put, trial.item("list", id, version, "\"edit\""), if: .exists)
            }
            let outcomes = try await trial.apply([
                edit(versions[3], versions[5]), edit(versions[1], versions[5]),
                edit(versions[2], versions[5]),
                edit(versions[0], versions[5]), edit(versions[0], versions[4]),
                edit(versions[0], versions[5]),
            ])
            try expectEqual(
                outcomes,
                [.notFound, .notFound, .notFound, .applied, .stale(seen: versions[5]), .unchanged], "outcomes"
            )
            try expectEqual(try await trial.readList("list").map(\.id), [versions[0]], "ids")
        },
        StoreCase(
            "condition.replay", "a put whose very version is stored is unchanged, whatever its condition"
        ) {
            trial in
            let versions = trial.versions(3)
            let document = trial.document("key", versions[0])
            let item = trial.item("key", versions[0])
            try await trial.store([document, item])
            try await trial.store([trial.item("key", versions[1])])
            let conditions: [Change.Condition] = [.none, .version(.zero), .version(versions[2]), .newest]
            for condition in conditions {
                let outcomes = try await trial.apply([
                    Change(.put, document, if: condition), Change(.put, item, if: condition),
                ])
                try expectEqual(outcomes, [.unchanged, .unchanged], "\(condition)")
            }
            try expectEqual(try await trial.apply([Change(.put, item, if: .exists)]), [.unchanged], "exists")
        },
        StoreCase(
            "condition.alone", "a refused change stops no other, and later ones see what earlier ones did"
        ) {
            trial in
            let versions = trial.versions(4)
            let outcomes = try await trial.apply([
                Change(.put, trial.document("a", versions[0]), if: .version(.zero)),
                Change(.put, trial.document("a", versions[1]), if: .version(.zero)),
                Change(.put, trial.document("b", versions[2]), if: .version(.zero)),
                Change(.put, trial.document("a", versions[3]), if: .version(versions[0])),
            ])
            try expectEqual(
                outcomes, [.applied, .conflict(seen: versions[0]), .applied, .applied], "outcomes")
        },
        StoreCase(
            "condition.random", "random conditional changes meet exactly what the model says",
            needs: .conditions
        ) { trial in
            let keys: [Bytes] = ["a", "b"]
            var generator = ChangeGenerator(trial, keys: keys, versionCount: 16, seed: trial.seed)
            var states: [Bytes: KeyState] = [:]
            for step in 0..<80 {
                var changes: [Change] = []
                var expected: [ChangeOutcome] = []
                for _ in 0..<(step % 5 + 1) {
                    let change = generator.conditionalChange(states, mayCheck: false)
                    changes.append(change)
                    expected.append(
                        states[change.record.key, default: KeyState()].apply(change, at: trial.now))
                }
                try expectOutcomes(try await trial.apply(changes), expected, of: changes, "step \(step)")
            }
            for key in keys { try await trial.expectState(key, states[key] ?? KeyState(), "at the end") }
        },
    ]
}
