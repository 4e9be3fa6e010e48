public import HoldfastModel
import HoldfastSupport

extension Chain {
    /// See `Backend`.
    public func read(
        _ requests: [ReadRequest], _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer {
        let context = try context(options)
        if let primary, isServing {
            let generation = core.primary.generation
            do throws(HoldfastError) {
                let results = try await primary.store.read(requests, share(context, options))
                for records in results { observe(records) }
                return ReadAnswer(results: results, source: settings.primary.name, degradations: damageNotice)
            } catch {
                try noteFailedRead(error, options, of: generation)
            }
        }
        let fallback = try await fallback()
        let overlay = try await overlay(fallback, requests.map(\.address))
        let results = try await ask(fallback) { store throws(HoldfastError) in
            try await overlay.read(requests, from: store, context)
        }
        for records in results { observe(records) }
        return ReadAnswer(results: results, source: fallback.source, degradations: fallback.degradations)
    }

    /// See `Backend`.
    public func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        let context = try context(options)
        if let primary, isServing {
            let records = try await askPrimary(over: primary, context) { store throws(HoldfastError) in
                try await store.query(query, context)
            }
            if let records {
                observe(records)
                return QueryAnswer(
                    records: records, source: settings.primary.name, degradations: damageNotice)
            }
        }
        let fallback = try await fallback()
        try await indexTail(after: fallback.after)
        let addresses = tail.addresses(in: query.namespace, prefix: query.keyPrefix, after: fallback.after)
        let overlay = try await overlay(fallback, Array(addresses.keys))
        let records = try await ask(fallback) { store throws(HoldfastError) in
            try await overlay.query(query, from: store, context)
        }
        observe(records)
        return QueryAnswer(records: records, source: fallback.source, degradations: fallback.degradations)
    }

    /// See `Backend`.
    public func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        let context = try context(options)
        let scan = try SelectScan(query)
        if let primary, isServing {
            let answer = try await askPrimary(over: primary, context) { store throws(HoldfastError) in
                try await Self.select(query, scan, in: store, context)
            }
            if let (records, isScanned) = answer {
                observe(records)
                return QueryAnswer(
                    records: records, source: settings.primary.name, degradations: damageNotice,
                    isScanned: isScanned)
            }
        }
        let fallback = try await fallback()
        try await indexTail(after: fallback.after)
        let place = scan.place
        let addresses = tail.addresses(in: place.namespace, prefix: place.prefix, after: fallback.after)
        let overlay = try await overlay(fallback, Array(addresses.keys))
        // What the provider lacks changes order, counts and groups: it cannot be laid over their result.
        let (records, isScanned) = try await ask(fallback) { store throws(HoldfastError) in
            guard !overlay.isEmpty else { return try await Self.select(query, scan, in: store, context) }
            let records = try await scan.run { page throws(HoldfastError) in
                try await overlay.query(page, from: store, context)
            }
            return (records, true)
        }
        observe(records)
        return QueryAnswer(
            records: records, source: fallback.source, degradations: fallback.degradations,
            isScanned: isScanned)
    }

    private static func select(
        _ query: Bytes, _ scan: SelectScan, in store: any Store, _ context: CallContext
    ) async throws(HoldfastError) -> (records: [Record], isScanned: Bool) {
        if let records = try await store.select(query, context) { return (records, false) }
        let records = try await scan.run { page throws(HoldfastError) in
            try await store.query(page, context)
        }
        return (records, true)
    }

    func observe(_ records: [Record]) {
        core.observe(records, at: UInt64(max(0, environment.clock.unixMilliseconds)))
    }

    /// The deadline of a read.
    ///
    /// - Throws: `unavailable` once the chain is closed.
    func context(_ options: CallOptions) throws(HoldfastError) -> CallContext {
        guard !isClosed else { throw HoldfastError(.unavailable, "the chain \(name) is closed") }
        let timeout = options.timeout ?? settings.timeout
        return CallContext(deadline: environment.clock.monotonicNanoseconds + timeout.nanoseconds)
    }

    /// How long the primary may take: half of the time, where a backup can answer in the other half.
    private func share(_ context: CallContext, _ options: CallOptions) -> CallContext {
        guard core.backups.contains(where: { $0.phase == .following }) else { return context }
        var share = context
        share.deadline -= (options.timeout ?? settings.timeout).nanoseconds / 2
        return share
    }

    /// Whether reads go to the primary.
    var isServing: Bool { damage != nil || core.readPlan == .primary }

    var damageNotice: [Degradation] { damage == nil ? [] : [.logDamaged] }

    /// A read that failed because the primary did: the core hears of it, and the read goes elsewhere.
    ///
    /// That it missed a deadline says something about the primary only where a reader has given it time.
    private func noteFailedRead(
        _ error: HoldfastError, _ options: CallOptions, of generation: Int
    ) throws(HoldfastError) {
        noteAnswer(error, of: .primary)
        let isHurried = options.timeout.map { $0 < settings.timeout } ?? false
        let isTooLate = error.code == .timeout && !error.flags.contains(.providerDead)
        if isHurried, isTooLate, damage == nil, !settings.backups.isEmpty { return }
        try noteOutage(error, of: generation)
    }

    /// The primary has failed a reader: the core hears of it, and the reader goes elsewhere.
    ///
    /// - Throws: the error where it is about something else, or where nobody else could answer.
    func noteOutage(_ error: HoldfastError, of generation: Int) throws(HoldfastError) {
        guard error.isOutage, damage == nil, !settings.backups.isEmpty else { throw error }
        var outage = error
        // What is under way on the same connection may have been applied.
        outage.flags.insert(.maybeApplied)
        if core.primary.phase == .up { deliver(.primaryFailed(generation, outage)) }
    }

    /// Where reads go while the primary does not serve.
    struct Fallback {
        var connection: Connection
        var consumer: Consumer
        var source: String
        var after: LogSequenceNumber
        var through: LogSequenceNumber
        var excluded: Set<LogSequenceNumber>
        var degradations: [Degradation]
    }

    func fallback() async throws(HoldfastError) -> Fallback {
        switch core.readPlan {
        case .primary:
            guard let primary else { throw HoldfastError(.unavailable, "the primary is being connected") }
            // It has come back meanwhile: nothing lies over it.
            let last = core.ledger.last
            return Fallback(
                connection: primary, consumer: .primary, source: settings.primary.name, after: last,
                through: last, excluded: [],
                degradations: [])
        case .primaryOverlaid(let after, let through, let excluded):
            guard let primary else { throw HoldfastError(.unavailable, "the primary is being connected") }
            return Fallback(
                connection: primary, consumer: .primary, source: settings.primary.name, after: after,
                through: through, excluded: excluded, degradations: [])
        case .backup(let index, let after, let through, let excluded):
            guard let connection = backups[index] else {
                throw HoldfastError(.unavailable, "the backup is being connected")
            }
            let source = settings.backups[index].name
            var degradations: [Degradation] = [.fallback(source)]
            if settings.isShared { degradations.append(.hostLocal) }
            return Fallback(
                connection: connection, consumer: .backup(index), source: source, after: after,
                through: through, excluded: excluded, degradations: degradations)
        case .unavailable(let error): throw error
        }
    }

    /// What the log holds for some addresses and the fallback does not have yet.
    func overlay(_ fallback: Fallback, _ addresses: [Address]) async throws(HoldfastError) -> Overlay {
        var overlay = Overlay(now: environment.clock.unixMilliseconds)
        guard fallback.after < fallback.through else { return overlay }
        try await indexTail(after: fallback.after)
        let positions = Set(addresses.flatMap { tail.positions(of: $0, after: fallback.after) })
            .filter { $0 <= fallback.through && !fallback.excluded.contains($0) }
            .sorted()
        var entries: [[Change]] = []
        for lsn in positions {
            let range = try await readRange(from: lsn, through: lsn, excluding: [])
            entries.append(range.entries.first?.changes ?? [])
        }
        var claims = try await claims(of: entries.compactMap(\.first), in: fallback.connection.store)
        for changes in entries where claims.takes(changes) {
            for change in changes where change.kind != .check { overlay.add(change.unconditional) }
        }
        return overlay
    }
}
