internal import HoldfastModel

extension StoreCase {
    /// Raw scans: what a resync copies.
    static let rawScanCases: [StoreCase] = [
        StoreCase(
            "raw.whole",
            "a raw scan shows tombstones, expired records and floors, from which the state is rebuilt",
            needs: .rawScan
        ) { trial in
            let states = try await trial.scramble()
            let expected = raw(states, trial.namespace)
            let query = Query(namespace: trial.namespace, scope: [.documents, .items, .raw])
            try expectEqual(
                try await trial.store.query(query, .unbounded).map(bare), expected.map(bare), "scan")
        },
        StoreCase(
            "raw.pages", "raw pages of every size are the scan: a floor and its document are never parted",
            needs: .rawScan
        ) { trial in
            let states = try await trial.scramble()
            let expected = raw(states, trial.namespace).map(bare)
            for size in [1, 2, 3, 5, 100] as [UInt64] {
                let query = Query(namespace: trial.namespace, scope: [.documents, .items, .raw], limit: size)
                try expectEqual(try await trial.pages(query).map(bare), expected, "pages of \(size)")
            }
        },
        StoreCase(
            "raw.all-namespaces", "a raw scan without a namespace goes through all of them in order",
            needs: .rawScan
        ) { trial in
            var expected: [Record] = []
            for suffix in ["", " a", "/", "é"] {
                let space = Bytes("\(trial.namespace)\(suffix)")
                // The last key of a namespace may be the first of the next.
                for key in suffix.count < 2 ? ["k1"] : ["k1", "k2"] as [Bytes] {
                    expected.append(Record(namespace: space, key: key, version: trial.version(), value: "{}"))
                }
            }
            try await trial.store(expected)
            expected.sort { $0.address < $1.address }
            for size in [1, 2, 3, 1000] as [UInt64] {
                try expectEqual(try await trial.neighbours(pageCount: size), expected, "pages of \(size)")
            }
        },
        StoreCase(
            "raw.copy", "merging a raw scan into an empty place gives the same state, late changes included",
            needs: .rawScan
        ) { trial in
            let states = try await trial.scramble()
            let query = Query(namespace: trial.namespace, scope: [.documents, .items, .raw])
            let scanned = try await trial.store.query(query, .unbounded)
            let copy = Bytes("\(trial.namespace)copy")
            let changes = scanned.map { record in
                var moved = record
                moved.namespace = copy
                moved.flags.remove(.floor)
                return Change(record.flags.contains(.floor) ? .drop : .put, moved)
            }
            var random = trial.random
            try await trial.apply(changes.shuffled(using: &random))
            let copied = try await trial.store.query(
                Query(namespace: copy, scope: [.documents, .items, .raw]), .unbounded)
            try expectEqual(copied.map(bare), raw(states, copy).map(bare), "the copy")
        },
    ]

    /// What a raw scan shows of some keys.
    private static func raw(_ states: [Bytes: KeyState], _ namespace: Bytes) -> [Record] {
        states.sorted { $0.key < $1.key }.flatMap { key, state in
            var records: [Record] = []
            if !state.floor.isZero {
                records.append(Record(namespace: namespace, key: key, version: state.floor, flags: .floor))
            }
            records += ([state.document].compactMap { $0 } + state.items).map { record in
                var moved = record
                moved.namespace = namespace
                return moved
            }
            return records
        }
    }

    /// A record of a raw scan as far as the contract fixes it: what has expired may have lost its value.
    private static func bare(_ record: Record) -> Record {
        var bare = record
        if record.expiresAt != 0 { bare.value = .empty }
        return bare
    }
}

extension StoreTrial {
    /// What a raw scan of everything shows of the namespaces that begin with the trial's.
    ///
    /// It starts right before them and ends behind them, since a backend may hold far more.
    fileprivate func neighbours(pageCount: UInt64) async throws -> [Record] {
        var query = Query(namespace: .empty, scope: [.documents, .items, .raw], limit: pageCount)
        query.after = Query.Cursor(address: address("a"), id: .zero)
        var records: [Record] = []
        for _ in 0..<50 {
            let page = try await store.query(query, .unbounded)
            let own = page.prefix { $0.namespace.hasPrefix(namespace) }
            records += own
            guard own.count == page.count, let last = page.last else { return records }
            query.after = Query.Cursor(address: last.address, id: last.id)
        }
        throw ConformanceFailure(description: "paging does not end")
    }

    /// Applies random changes to some keys.
    ///
    /// - Returns: the states that they give.
    fileprivate func scramble() async throws -> [Bytes: KeyState] {
        let keys: [Bytes] = ["a", "b", "ba", "c/d", "é"]
        var generator = ChangeGenerator(self, keys: keys, versionCount: 24, seed: seed)
        var states: [Bytes: KeyState] = [:]
        let changes = (0..<120).map { _ in generator.change() } + [drop("floor only", version())]
        for change in changes { states[change.record.key, default: KeyState()].merge(change) }
        try await apply(changes)
        return states
    }
}
