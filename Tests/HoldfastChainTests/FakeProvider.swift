import HoldfastChain
import HoldfastModel
import HoldfastSupport

/// A provider in memory that obeys the merge rule, and whose failures a test decides.
final class FakeProvider: Provider, Sendable {
    /// What a connection is used for: a store may be busy with one of them, or with all.
    enum Call: CaseIterable { case ping, read, marks, question }

    /// What the backend holds, and how it behaves.
    struct World: Sendable {
        var keys: [Address: KeyState] = [:]
        var incarnation = "first"
        var isDown = false
        /// What it says to every connection.
        var refusal: HoldfastError?
        /// What it says to every reader.
        var readFailure: HoldfastError?
        /// By which a question takes all the time that it has.
        var slowness: (any HostClock)?
        /// What else does.
        var hanging: Set<Call> = []
        /// How long a drop takes by that clock.
        var dropTime = Duration.zero
        /// Whether opening it takes until a test lets it go on.
        var holdsOpening = false
        /// How many connections were closed.
        var closedCount = 0
        /// Openings that are held.
        var held: [CheckedContinuation<Void, Never>] = []
        var pingCount = 0
        /// The next apply takes effect and its answer is lost.
        var losesNextAnswer = false
        /// Values with these bytes are refused for good.
        var poison: Bytes?
        var applyCount = 0
        /// Operations that it answers whole, with a row for each part.
        var operations: Set<String> = []
        /// Thrown in place of the next answer to an operation.
        var operationFailure: HoldfastError?
        var operationCount = 0
        var capabilities: StoreInfo.Capabilities = [
            .atomicBatch, .conditions, .concurrent, .shared, .rawScan, .durable,
        ]
    }

    let name: String
    let type = "fake"
    let world = Guarded(World())

    init(_ name: String) { self.name = name }

    func connect(_ context: CallContext) async throws(HoldfastError) -> any Store {
        await hold()
        let (isDown, refusal, info) = world.withLock { world in
            (
                world.isDown, world.refusal,
                StoreInfo(
                    capabilities: world.capabilities, incarnation: world.incarnation,
                    operations: world.operations)
            )
        }
        if let refusal { throw refusal }
        if isDown {
            throw HoldfastError(.unavailable, "\(name) is down", flags: [.retryable, .providerDead])
        }
        return FakeStore(provider: self, info: info)
    }

    private func hold() async {
        guard world.withLock({ $0.holdsOpening }) else { return }
        await withCheckedContinuation { continuation in world.withLock { $0.held.append(continuation) } }
    }

    /// Waits until an opening is held.
    func isHeld() async {
        while world.withLock({ $0.held.isEmpty }) { await Task.yield() }
    }

    /// Lets every opening go on, and holds none any more.
    func letOpen() {
        let held = world.withLock { world in
            world.holdsOpening = false
            defer { world.held = [] }
            return world.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Takes all the time that a call has, if so it is to be.
    fileprivate func linger(_ call: Call, _ context: CallContext) async throws(HoldfastError) {
        let clock = world.withLock { call == .question || $0.hanging.contains(call) ? $0.slowness : nil }
        guard let clock else { return }
        await clock.wait(until: context.deadline)
        throw HoldfastError(.timeout, "\(name) is slow")
    }

    /// Waits until it was asked so often whether it is there.
    func pinged(_ count: Int) async {
        while world.withLock({ $0.pingCount }) < count { await Task.yield() }
    }

    /// Takes the time that a drop takes.
    fileprivate func remove(_ context: CallContext) async throws(HoldfastError) {
        let (clock, time) = world.withLock { ($0.slowness, $0.dropTime) }
        guard let clock, time > .zero else { return }
        let end = clock.monotonicNanoseconds + time.components.seconds * 1_000_000_000
        await clock.wait(until: min(end, context.deadline))
        if context.deadline < end { throw HoldfastError(.timeout, "\(name) is slow") }
    }

    func goDown() { world.withLock { $0.isDown = true } }
    func comeBack() { world.withLock { $0.isDown = false } }

    /// Ends every connection, and refuses each new one with an error, or with none.
    func refuse(_ error: HoldfastError?) {
        world.withLock { world in
            world.refusal = error
            world.isDown = error != nil
        }
    }

    /// Comes back with nothing.
    func comeBackEmpty() {
        world.withLock { world in
            world.keys = [:]
            world.incarnation += "+"
            world.isDown = false
        }
    }

    /// The visible values of a list.
    func values(_ address: Address) -> [String] {
        world.withLock {
            $0.keys[address]?.items.filter { $0.isVisible(at: 0) }.map(\.value.description) ?? []
        }
    }
}

/// A connection to a ``FakeProvider``.
struct FakeStore: Store {
    let provider: FakeProvider
    let info: StoreInfo

    private func alive<Result>(
        _ body: (inout FakeProvider.World) throws(HoldfastError) -> sending Result
    ) throws(HoldfastError) -> sending Result {
        try provider.world.withLock { world throws(HoldfastError) in
            guard !world.isDown, world.incarnation == info.incarnation else {
                throw HoldfastError(
                    .unavailable, "\(provider.name) is gone", flags: [.retryable, .providerDead])
            }
            return try body(&world)
        }
    }

    func apply(
        _ changes: [Change], atomic: Bool, _ context: CallContext
    ) async throws(HoldfastError) -> [ChangeOutcome] {
        if changes.contains(where: { $0.kind == .drop }) { try await provider.remove(context) }
        return try alive { world throws(HoldfastError) in
            world.applyCount += 1
            if let poison = world.poison, changes.contains(where: { $0.record.value == poison }) {
                throw HoldfastError(.invalid, "poison")
            }
            var scratch = world.keys
            let outcomes = changes.map { change in
                scratch[change.address, default: KeyState()].apply(change, at: 0)
            }
            if !atomic || outcomes.allSatisfy(\.stands) { world.keys = scratch }
            if world.losesNextAnswer {
                world.losesNextAnswer = false
                world.isDown = true
                throw HoldfastError(.unavailable, "connection lost", flags: [.maybeApplied, .providerDead])
            }
            return outcomes
        }
    }

    func read(_ requests: [ReadRequest], _ context: CallContext) async throws(HoldfastError) -> [[Record]] {
        try await provider.linger(.read, context)
        return try alive { world throws(HoldfastError) in
            if let failure = world.readFailure { throw failure }
            return requests.map { request in
                let state = world.keys[request.address] ?? KeyState()
                guard let range = request.range else {
                    return [state.document].compactMap { $0 }.filter { $0.isVisible(at: 0) }
                }
                var items = state.items.filter { $0.isVisible(at: 0) && range.contains($0.id) }
                if range.reversed { items.reverse() }
                return Array(items.prefix(Int(clamping: range.limit)))
            }
        }
    }

    func query(_ query: Query, _ context: CallContext) async throws(HoldfastError) -> [Record] {
        try await provider.linger(query.namespace == MarkCodec.namespace ? .marks : .question, context)
        return try alive { world throws(HoldfastError) in
            if let failure = world.readFailure, query.namespace != MarkCodec.namespace { throw failure }
            var records: [Record] = []
            let isRaw = query.scope.contains(.raw)
            for (address, state) in world.keys.sorted(by: { $0.key < $1.key }) {
                guard query.namespace.isEmpty || address.namespace == query.namespace else { continue }
                guard address.key.hasPrefix(query.keyPrefix) else { continue }
                if isRaw, !state.floor.isZero {
                    records.append(
                        Record(
                            namespace: address.namespace, key: address.key, version: state.floor,
                            flags: .floor))
                }
                if query.scope.contains(.documents) { records += [state.document].compactMap { $0 } }
                if query.scope.contains(.items) { records += state.items }
            }
            let isReversed = query.scope.contains(.reversed)
            if isReversed { records.reverse() }
            let visible = records.filter { isRaw || $0.isVisible(at: 0) }
            let rest = visible.filter { record in
                guard let after = query.after else { return true }
                let place = (record.address, record.id)
                return isReversed ? place < (after.address, after.id) : place > (after.address, after.id)
            }
            return Array(rest.prefix(Int(clamping: query.limit)))
        }
    }

    func invoke(_ call: DomainCall, _ context: CallContext) async throws(HoldfastError) -> [[Record]]? {
        try alive { world throws(HoldfastError) in
            world.operationCount += 1
            if let failure = world.operationFailure {
                world.operationFailure = nil
                throw failure
            }
            return call.parts.map { part in
                [Record(namespace: .empty, key: Bytes(part.name), value: Bytes(provider.name))]
            }
        }
    }

    func flush(_ context: CallContext) async throws(HoldfastError) {
        try alive { _ throws(HoldfastError) in }
    }
    func ping(integrity: Bool, _ context: CallContext) async throws(HoldfastError) {
        provider.world.withLock { $0.pingCount += 1 }
        try await provider.linger(.ping, context)
        try alive { _ throws(HoldfastError) in }
    }
    func close() async { provider.world.withLock { $0.closedCount += 1 } }
}

/// A log in memory that outlives its connections.
final class FakeLog: LogProvider, Sendable {
    /// What the log holds, and how it behaves.
    struct World: Sendable {
        var entries: [Bytes] = []
        var first: LSN = 1
        var failure: HoldfastError?
        /// This entry cannot be read.
        var damagedLSN: LSN?
        /// Until when the host waits for it to open.
        var openingDeadline: Int64?
        /// No append ends.
        var isHanging = false
        var isClosed = false
        /// Appends that do not end.
        var hanging: [CheckedContinuation<Void, Never>] = []
    }
    typealias LSN = UInt64

    let name = "log"
    let type = "fake-log"
    let id: String
    let world = Guarded(World())

    init(_ id: String = "log-1") { self.id = id }

    func open(_ context: CallContext) async throws(HoldfastError) -> any LogStore {
        world.withLock { $0.openingDeadline = context.deadline }
        return FakeLogStore(log: self)
    }

    /// Waits as long as no append ends.
    fileprivate func hang() async {
        guard world.withLock({ $0.isHanging }) else { return }
        await withCheckedContinuation { continuation in
            world.withLock { $0.hanging.append(continuation) }
        }
    }

    /// Ends every append that hangs, and lets none hang any more.
    func answer() {
        let waiting = world.withLock { world in
            world.isHanging = false
            defer { world.hanging = [] }
            return world.hanging
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// A connection to a ``FakeLog``.
struct FakeLogStore: LogStore {
    let log: FakeLog
    var info: StoreInfo { StoreInfo(capabilities: [.durable], incarnation: log.id) }

    func append(_ entries: [Bytes], _ context: CallContext) async throws(HoldfastError) -> UInt64 {
        await log.hang()
        return try log.world.withLock { world throws(HoldfastError) in
            if let failure = world.failure { throw failure }
            if world.damagedLSN != nil { throw HoldfastError(.corrupt, "the log is damaged") }
            world.entries += entries
            return UInt64(world.entries.count - entries.count) + 1
        }
    }

    func read(from lsn: UInt64, byteCountMax: Int, _ context: CallContext) async throws(HoldfastError)
        -> [LogRecord]
    {
        try log.world.withLock { world throws(HoldfastError) in
            guard lsn <= UInt64(world.entries.count) else { return [] }
            let whole = (Int(lsn)...world.entries.count).prefix(7).prefix { UInt64($0) != world.damagedLSN }
            if whole.isEmpty {
                throw HoldfastError(.corrupt, "segment 1, offset 4096: entry \(lsn) is damaged")
            }
            return whole.map {
                LogRecord(lsn: UInt64($0), payload: world.entries[$0 - 1])
            }
        }
    }

    func bounds(_ context: CallContext) async throws(HoldfastError) -> LogBounds {
        log.world.withLock { LogBounds(first: $0.first, last: UInt64($0.entries.count), byteCount: 0) }
    }

    func trim(before lsn: UInt64, _ context: CallContext) async throws(HoldfastError) {
        log.world.withLock { $0.first = max($0.first, lsn) }
    }

    func verify(_ context: CallContext) async throws(HoldfastError) -> [LogFinding] { [] }
    func salvage(_ context: CallContext) async throws(HoldfastError) -> UInt64 {
        log.world.withLock { world in
            world.first = UInt64(world.entries.count) + 1
            world.damagedLSN = nil
            return world.first
        }
    }
    func close() async { log.world.withLock { $0.isClosed = true } }
}
