import Holdfast
import HoldfastChain
import HoldfastModel
import HoldfastSupport

/// A backend in memory that keeps the rules to the letter: what the API is tested against.
actor MemoryBackend: Backend {
    nonisolated let name = "memory"
    private var states: [Address: KeyState] = [:]
    private var answers: [WriteRequest.IdempotencyKey: [Version]] = [:]
    private var versions = VersionClock(node: 0x5EED)
    private let clock: ManualClock
    private let isAtomic: Bool
    private(set) var requests: [WriteRequest] = []
    private(set) var questionCount = 0
    private(set) var isClosed = false
    /// Thrown by the next call, once.
    private var failure: HoldfastError?
    /// Runs before the next write is decided, once.
    private var beforeWrite: (@Sendable (isolated MemoryBackend) -> Void)?
    private var degradations: [Degradation] = []
    /// A read of these keys throws `corrupt`.
    private var damaged: Set<Bytes> = []

    init(clock: ManualClock = ManualClock(), isAtomic: Bool = true) {
        self.clock = clock
        self.isAtomic = isAtomic
    }

    var guarantees: Guarantees {
        Guarantees(isAtomic: isAtomic, isDurable: false, isShared: false)
    }

    func fail(_ error: HoldfastError) { failure = error }
    var hasFailure: Bool { failure != nil }
    func damage(_ keys: Set<Bytes>) { damaged = keys }
    func degrade(_ degradations: [Degradation]) { self.degradations = degradations }
    func race(_ write: @escaping @Sendable (isolated MemoryBackend) -> Void) { beforeWrite = write }

    /// Writes past the API, as another host would.
    @discardableResult
    func put(_ record: Record, isItem: Bool = false) -> Version {
        var record = record
        record.version = versions.next(at: UInt64(clock.unixMilliseconds))
        if isItem { record.id = record.version }
        states[record.address, default: KeyState()].merge(Change(.put, record))
        return record.version
    }

    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        try answerable()
        if let race = beforeWrite {
            beforeWrite = nil
            race(self)
        }
        requests.append(request)
        if let key = request.idempotencyKey, let versions = answers[key] {
            return WriteReceipt(versions: versions, isReplay: true, level: .primary)
        }
        var trial = states
        var written: [Version] = []
        for change in request.changes {
            let change = assigned(change)
            let outcome = trial[change.address, default: KeyState()].apply(change, at: clock.unixMilliseconds)
            switch outcome {
            case .applied, .unchanged: written.append(change.record.version)
            case .conflict(let seen):
                throw HoldfastError(.conflict, "the condition does not hold", current: seen)
            case .stale(let seen): throw HoldfastError(.stale, "something newer is in the way", current: seen)
            case .notFound: throw HoldfastError(.notFound, "there is no such item")
            case .invalid(let reason): throw HoldfastError(.invalid, reason)
            }
        }
        states = trial
        if let key = request.idempotencyKey { answers[key] = written }
        return WriteReceipt(versions: written, level: request.ack ?? .primary, degradations: degradations)
    }

    private func assigned(_ change: Change) -> Change {
        var change = change
        guard change.kind != .check, change.record.version.isZero else { return change }
        change.record.version = versions.next(at: UInt64(clock.unixMilliseconds))
        if change.isItem, change.record.id.isZero { change.record.id = change.record.version }
        return change
    }

    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        try answerable()
        guard damaged.isDisjoint(with: requests.map(\.address.key)) else {
            throw HoldfastError(.corrupt, "stored bytes are damaged")
        }
        let results = requests.map { request in
            let state = states[request.address] ?? KeyState()
            guard let range = request.range else { return visible(state.document.map { [$0] } ?? []) }
            let items = visible(state.items).filter { range.contains($0.id) }
            return Array((range.reversed ? items.reversed() : items).prefix(Int(clamping: range.limit)))
        }
        return ReadAnswer(results: results, source: name, degradations: degradations)
    }

    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try answerable()
        var records: [Record] = []
        let isRaw = query.scope.contains(.raw) && query.namespace.isEmpty
        for (address, state) in states.sorted(by: { $0.key < $1.key }) {
            guard isRaw || address.namespace == query.namespace, address.key.hasPrefix(query.keyPrefix) else {
                continue
            }
            if query.scope.contains(.documents) { records += visible(state.document.map { [$0] } ?? []) }
            if query.scope.contains(.items) { records += visible(state.items) }
        }
        records = records.filter { record in query.matches.allSatisfy { matches(record, $0) } }
        if query.scope.contains(.reversed) { records.reverse() }
        if let after = query.after {
            records = records.filter { record in
                let place = (record.address, record.id)
                let bound = (
                    isRaw ? after.address : Address(namespace: record.namespace, key: after.address.key),
                    after.id
                )
                return query.scope.contains(.reversed) ? place < bound : place > bound
            }
        }
        records = Array(records.prefix(Int(clamping: query.limit)))
        if query.scope.contains(.keysOnly) {
            for position in records.indices { records[position].value = .empty }
        }
        return QueryAnswer(records: records, source: name, degradations: degradations)
    }

    /// Finds members that are written without white space, which is all that the tests write.
    private func matches(_ record: Record, _ match: Query.Match) -> Bool {
        record.value.description.contains("\"\(match.field)\":\(match.json)")
    }

    private func visible(_ records: [Record]) -> [Record] {
        records.filter { $0.isVisible(at: clock.unixMilliseconds) }
    }

    private func answerable() throws(HoldfastError) {
        questionCount += 1
        defer { failure = nil }
        if let failure { throw failure }
        if isClosed { throw HoldfastError(.unavailable, "the backend is closed") }
    }

    func flush(_ options: CallOptions) async throws(HoldfastError) { try answerable() }

    func status() async -> BackendStatus {
        BackendStatus(name: name, isWritable: !isClosed, isReadable: !isClosed, members: [])
    }

    func close() async { isClosed = true }
}

/// A clock that moves when it is told to.
final class ManualClock: HostClock {
    private let milliseconds: Guarded<Int64>

    init(_ unixMilliseconds: Int64 = 1_700_000_000_000) { milliseconds = Guarded(unixMilliseconds) }

    var unixMilliseconds: Int64 { milliseconds.withLock { $0 } }
    var monotonicNanoseconds: Int64 { unixMilliseconds * 1_000_000 }
    func wait(until deadline: Int64) async {}
    func advance(by duration: Duration) {
        milliseconds.withLock { $0 += duration.components.seconds * 1000 }
    }
}
