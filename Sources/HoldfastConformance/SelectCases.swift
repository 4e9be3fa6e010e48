internal import HoldfastModel
internal import HoldfastSupport

extension StoreCase {
    /// Queries that are answered in the backend.
    static let selectCases: [StoreCase] = [
        StoreCase(
            "select.random", "random queries over random records have the answers that plain reading gives"
        ) { trial in
            try await trial.selectRandomly(roundCount: 2, queryCount: 40)
        },
        StoreCase("select.pages", "the pages of a query are the whole, each record once, in any order") {
            trial in
            try await trial.selectPages()
        },
        StoreCase("select.limits", "offset, limit, count and groups work on what the filter keeps") { trial in
            try await trial.selectWithinLimits()
        },
        StoreCase(
            "select.unknown", "a query of another version or with an unknown operator is left to the host"
        ) {
            trial in
            let texts: [Bytes] = [
                #"{"select":2,"namespace":"x"}"#,
                #"{"select":1,"namespace":"x","where":{"like":["/f","a"]}}"#,
                #"{"select":1,"namespace":"x","having":1}"#,
            ]
            for text in texts {
                do {
                    let answer = try await trial.store.select(text, .unbounded)
                    try expect(answer == nil, "\(text) was answered")
                } catch let error as HoldfastError where error.code == .invalid {
                    // The host itself refuses what it does not know.
                    continue
                }
            }
        },
    ]
}

extension StoreTrial {
    /// A query's answer, or the end of the case where the store leaves everything to the host.
    private func answer(_ select: Select) async throws -> [Record]? {
        try await store.select(Bytes(select.json), .unbounded)
    }

    private func requireSelect() async throws {
        let plain = Select(namespace: namespace.array)
        guard try await answer(plain) == nil else { return }
        throw ConformanceSkip(reason: "the store leaves queries to the host")
    }

    /// Where the records of a round live: in a namespace with declared fields, where there is one, and in one without.
    private var places: [(namespace: Bytes, prefix: String)] {
        let prefix = String(version().low, radix: 36) + "-"
        let other = subject.indexedNamespace ?? namespace
        return [(namespace: namespace, prefix: "own-"), (namespace: other, prefix: prefix)]
    }

    /// Stores records of all sorts at random.
    ///
    /// - Returns: those that a reader sees.
    private func fill(_ generator: inout SelectGenerator, count: Int) async throws -> [Record] {
        var changes: [Change] = []
        for _ in 0..<count {
            let key = generator.key()
            let version = version()
            let isItem = generator.chance(60)
            var flags: Record.Flags = []
            if generator.chance(4) { flags = .bytes }
            if generator.chance(4) { flags = .removed }
            let value = flags == .removed ? Bytes.empty : generator.value()
            changes.append(
                Change(
                    .put,
                    Record(
                        namespace: generator.namespace, key: key, id: isItem ? version : .zero,
                        version: version,
                        value: value, expiresAt: generator.chance(4) ? 1 : 0, flags: flags)))
            // An edit, so that id and version differ.
            if isItem, generator.chance(15), let last = changes.last {
                var edited = last.record
                edited.version = self.version()
                edited.value = flags == .removed ? .empty : generator.value()
                changes.append(Change(.put, edited))
            }
        }
        try await apply(changes)
        var newest: [[Bytes]: Record] = [:]
        for change in changes {
            let record = change.record
            newest[[record.key, Bytes(record.id.description)]] = record
        }
        return newest.values.filter { $0.isVisible(at: now) }
    }

    fileprivate func selectRandomly(roundCount: Int, queryCount: Int) async throws {
        try await requireSelect()
        var roundSeed = random
        for _ in 0..<roundCount {
            for place in places {
                let seed = roundSeed.next()
                var generator = SelectGenerator(
                    seed: seed, namespace: place.namespace, prefix: "\(place.prefix)\(seed)-")
                let records = try await fill(&generator, count: 60)
                for index in 0..<queryCount {
                    let select = generator.query(records)
                    try await check(select, records, "query \(index) of round seed \(seed)")
                }
            }
        }
    }

    /// Fails unless the store answers a query, if it does, as plain reading does.
    private func check(_ select: Select, _ records: [Record], _ subject: String) async throws {
        guard let answer = try await answer(select) else { return }
        let text = "\(subject): \(Bytes(select.json))"
        let reference = SelectReference(select: select, records: records)
        switch select.answer {
        case .count:
            try expectEqual(
                SelectReference.count(answer.first?.value.array ?? []), reference.kept.count, text)
        case .groups(let grouping):
            try expectEqual(
                answer.map { SelectReference.row($0.value.array) }, reference.rows(grouping), text)
        case .records(let hasValues):
            let expected = reference.page.map { record in
                var record = record
                if !hasValues { record.value = .empty }
                return record
            }
            try expectEqual(answer, expected, text)
        }
    }

    fileprivate func selectPages() async throws {
        try await requireSelect()
        for place in places {
            var generator = SelectGenerator(
                seed: random.state(place.prefix), namespace: place.namespace, prefix: place.prefix)
            let records = try await fill(&generator, count: 80)
            for _ in 0..<20 {
                var select = generator.query(records)
                select.answer = .records(values: true)
                select.offset = 0
                select.limit = 10_000
                select.after = nil
                let whole = SelectReference(select: select, records: records).page
                select.limit = generator.pick([1, 3, 7])
                var pages: [Record] = []
                while let page = try await answer(select) {
                    pages += page
                    guard page.count == select.limit, pages.count <= whole.count, let last = page.last else {
                        break
                    }
                    let meta = SelectMeta(
                        key: last.key.array, id: SelectID(high: last.id.high, low: last.id.low),
                        version: SelectID(high: last.version.high, low: last.version.low))
                    select.after = last.value.withSpan { text in
                        select.place(of: meta, last.flags.contains(.bytes) ? nil : text)
                    }
                }
                if pages.isEmpty, try await answer(select) == nil { continue }
                try expectEqual(pages, whole, "pages of \(Bytes(select.json))")
            }
        }
    }

    fileprivate func selectWithinLimits() async throws {
        try await requireSelect()
        let records = (0..<30).map { index in
            item("list", version(), nil, Bytes("{\"n\":\(index),\"even\":\(index % 2 == 0)}"))
        }
        try await store(records)
        var select = Select(namespace: namespace.array)
        select.filter = SelectScalar(json: Array("true".utf8)).map {
            .compare(.value([Array("even".utf8)]), .equal, $0)
        }
        select.order = [Select.Order(by: .value([Array("n".utf8)]), isDescending: true)]
        select.limit = 4
        select.offset = 3
        try await check(select, records, "a page")
        select.offset = 15
        try await check(select, records, "a page behind the end")
        select.limit = 0
        try await check(select, records, "an empty page")
        select.answer = .count
        try await check(select, records, "a count, which has no page")
        select.limit = 10
        select.offset = 0
        select.filter = nil
        let figures = SelectGrouping.Aggregate.Function.allCases.map {
            SelectGrouping.Aggregate($0, of: .value([Array("n".utf8)]))
        }
        select.answer = .groups(SelectGrouping(by: [.value([Array("even".utf8)])], aggregates: figures))
        try await check(select, records, "groups")
        select.answer = .groups(SelectGrouping(by: [], aggregates: figures))
        try await check(select, records, "one group of all")
    }
}

extension SeededRandom {
    /// A number of this seed and a text.
    fileprivate func state(_ text: String) -> UInt64 {
        var random = self
        return text.utf8.reduce(random.next()) { $0 &* 31 &+ UInt64($1) }
    }
}
