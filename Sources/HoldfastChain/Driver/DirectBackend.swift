public import HoldfastModel
import HoldfastSupport

/// One provider without a log: what it answered is as safe as the provider makes it.
///
/// Writes are applied live, with the same rules as on the primary of a chain; a connection that broke is made anew by
/// the next call.
public actor DirectBackend: Backend {
    /// How often a write that came too late gets another version: each time another host's write was stored in its place.
    ///
    /// Many hosts that write to one list at once need dozens; the deadline ends it sooner where that takes too long.
    private static let attemptCountMax = 500

    /// The name in storage.yaml.
    public nonisolated let name: String
    let provider: any Provider
    let environment: ChainEnvironment
    private let timeout: Duration
    private let idempotencyRetention: Duration
    private var clock: VersionClock
    var store: (any Store)?
    var connecting: Task<Result<any Store, HoldfastError>, Never>?
    var lastError: (error: HoldfastError, time: Int64)?
    var badAnswers = BadAnswers()
    /// Since when it is away, in monotonic nanoseconds.
    var awaySince: Int64?
    var reports = ReportFilter()
    var isClosing = false

    /// Connects.
    ///
    /// - Parameters:
    ///   - provider: the one backend.
    ///   - timeout: the deadline of a call that names none.
    ///   - idempotencyRetention: how long the answer of an idempotency key is remembered.
    ///   - environment: the seams.
    /// - Throws: what the provider says when it cannot be reached.
    public init(
        _ provider: any Provider, timeout: Duration = .seconds(10),
        idempotencyRetention: Duration = .seconds(86_400),
        _ environment: ChainEnvironment = ChainEnvironment()
    ) async throws(HoldfastError) {
        name = provider.name
        self.provider = provider
        self.environment = environment
        self.timeout = timeout
        self.idempotencyRetention = idempotencyRetention
        clock = VersionClock(node: environment.random.next() & Version.nodeMax)
        _ = try await connected(by: nil)
    }

    func context(_ timeout: Duration?) -> CallContext {
        CallContext(deadline: environment.clock.monotonicNanoseconds + (timeout ?? self.timeout).nanoseconds)
    }

    // MARK: writing

    /// See `Backend`.
    public func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        let claimed: Address? =
            if let key = request.idempotencyKey { try IdempotencyRecord.address(key) } else { nil }
        let context = context(request.timeout)
        for _ in 0..<Self.attemptCountMax {
            let changes = assigned(request.changes, claimed)
            let outcomes = try await apply(changes, context)
            guard let refused = outcomes.first(where: { !$0.stands }) else {
                let versions = changes.dropFirst(claimed == nil ? 0 : 1).map(\.record.version)
                return WriteReceipt(versions: versions, level: .primary)
            }
            if let claimed, case .conflict = outcomes[0] { return try await firstAnswer(at: claimed) }
            try throwUnlessStale(outcomes.first { !$0.stands && !$0.isStale } ?? refused)
            for case .stale(let seen) in outcomes { clock.observe(seen) }
        }
        throw HoldfastError(
            .stale, "other hosts kept writing newer versions, \(Self.attemptCountMax) times in a row")
    }

    private func assigned(_ changes: [Change], _ claimed: Address?) -> [Change] {
        let now = environment.clock.unixMilliseconds
        var made = changes
        if let claimed {
            let expiry = now + idempotencyRetention.milliseconds
            made.insert(IdempotencyRecord.claim(claimed, expiresAt: expiry), at: 0)
        }
        for position in made.indices
        where made[position].record.version.isZero && made[position].kind != .check {
            made[position].assign(clock.next(at: UInt64(max(0, now))))
        }
        if claimed != nil { IdempotencyRecord.fill(&made) }
        return made
    }

    private func apply(
        _ changes: [Change], _ context: CallContext
    ) async throws(HoldfastError) -> [ChangeOutcome] {
        try await withStore(context) { store throws(HoldfastError) in
            if store.info.capabilities.isSuperset(of: [.atomicBatch, .conditions]) {
                return try await store.apply(changes, atomic: true, context)
            }
            let connection = Connection(store: store, chain: "")
            return try await connection.applyOneByOne(
                [PrimaryEntry(lsn: 0, changes: changes)], mark: nil, context)[0]
        }
    }

    private func throwUnlessStale(_ outcome: ChangeOutcome) throws(HoldfastError) {
        if case .stale(let seen) = outcome {
            let ahead = Int64(seen.milliseconds) - environment.clock.unixMilliseconds
            guard ahead <= Self.driftMax else {
                throw HoldfastError(
                    .invalid,
                    "the newest version stored there is \(ahead) ms ahead of this host's clock, set it right")
            }
        } else if let error = outcome.refusal {
            throw error
        }
    }

    private static let driftMax: Int64 = 60_000

    private func firstAnswer(at address: Address) async throws(HoldfastError) -> WriteReceipt {
        let answer = try await read([ReadRequest(address)], CallOptions())
        guard let record = answer.results.first?.first else {
            throw HoldfastError(
                .conflict, "the first write with this idempotency key has just been forgotten; try again",
                flags: .retryable)
        }
        return WriteReceipt(
            versions: try IdempotencyRecord.versions(in: record.value), isReplay: true, level: .primary)
    }

    // MARK: reading

    /// See `Backend`.
    public func read(
        _ requests: [ReadRequest], _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer {
        let context = context(options.timeout)
        let results = try await withStore(context) { store throws(HoldfastError) in
            try await store.read(requests, context)
        }
        for records in results { observe(records) }
        return ReadAnswer(results: results, source: name)
    }

    /// See `Backend`.
    public func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        let context = context(options.timeout)
        let records = try await withStore(context) { store throws(HoldfastError) in
            try await store.query(query, context)
        }
        observe(records)
        return QueryAnswer(records: records, source: name)
    }

    /// See `Backend`.
    public func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        let context = context(options.timeout)
        let (records, isScanned) = try await withStore(context) { store throws(HoldfastError) in
            if let records = try await store.select(query, context) { return (records, false) }
            let records = try await SelectScan(query).run { page throws(HoldfastError) in
                try await store.query(page, context)
            }
            return (records, true)
        }
        observe(records)
        return QueryAnswer(records: records, source: name, isScanned: isScanned)
    }

    /// See `Backend`.
    public func invoke(
        _ call: DomainCall, _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer? {
        let context = context(options.timeout)
        let results = try await withStore(context) { store throws(HoldfastError) in
            guard store.info.operations.contains(call.operation) else { return [[Record]]?.none }
            return try await store.invoke(call, context)
        }
        guard let results else { return nil }
        for records in results { observe(records) }
        return ReadAnswer(results: results, source: name)
    }

    private func observe(_ records: [Record]) {
        clock.observe(
            records, at: UInt64(max(0, environment.clock.unixMilliseconds)), driftMax: UInt64(Self.driftMax))
    }

    // MARK: life

    /// See `Backend`.
    public var guarantees: Guarantees {
        let capabilities = store?.info.capabilities ?? []
        return Guarantees(
            isAtomic: capabilities.contains(.atomicBatch), isDurable: capabilities.contains(.durable),
            isShared: capabilities.contains(.shared), operations: store?.info.operations ?? [])
    }

    /// See `Backend`.
    public func flush(_ options: CallOptions) async throws(HoldfastError) {
        let context = context(options.timeout)
        try await withStore(context) { store throws(HoldfastError) in try await store.flush(context) }
    }

    /// See `Backend`.
    public func status() async -> BackendStatus {
        let isUp = store != nil
        let last = isUp ? badAnswers.last : lastError
        var member = BackendStatus.Member(
            name: name, type: provider.type, role: "primary", state: isUp ? "up" : "down",
            lastError: last?.error.description, lastErrorTime: last?.time, figures: provider.figures)
        member.figures[BadAnswers.figure] = Double(badAnswers.count)
        return BackendStatus(name: name, isWritable: isUp, isReadable: isUp, members: [member])
    }

    /// See `Backend`.
    public func close() async {
        isClosing = true
        guard let store else { return }
        self.store = nil
        do throws(HoldfastError) {
            try await store.flush(context(nil))
        } catch {
            environment.report(.warning, "\(name): the last flush failed: \(error)")
        }
        await store.close()
    }
}

extension ChangeOutcome {
    fileprivate var isStale: Bool { if case .stale = self { true } else { false } }
}
