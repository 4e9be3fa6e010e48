internal import HoldfastModel

extension StoreCase {
    /// Batches that are all or none.
    static let atomicCases: [StoreCase] = [
        StoreCase("atomic.unclaimed", "a store without atomic batches says so, and does not apply a part") {
            trial in
            guard !trial.store.info.capabilities.contains(.atomicBatch) else { return }
            let changes = [Change(.put, trial.document("key", trial.version()))]
            do {
                _ = try await trial.store.apply(changes, atomic: true, .unbounded)
                throw ConformanceFailure(description: "an atomic batch was accepted")
            } catch let error as HoldfastError {
                try expectEqual(error.code, .unsupported, "code")
            }
            try expectEqual(try await trial.readDocument("key"), nil, "document")
        },
        StoreCase("atomic.all", "a batch whose conditions hold is applied whole", needs: .atomicBatch) {
            trial in
            let versions = trial.versions(3)
            let document = trial.document("a", versions[0])
            let item = trial.item("b", versions[1])
            let outcomes = try await trial.applyAtomically([
                Change(.put, document), Change(.put, item), trial.drop("c", versions[2]),
            ])
            try expectEqual(outcomes, [.applied, .applied, .applied], "outcomes")
            try expectEqual(try await trial.readDocument("a"), document, "document")
            try expectEqual(try await trial.readList("b"), [item], "list")
        },
        StoreCase(
            "atomic.refusal", "one refused change, wherever it stands, refuses the batch and leaves no trace",
            needs: [.atomicBatch, .conditions]
        ) { trial in
            for position in 0..<6 {
                let key = Bytes("at \(position)")
                let versions = trial.versions(12)
                let items = versions[0..<4].map { trial.item(key, $0) }
                let document = trial.document(key, versions[4])
                try await trial.store(items + [document])
                var changes = [
                    Change(.put, trial.item(key, versions[1], versions[5], "\"edit\"")),
                    Change(.put, trial.document(key, versions[6], "\"new\"")),
                    trial.drop(key, versions[2]),
                    Change(.put, trial.item(key, versions[7])),
                    Change(.put, trial.item(key, versions[7], versions[8], .empty, flags: .removed)),
                ]
                let refused = trial.document("other", versions[9])
                changes.insert(Change(.put, refused, if: .version(versions[10])), at: position)
                var expected = [ChangeOutcome](repeating: .applied, count: 6)
                expected[position] = .conflict(seen: .zero)
                try expectEqual(try await trial.applyAtomically(changes), expected, "refusal at \(position)")
                try expectEqual(
                    try await trial.readDocument(key), document, "document, refusal at \(position)")
                try expectEqual(try await trial.readList(key), items, "list, refusal at \(position)")
                try expectEqual(try await trial.readDocument("other"), nil, "refused document")
                // Also the floor is what it was: a put that the drop would have stopped is stored.
                try await trial.store([trial.item(key, versions[2], versions[11])])
            }
        },
        StoreCase(
            "atomic.sees-itself", "a condition in a batch sees the changes before it",
            needs: [.atomicBatch, .conditions]
        ) { trial in
            let versions = trial.versions(4)
            let holds = try await trial.applyAtomically([
                Change(.put, trial.document("key", versions[0])),
                Change(.put, trial.document("key", versions[1]), if: .version(versions[0])),
                trial.drop("key", versions[2]),
                Change(.put, trial.document("key", versions[3]), if: .version(.zero)),
            ])
            try expectEqual(holds, [.applied, .applied, .applied, .applied], "outcomes")
            try expectEqual(try await trial.readDocument("key")?.version, versions[3], "version")
        },
        StoreCase(
            "atomic.check", "a check writes nothing, and the batch stands or falls with it",
            needs: [.atomicBatch, .conditions]
        ) { trial in
            let versions = trial.versions(4)
            let fence = trial.document("fence", versions[0])
            try await trial.store([fence])
            func check(_ expected: Version) -> Change {
                Change(.check, Record(namespace: trial.namespace, key: "fence"), if: .version(expected))
            }
            let held = try await trial.applyAtomically([
                check(versions[0]), Change(.put, trial.document("key", versions[1])),
            ])
            try expectEqual(held, [.applied, .applied], "with the fence held")
            let lost = try await trial.applyAtomically([
                Change(.put, trial.document("key", versions[2])), check(versions[3]),
            ])
            try expectEqual(lost, [.applied, .conflict(seen: versions[0])], "with the fence lost")
            try expectEqual(try await trial.readDocument("key")?.version, versions[1], "version")
            try expectEqual(try await trial.readDocument("fence"), fence, "fence")
        },
        StoreCase(
            "atomic.unchanged", "a replayed change does not refuse the batch that it is in",
            needs: .atomicBatch
        ) { trial in
            let versions = trial.versions(2)
            let known = trial.document("a", versions[0])
            try await trial.store([known])
            let new = trial.document("b", versions[1])
            let outcomes = try await trial.applyAtomically([Change(.put, known), Change(.put, new)])
            try expectEqual(outcomes, [.unchanged, .applied], "outcomes")
            try expectEqual(try await trial.readDocument("b"), new, "document")
        },
        StoreCase(
            "atomic.random",
            "random batches meet what the model says, and a refused one leaves the state as it was",
            needs: [.atomicBatch, .conditions]
        ) { trial in
            let keys: [Bytes] = ["a", "b"]
            var generator = ChangeGenerator(trial, keys: keys, versionCount: 20, seed: trial.seed)
            var states: [Bytes: KeyState] = [:]
            for step in 0..<80 {
                var after = states
                var changes: [Change] = []
                var expected: [ChangeOutcome] = []
                for _ in 0..<(step % 4 + 1) {
                    let change = generator.conditionalChange(after, mayCheck: true)
                    changes.append(change)
                    expected.append(
                        after[change.record.key, default: KeyState()].apply(change, at: trial.now))
                }
                try expectOutcomes(
                    try await trial.applyAtomically(changes), expected, of: changes, "step \(step)")
                if expected.allSatisfy(\.stands) { states = after }
                for key in keys {
                    try await trial.expectState(key, states[key] ?? KeyState(), "step \(step)")
                }
            }
        },
        StoreCase(
            "atomic.readers", "a reader never sees a part of a batch", needs: [.atomicBatch, .concurrent]
        ) { trial in
            let rounds = trial.versions(100)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for version in rounds {
                        _ = try await trial.applyAtomically(
                            ["a", "b"].map {
                                Change(.put, trial.document($0, version, Bytes("\"\(version)\"")))
                            })
                    }
                }
                group.addTask {
                    for _ in rounds {
                        let scan = Query(namespace: trial.namespace)
                        let seen = try await trial.store.query(scan, .unbounded).map(\.version)
                        try expect(
                            seen.isEmpty || seen.count == 2 && seen[0] == seen[1], "a reader saw \(seen)")
                    }
                }
                try await group.waitForAll()
            }
        },
    ]
}
