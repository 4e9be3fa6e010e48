public import HoldfastModel
import HoldfastSupport

/// A chain in the place of a provider, so that chains can be members of chains.
///
/// The outer chain assigns the versions; the inner one logs and applies them as they are, and passes refusals on.
public struct ChainProvider: Provider {
    /// The name in storage.yaml.
    public let name: String
    /// The `type:` in storage.yaml.
    public let type = "chain"
    private let settings: ChainSettings
    private let environment: ChainEnvironment

    /// Makes a provider of the settings of a chain.
    public init(_ settings: ChainSettings, _ environment: ChainEnvironment = ChainEnvironment()) {
        name = settings.name
        self.settings = settings
        self.environment = environment
    }

    /// See `Provider`.
    public func connect(_ context: CallContext) async throws(HoldfastError) -> any Store {
        let chain = try await Chain.open(settings, environment)
        return ChainStore(chain, info: await chain.storeInfo)
    }
}

/// An open inner chain.
struct ChainStore: Store {
    let info: StoreInfo
    private let chain: Chain

    init(_ chain: Chain, info: StoreInfo) {
        self.chain = chain
        self.info = info
    }

    func apply(
        _ changes: [Change], atomic: Bool, _ context: CallContext
    ) async throws(HoldfastError) -> [ChangeOutcome] {
        if atomic || changes.count == 1 {
            return try await chain.applyFixed(changes, timeout: timeout(context))
        }
        if changes.allSatisfy({ $0.condition == .none }) {
            return try await chain.applyFixed(changes, timeout: timeout(context))
        }
        var outcomes: [ChangeOutcome] = []
        for change in changes { outcomes += try await chain.applyFixed([change], timeout: timeout(context)) }
        return outcomes
    }

    func read(_ requests: [ReadRequest], _ context: CallContext) async throws(HoldfastError) -> [[Record]] {
        try await chain.read(requests, CallOptions(timeout: timeout(context))).results
    }

    func query(_ query: Query, _ context: CallContext) async throws(HoldfastError) -> [Record] {
        try await chain.query(query, CallOptions(timeout: timeout(context))).records
    }

    func select(_ query: Bytes, _ context: CallContext) async throws(HoldfastError) -> [Record]? {
        try await chain.select(query, CallOptions(timeout: timeout(context))).records
    }

    func invoke(_ call: DomainCall, _ context: CallContext) async throws(HoldfastError) -> [[Record]]? {
        try await chain.invoke(call, CallOptions(timeout: timeout(context)))?.results
    }

    func flush(_ context: CallContext) async throws(HoldfastError) {
        try await chain.flush(CallOptions(timeout: timeout(context)))
    }

    func ping(integrity: Bool, _ context: CallContext) async throws(HoldfastError) {
        try await chain.pingServing(integrity: integrity, context)
    }

    func close() async { await chain.close() }

    private func timeout(_ context: CallContext) -> Duration? {
        guard context.deadline != 0 else { return nil }
        return .nanoseconds(max(0, context.deadline - chain.environment.clock.monotonicNanoseconds))
    }
}

extension Chain {
    /// What the chain can do as a provider: it is as durable as its log, and shared if its primary is.
    var storeInfo: StoreInfo {
        var info = primary?.store.info ?? StoreInfo(capabilities: [], incarnation: "")
        var capabilities = info.capabilities.intersection([.atomicBatch, .conditions, .rawScan])
        capabilities.formUnion([.concurrent])
        if log.info.capabilities.contains(.durable) { capabilities.insert(.durable) }
        info.capabilities = capabilities
        // What the log holds is never lost with a provider, so the life of the chain is the life of its log.
        info.incarnation = log.info.incarnation
        info.operations = operations
        return info
    }

    /// Asks whoever answers reads.
    func pingServing(integrity: Bool, _ context: CallContext) async throws(HoldfastError) {
        switch core.readPlan {
        case .primary, .primaryOverlaid: try await primary?.store.ping(integrity: integrity, context)
        case .backup(let index, _, _, _): try await backups[index]?.store.ping(integrity: integrity, context)
        case .unavailable(let error): throw error
        }
    }
}
