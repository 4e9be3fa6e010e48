import HoldfastConformance
import HoldfastModel
import HoldfastSupport
import Synchronization

/// The contract made of the model and nothing else; with a defect, something that the suite must find.
struct ReferenceProvider: Provider {
    let name = "reference"
    let type = "reference"
    private let backend: ReferenceBackend

    init(capabilities: StoreInfo.Capabilities = ReferenceBackend.everything, defect: Defect? = nil) {
        backend = ReferenceBackend(capabilities, defect)
    }

    func connect(_ context: CallContext) async throws(HoldfastError) -> any Store { ReferenceStore(backend) }
}

/// What a plugin may get wrong.
enum Defect: String, CaseIterable {
    case forgetsFloors, floorTakesEqualIdsOnly, putsOlderVersions, ignoresTombstones, returnsExpired
    case expiredCountsAsPresent, appendsAtTheEnd, ordersKeysWithoutCase, trimsKeys, limitBeforeOrder,
        rangeIsInclusive
    case dropsWholeKey, prefixIsPattern, matchesText, cursorSkipsItems, cursorRepeats, atomicKeepsAPart
    case atomicStopsAtRefusal, conditionsIgnored, staleWithoutVersion, editsWhatIsGone, replayIsConflict
    case valueLosesNUL, valueIsReformatted, flagsAreLost, expiryIsLost, documentIsAnItem, readsAreSorted
    case selectLosesOrder, selectKeepsAll, selectForgetsOffset, selectForgetsCursor
    case operationMiscounts, operationForgetsCursor, operationTakesAnyItem
    case rawHidesTombstones, rawHidesFloors, keysOnlyHasValues, losesOnClose, checksWrite, lostUpdates
}

/// What the connections of one provider share.
final class ReferenceBackend: Sendable {
    static let everything: StoreInfo.Capabilities = [
        .concurrent, .multiOpen, .nonblocking, .atomicBatch, .conditions, .rawScan,
    ]

    let info: StoreInfo
    let defect: Defect?
    let states = Guarded<[Address: KeyState]>([:])

    init(_ capabilities: StoreInfo.Capabilities, _ defect: Defect?) {
        info = StoreInfo(
            capabilities: capabilities, incarnation: "reference", operations: ReferenceStore.operations)
        self.defect = defect
    }
}

/// One connection.
struct ReferenceStore: Store {
    let backend: ReferenceBackend
    var info: StoreInfo { backend.info }
    private var defect: Defect? { backend.defect }
    private var now: Int64 { SystemClock().unixMilliseconds }

    init(_ backend: ReferenceBackend) { self.backend = backend }

    func apply(
        _ changes: [Change], atomic: Bool, _ context: CallContext
    ) async throws(HoldfastError) -> [ChangeOutcome] {
        if atomic, !info.capabilities.contains(.atomicBatch) {
            throw HoldfastError(.unsupported, "no atomic batches")
        }
        if defect == .lostUpdates {
            // Reads, lets others in, writes.
            var states = backend.states.withLock { $0 }
            await Task.yield()
            let outcomes = apply(changes, atomic, to: &states)
            backend.states.withLock { [states] in $0 = states }
            return outcomes
        }
        return backend.states.withLock { apply(changes, atomic, to: &$0) }
    }

    private func apply(_ changes: [Change], _ atomic: Bool, to states: inout [Address: KeyState])
        -> [ChangeOutcome]
    {
        let before = states
        var outcomes: [ChangeOutcome] = []
        for change in changes {
            let change = damaged(change)
            if atomic, defect == .atomicStopsAtRefusal, outcomes.contains(where: { !$0.stands }) {
                outcomes.append(.unchanged)
                continue
            }
            outcomes.append(outcome(of: change, &states[change.address, default: KeyState()]))
        }
        if atomic, !outcomes.allSatisfy(\.stands), defect != .atomicKeepsAPart { states = before }
        return outcomes
    }

    private func damaged(_ change: Change) -> Change {
        var change = change
        switch defect {
        case .valueLosesNUL: change.record.value = Bytes(change.record.value.array.filter { $0 != 0 })
        case .valueIsReformatted:
            change.record.value = Bytes(change.record.value.description.replacing(": ", with: ":"))
        case .flagsAreLost: change.record.flags.remove(.bytes)
        case .expiryIsLost: change.record.expiresAt = 0
        case .trimsKeys:
            let key = change.record.key.description
            change.record.key = Bytes(key.last == " " ? String(key.dropLast()) : key)
        case .conditionsIgnored: change.condition = .none
        case .editsWhatIsGone: if change.condition == .exists { change.condition = .none }
        case .appendsAtTheEnd: break
        default: break
        }
        return change
    }

    private func outcome(of change: Change, _ state: inout KeyState) -> ChangeOutcome {
        let before = state
        switch defect {
        case .forgetsFloors where change.kind == .drop:
            let outcome = state.apply(change, at: now)
            state = KeyState(document: state.document, items: state.items)
            return outcome
        case .floorTakesEqualIdsOnly where change.kind == .put && !change.record.id.isZero:
            if change.record.id < state.floor {
                state = KeyState(document: state.document, items: state.items)
                let outcome = state.apply(change, at: now)
                state = KeyState(document: state.document, items: state.items, floor: before.floor)
                return outcome
            }
        case .putsOlderVersions where change.kind == .put && !change.isItem:
            if let stored = state.document, stored.version > change.record.version {
                state = KeyState(document: change.record, items: state.items, floor: state.floor)
                return .applied
            }
        case .ignoresTombstones where change.kind == .put && !change.isItem:
            if let stored = state.document, stored.flags.contains(.removed) {
                state = KeyState(document: change.record, items: state.items, floor: state.floor)
                return .applied
            }
        case .dropsWholeKey where change.kind == .drop:
            state = KeyState(floor: max(state.floor, change.record.version))
            return .applied
        case .documentIsAnItem where change.kind == .put && !change.isItem:
            var item = change.record
            item.id = item.version
            return state.apply(Change(.put, item), at: now)
        case .replayIsConflict:
            if case .version(let expected) = change.condition, !change.isItem,
                let stored = state.document, stored.version == change.record.version,
                expected != stored.version
            {
                return .conflict(seen: stored.version)
            }
        case .checksWrite where change.kind == .check:
            let outcome = state.apply(change, at: now)
            if outcome == .applied { state = KeyState(items: state.items, floor: state.floor) }
            return outcome
        case .expiredCountsAsPresent:
            if case .version(let expected) = change.condition, !change.isItem, let stored = state.document,
                !stored.flags.contains(.removed), stored.isExpired(at: now)
            {
                return expected == stored.version
                    ? (state.merge(change) ? .applied : .unchanged) : .conflict(seen: stored.version)
            }
        default: break
        }
        let outcome = state.apply(change, at: now)
        if defect == .staleWithoutVersion, case .stale = outcome { return .stale(seen: .zero) }
        return outcome
    }

    func read(_ requests: [ReadRequest], _ context: CallContext) async throws(HoldfastError) -> [[Record]] {
        let states = backend.states.withLock { $0 }
        let answers = requests.map { request -> [Record] in
            let state = states[request.address] ?? KeyState()
            guard let range = request.range else {
                return [state.document].compactMap { $0 }.filter(isVisible)
            }
            var items = state.items.filter { isInside($0.id, range) && isVisible($0) }
            if defect == .appendsAtTheEnd { items.sort { $0.version < $1.version } }
            if defect == .limitBeforeOrder {
                items = Array(items.prefix(Int(clamping: range.limit)))
                return range.reversed ? items.reversed() : items
            }
            return Array((range.reversed ? items.reversed() : items).prefix(Int(clamping: range.limit)))
        }
        return defect == .readsAreSorted ? answers.sorted { $0.count < $1.count } : answers
    }

    private func isInside(_ id: Version, _ range: ReadRequest.Range) -> Bool {
        range.contains(id) || defect == .rangeIsInclusive && (id == range.after || id == range.before)
    }

    private func isVisible(_ record: Record) -> Bool {
        defect == .returnsExpired
            ? record.flags.isDisjoint(with: [.removed, .floor]) : record.isVisible(at: now)
    }

    func query(_ query: Query, _ context: CallContext) async throws(HoldfastError) -> [Record] {
        let states = backend.states.withLock { $0 }
        return ReferenceScan(query, defect, now).run(states)
    }

    func flush(_ context: CallContext) async throws(HoldfastError) {}
    func ping(integrity: Bool, _ context: CallContext) async throws(HoldfastError) {}

    func close() async {
        if defect == .losesOnClose { backend.states.withLock { $0 = [:] } }
    }
}
