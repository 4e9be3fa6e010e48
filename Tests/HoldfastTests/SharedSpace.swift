import HoldfastModel
import HoldfastSupport

/// A provider in memory that several hosts use at once, and whose failures a test decides.
final class SharedSpace: Provider, Store {
    /// What happens to a call that writes.
    enum Fault: CaseIterable {
        /// Nothing is applied, and the caller knows it.
        case refused
        /// It takes effect, and the answer is lost.
        case answerLost
        /// Nothing is applied, and the caller cannot know it.
        case requestLost
    }

    private struct State {
        var keys: [Address: KeyState] = [:]
        var faults: [Fault] = []
        var isDown = false
        /// Runs before the next call that writes.
        var intruder: (@Sendable (SharedSpace) async throws -> Void)?
        var writeCount = 0
    }

    let name = "shared"
    let type = "shared"
    let info = StoreInfo(
        capabilities: [.atomicBatch, .conditions, .concurrent, .shared, .rawScan], incarnation: "shared")
    private let time: LockTime
    private let state = Guarded(State())

    init(_ time: LockTime) { self.time = time }

    /// Calls that write meet these, in order.
    func fail(_ faults: [Fault]) { state.withLock { $0.faults += faults } }
    func goDown() { state.withLock { $0.isDown = true } }
    func comeBack() { state.withLock { $0.isDown = false } }
    func loseEverything() { state.withLock { $0.keys = [:] } }
    func beforeNextWrite(_ intruder: @escaping @Sendable (SharedSpace) async throws -> Void) {
        state.withLock { $0.intruder = intruder }
    }
    var writeCount: Int { state.withLock { $0.writeCount } }

    /// The document at an address, also when it is a tombstone or has expired.
    func document(_ address: Address) -> Record? { state.withLock { $0.keys[address]?.document } }

    func connect(_ context: CallContext) async throws(HoldfastError) -> any Store { self }

    private var now: Int64 { time.clock().unixMilliseconds }

    func apply(
        _ changes: [Change], atomic: Bool, _ context: CallContext
    ) async throws(HoldfastError) -> [ChangeOutcome] {
        let intruder = state.withLock { state in
            defer { state.intruder = nil }
            return state.intruder
        }
        do {
            try await intruder?(self)
        } catch {
            throw HoldfastError(.internal, "the intruder failed: \(error)")
        }
        return try state.withLock { state throws(HoldfastError) in
            try Self.check(state)
            state.writeCount += 1
            let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
            if fault == .refused { throw HoldfastError(.unavailable, "refused by the test") }
            var trial = state.keys
            let outcomes = changes.map { trial[$0.address, default: KeyState()].apply($0, at: now) }
            if fault != .requestLost, !atomic || outcomes.allSatisfy(\.stands) { state.keys = trial }
            guard fault == nil else {
                throw HoldfastError(
                    .timeout, "the answer was lost by the test", flags: [.retryable, .maybeApplied])
            }
            return outcomes
        }
    }

    func read(_ requests: [ReadRequest], _ context: CallContext) async throws(HoldfastError) -> [[Record]] {
        try state.withLock { state throws(HoldfastError) in
            try Self.check(state)
            return requests.map { request in
                let key = state.keys[request.address] ?? KeyState()
                guard let range = request.range else {
                    return [key.document].compactMap { $0 }.filter { $0.isVisible(at: now) }
                }
                let items = key.items.filter { $0.isVisible(at: now) && range.contains($0.id) }
                return Array((range.reversed ? items.reversed() : items).prefix(Int(clamping: range.limit)))
            }
        }
    }

    func query(_ query: Query, _ context: CallContext) async throws(HoldfastError) -> [Record] {
        try state.withLock { state throws(HoldfastError) in
            try Self.check(state)
            var records: [Record] = []
            for (address, key) in state.keys.sorted(by: { $0.key < $1.key }) {
                guard address.namespace == query.namespace, address.key.hasPrefix(query.keyPrefix) else {
                    continue
                }
                if query.scope.contains(.documents) { records += [key.document].compactMap { $0 } }
                if query.scope.contains(.items) { records += key.items }
            }
            if query.scope.contains(.reversed) { records.reverse() }
            if let after = query.after {
                records = records.filter { record in
                    let place = (record.key, record.id)
                    let bound = (after.address.key, after.id)
                    return query.scope.contains(.reversed) ? place < bound : place > bound
                }
            }
            return Array(records.filter { $0.isVisible(at: now) }.prefix(Int(clamping: query.limit)))
        }
    }

    func flush(_ context: CallContext) async throws(HoldfastError) {}
    func ping(integrity: Bool, _ context: CallContext) async throws(HoldfastError) {}
    func close() async {}

    private static func check(_ state: State) throws(HoldfastError) {
        if state.isDown { throw HoldfastError(.unavailable, "the store is down") }
    }
}
