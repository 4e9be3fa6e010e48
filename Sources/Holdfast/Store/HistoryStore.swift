public import HoldfastChain
internal import HoldfastConfiguration
public import HoldfastModel
public import HoldfastSupport

/// The entry to everything that is stored: documents, lists, conversations; and to locks.
///
/// A value that is cheap to copy and may be used by any number of tasks at once. Whoever opened it closes it.
///
/// ```swift
/// let store = try await HistoryStore.open(configuration: "storage.yaml")
/// try await store.conversations().append(#"{"role":"user","content":"hello"}"#, to: "session-1")
/// let history = try await store.conversations().history(of: "session-1", limit: 50)
/// await store.close()
/// ```
public struct HistoryStore: Sendable {
    /// What stores the data: a chain, or one provider; counted, see ``operations``.
    public var backend: any Backend { services.meter }
    private let services: StoreServices
    private(set) var facts = StoreFacts()

    /// The namespaces with an index of words, by the name of the provider that keeps it; nothing where nobody has said.
    package var wordIndexes: [String: Set<String>]? {
        get { facts.wordIndexes }
        set { facts = StoreFacts(newValue, retentionSettings, facts.blobs) }
    }

    /// Embeds a backend that was made elsewhere.
    ///
    /// - Parameters:
    ///   - backend: closed by ``close()``.
    ///   - clock: what expiry and the age of items are counted on.
    ///   - valueByteCountMax: larger values are refused; 1 to `Limits.valueByteCountMax`.
    ///   - random: tells apart who wants a lock, and spreads their attempts.
    ///   - following: how those who follow lists are kept up to date.
    ///   - blobs: which contents are kept apart from their records, each once; nothing is none. What was kept apart
    ///     before is read all the same.
    public init(
        backend: any Backend, clock: any HostClock = SystemClock(),
        valueByteCountMax: Int = Limits.valueByteCountMax, random: RandomSource = .system,
        following: FollowSettings = FollowSettings(), blobs: BlobSettings? = nil
    ) {
        precondition(
            valueByteCountMax > 0 && valueByteCountMax <= Limits.valueByteCountMax,
            "valueByteCountMax is 1 to \(Limits.valueByteCountMax)")
        let text = blobs.map { BlobText(threshold: $0.threshold, digest: $0.digest) }
        // One that answers values whole does it itself, and a mark in what it answers is a caller's.
        let whole: any Backend = backend is any WholeBackend ? backend : BlobBackend(backend, text, clock)
        let meter = MeteredBackend(whole, clock: clock)
        services = StoreServices(
            meter: meter, edge: Edge(clock: clock, valueByteCountMax: valueByteCountMax), random: random,
            agentMeter: AgentMeter(), follows: FollowHub(meter, clock, following))
    }

    /// The same store as one tenant sees it: every namespace, lock and batch step of it is the tenant's own.
    ///
    /// Nothing that is asked of it reaches beyond the tenant, and names in it are those that the tenant uses. Keep one for
    /// each tenant: what a lock's holder last gave as a sign of life is remembered here. Closing it closes nothing.
    ///
    /// - Parameter tenant: 1 to 64 letters, digits, `-`, `_` and `.`; it takes as many bytes and one more of the 255
    ///   that a namespace may have, nine more of a lock's.
    /// - Returns: a store.
    /// - Throws: `invalid` for another name.
    public func confined(to tenant: String) throws(HoldfastError) -> HistoryStore {
        HistoryStore(confining: self, to: try ConfinedBackend(backend, tenant: tenant))
    }

    /// Whether a text can be the name of a tenant.
    package static func isTenant(_ name: String) -> Bool { ConfinedBackend.isName(name) }

    /// A view of a store: large contents are kept apart below it, so not once more in it.
    private init(confining store: HistoryStore, to backend: ConfinedBackend) {
        let meter = MeteredBackend(backend, clock: store.edge.clock)
        services = StoreServices(
            meter: meter, edge: store.edge, random: store.random, agentMeter: AgentMeter(),
            follows: FollowHub(meter, store.edge.clock, store.follows.settings))
        wordIndexes = store.wordIndexes?.mapValues { Set($0.compactMap(backend.name(ofStored:))) }
    }

    /// The documents of a namespace.
    ///
    /// - Parameter namespace: 1 to 255 bytes of UTF-8 without NUL; names that begin with `~` belong to the host. A
    ///   wrong one is refused by each use of the handle.
    /// - Returns: a handle that is cheap to make and to copy.
    public func documents(_ namespace: String) -> Documents {
        Documents(store: self, namespace: Namespace(namespace))
    }

    /// The lists of a namespace.
    ///
    /// - Parameter namespace: as for ``documents(_:)``.
    /// - Returns: a handle that is cheap to make and to copy.
    public func lists(_ namespace: String) -> Lists { Lists(store: self, namespace: Namespace(namespace)) }

    /// The conversations of a namespace.
    ///
    /// - Parameter namespace: as for ``documents(_:)``.
    /// - Returns: a handle that is cheap to make and to copy.
    public func conversations(_ namespace: String = Conversations.standardNamespace) -> Conversations {
        Conversations(lists: lists(namespace))
    }

    /// Waits until every provider that can be reached has everything that was acknowledged, durably.
    ///
    /// - Throws: `timeout` when it takes too long; what was acknowledged is safe in the log all the same.
    public func flush(_ options: CallOptions = CallOptions()) async throws(HoldfastError) {
        try await backend.flush(try Edge.checked(options))
    }

    /// How the backend and its parts are.
    public func status() async -> BackendStatus { await backend.status() }

    /// What was asked for since the store was opened, and how that went.
    public var operations: OperationFigures { services.meter.figures }

    /// What the backend promises.
    public var guarantees: Guarantees { get async { await backend.guarantees } }

    /// Finishes what runs, gives backups a last chance, closes.
    ///
    /// Later calls throw `unavailable`, and so does whoever follows a list.
    public func close() async {
        follows.close()
        await backend.close()
    }
}

extension HistoryStore {
    var edge: Edge { services.edge }
    /// Where those who try again get their delays from.
    package var random: RandomSource { services.random }
    /// What those who wait, wait on.
    package var clock: any HostClock { services.edge.clock }
    var leases: LeaseWatch { services.leases }
    var agentMeter: AgentMeter { services.agentMeter }
    var follows: FollowHub { services.follows }
    var turns: Turns { services.turns }
    /// What the storage.yaml says of retention, where the store was opened from one.
    var retentionSettings: RetentionConfiguration? { facts.retention.withLock { $0 } }
    /// What the storage.yaml says of large contents, where the store was opened from one.
    var blobsConfiguration: BlobsConfiguration { facts.blobs }

    /// Takes note of what the storage.yaml says.
    mutating func note(_ facts: StoreFacts) { self.facts = facts }

    /// Writes changes that were checked.
    ///
    /// - Parameters:
    ///   - changes: at least one.
    ///   - scope: what the idempotency key is unique in.
    ///   - options: see ``WriteOptions``.
    ///   - fences: of locks that must be held, beside the one in the options.
    /// - Returns: a receipt.
    /// - Throws: what the backend throws.
    func write(
        _ changes: [Change], scope: Address, _ options: WriteOptions, fences: [Fence] = []
    ) async throws(HoldfastError) -> Receipt {
        let fences = options.fence.map { fences + [$0] } ?? fences
        guard !fences.isEmpty else { return try await writeUnfenced(changes, scope: scope, options) }
        do throws(HoldfastError) {
            let receipt = try await writeUnfenced(
                changes + fences.map(\.check), scope: scope, options)
            return Receipt(
                versions: receipt.versions.dropLast(fences.count), isReplay: receipt.isReplay,
                level: receipt.level, degradations: receipt.degradations)
        } catch {
            throw await explained(error, by: fences)
        }
    }

    private func writeUnfenced(
        _ changes: [Change], scope: Address, _ options: WriteOptions
    ) async throws(HoldfastError) -> Receipt {
        let receipt = try await written(try edge.request(changes, scope: scope, options))
        guard receipt.versions.count == changes.count else {
            guard receipt.isReplay else {
                throw HoldfastError(
                    .internal,
                    "the backend answered \(receipt.versions.count) versions for \(changes.count) changes")
            }
            throw HoldfastError(
                .conflict,
                "the idempotency key belongs to a request of \(receipt.versions.count) changes, this one has \(changes.count)"
            )
        }
        return Receipt(
            versions: receipt.versions, isReplay: receipt.isReplay, level: receipt.level,
            degradations: receipt.degradations)
    }

    /// Writes, and tells those who follow.
    private func written(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        do throws(HoldfastError) {
            let receipt = try await services.meter.write(request)
            follows.wrote(request.changes)
            return receipt
        } catch {
            if error.flags.contains(.maybeApplied) { follows.wrote(request.changes) }
            throw error
        }
    }

    /// Reads, and checks that each question has its answer.
    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        let answer = try await services.meter.read(requests, try Edge.checked(options))
        guard answer.results.count == requests.count else {
            throw HoldfastError(
                .internal, "the backend answered \(answer.results.count) of \(requests.count) questions")
        }
        return answer
    }
}
