internal import HoldfastModel

extension StoreCase {
    /// Scans: order, scope, prefix, pages.
    static let queryCases: [StoreCase] = [
        StoreCase(
            "query.order", "a scan goes through a namespace in the order of (key, id), a document first"
        ) { trial in
            let records = try await trial.fill()
            let other = Record(namespace: Bytes("\(trial.namespace)x"), key: "a", version: trial.version())
            try await trial.store([other])
            let forward = try await trial.store.query(Query(namespace: trial.namespace), .unbounded)
            try expectEqual(forward, records, "forward")
            let backward = try await trial.store.query(
                Query(namespace: trial.namespace, scope: [.documents, .items, .reversed]), .unbounded)
            try expectEqual(backward, records.reversed(), "backward")
        },
        StoreCase("query.scope", "a scan sees documents, items or both, and values only if they are wanted") {
            trial in
            let records = try await trial.fill()
            func scan(_ scope: Query.Scope) async throws -> [Record] {
                try await trial.store.query(Query(namespace: trial.namespace, scope: scope), .unbounded)
            }
            try expectEqual(try await scan(.documents), records.filter(\.id.isZero), "documents")
            try expectEqual(try await scan(.items), records.filter { !$0.id.isZero }, "items")
            let keys = records.map { record in
                var bare = record
                bare.value = .empty
                return bare
            }
            try expectEqual(try await scan([.documents, .items, .keysOnly]), keys, "keys only")
            try expectEqual(try await scan([]), [], "nothing")
        },
        StoreCase("query.empty", "a scan of an empty namespace, or up to no record at all, gives nothing") {
            trial in
            try expectEqual(
                try await trial.store.query(Query(namespace: trial.namespace), .unbounded), [], "empty")
            try await trial.store([trial.document("key", trial.version())])
            let none = Query(namespace: trial.namespace, limit: 0)
            try expectEqual(try await trial.store.query(none, .unbounded), [], "limit 0")
        },
        StoreCase("query.prefix", "a prefix is data: no character of it stands for another") { trial in
            let records = hostileKeys.map { trial.document(Bytes($0), trial.version()) }
            try await trial.store(records)
            let prefixes = hostileKeys + ["a", "%", "_", "\\", "[", "é", "\u{FFFF}", "keyz"]
            for text in prefixes {
                let prefix = Bytes(text)
                let expected = records.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
                for scope in [Query.Scope.documents, [.documents, .reversed]] {
                    let query = Query(namespace: trial.namespace, keyPrefix: prefix, scope: scope)
                    try expectEqual(
                        try await trial.store.query(query, .unbounded).map(\.key),
                        (scope.contains(.reversed) ? expected.reversed() : expected).map(\.key),
                        "prefix \(prefix)")
                }
            }
        },
        StoreCase("query.pages", "pages of every size are the scan, cut anywhere, in either direction") {
            trial in
            let records = try await trial.fill()
            for scope in [Query.Scope.documents, .items, [.documents, .items]] {
                for isReversed in [false, true] {
                    let wanted = records.filter { scope.contains($0.id.isZero ? .documents : .items) }
                    let expected = isReversed ? wanted.reversed() : wanted
                    for size in [1, 2, 3, 7, 1000] as [UInt64] {
                        let pages = try await trial.pages(
                            Query(
                                namespace: trial.namespace,
                                scope: isReversed ? scope.union(.reversed) : scope,
                                limit: size))
                        try expectEqual(pages, expected, "pages of \(size), scope \(scope.rawValue)")
                    }
                }
            }
        },
        StoreCase("query.foreign-cursor", "a scan resumes also after a place where nothing is") { trial in
            let records = try await trial.fill()
            let elsewhere: [(Bytes, Version)] = [("aa", .zero), ("zz", .zero), ("b", trial.version())]
            let places = records.map { ($0.key, $0.id) } + elsewhere
            for (key, id) in places {
                let cursor = Query.Cursor(address: trial.address(key), id: id)
                let query = Query(namespace: trial.namespace, after: cursor)
                let expected = records.filter { key == $0.key ? id < $0.id : key < $0.key }
                try expectEqual(
                    try await trial.store.query(query, .unbounded), expected, "after \(key) \(id)")
            }
        },
        StoreCase("query.writers", "what is there during a whole scan is seen exactly once, in order") {
            trial in
            let kept = (0..<60).map { trial.document(Bytes("key \($0 + 100) kept"), trial.version()) }
            try await trial.store(kept)
            let scan = Query(namespace: trial.namespace, limit: 7)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for index in 0..<60 {
                        try await trial.store([
                            trial.document(Bytes("key \(index + 100) new"), trial.version())
                        ])
                        let gone = Bytes("key \(159 - index) new")
                        try await trial.apply([trial.drop(gone, trial.version())])
                    }
                }
                group.addTask {
                    for _ in 0..<5 {
                        let keys = try await trial.pages(scan).map(\.key)
                        try expectEqual(keys, keys.sorted(), "order")
                        try expectEqual(Set(keys).count, keys.count, "keys seen once")
                        let seen = Set(keys)
                        try expect(kept.allSatisfy { seen.contains($0.key) }, "a kept record was not seen")
                    }
                }
                try await group.waitForAll()
            }
        },
    ]
}

extension StoreTrial {
    /// Stores documents and items at several keys.
    ///
    /// - Returns: what a reader sees, in the order of a scan.
    func fill() async throws -> [Record] {
        var visible: [Record] = []
        var hidden: [Record] = []
        for (index, key) in (["B", "a", "a/b", "ab", "b", "c", "é", "😀"] as [Bytes]).enumerated() {
            if index % 3 != 1 { visible.append(document(key, version(), Bytes("{\"index\":\(index)}"))) }
            if index % 3 == 1 { hidden.append(document(key, version(), .empty, flags: .removed)) }
            for item in 0..<(index % 4 * 3) {
                let record = self.item(key, version(), nil, Bytes("{\"item\":\(item)}"))
                if item == 1 {
                    hidden.append(record)
                    hidden.append(self.item(key, record.id, version(), .empty, flags: .removed))
                } else {
                    visible.append(record)
                }
            }
        }
        try await store(visible + hidden)
        return visible.sorted { $0.key == $1.key ? $0.id < $1.id : $0.key < $1.key }
    }

    /// Scans page by page, until a page comes back empty.
    ///
    /// - Parameters:
    ///   - query: its limit is the size of a page.
    ///   - pageCountMax: after so many pages the paging is taken to be endless.
    /// - Returns: the pages, joined.
    /// - Throws: what the store throws, or that the paging does not end.
    func pages(_ query: Query, pageCountMax: Int = 2000) async throws -> [Record] {
        var query = query
        var pageCount = 0
        var records: [Record] = []
        while true {
            let page = try await store.query(query, .unbounded)
            guard let last = page.last else { return records }
            try expect(
                UInt64(page.count) <= query.limit || query.scope.contains(.raw),
                "a page of \(page.count) records")
            records += page
            pageCount += 1
            try expect(pageCount < pageCountMax, "paging does not end after \(pageCount) pages")
            query.after = Query.Cursor(address: last.address, id: last.id)
        }
    }
}
