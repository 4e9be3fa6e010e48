internal import HoldfastModel
private import HoldfastSupport

/// Decides conditions for a store that cannot, by reading before writing.
///
/// Sound for one host only, on the lane through which all its writes go; a store that several hosts share decides
/// conditions itself. What readers do not see (tombstones, floors) is not seen here either: the host's clock, which never
/// goes back, is above it.
struct HostConditions {
    /// What the store holds where the changes work, as far as their conditions ask.
    private var states: [Address: KeyState] = [:]
    private let now: Int64

    /// Whether a store leaves the conditions of changes to the host.
    static func areNeeded(for changes: [Change], on handle: StoreHandle) -> Bool {
        !handle.info.capabilities.contains(.conditions)
            && changes.contains { $0.condition != .none || $0.kind == .check }
    }

    /// Reads what the conditions ask for.
    init(
        _ changes: [Change], on handle: StoreHandle, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) {
        now = handle.clock.unixMilliseconds
        var questions: [ReadRequest] = []
        for (address, wants) in Self.wants(of: changes) {
            states[address] = KeyState()
            if wants.document { questions.append(ReadRequest(address)) }
            if wants.last { questions.append(ReadRequest(address, range: .init(limit: 1, reversed: true))) }
            for id in wants.items {
                let range = ReadRequest.Range(after: id.predecessor, before: id.successor, limit: 1)
                questions.append(ReadRequest(address, range: range))
            }
        }
        let answers = try handle.read(questions, frame, context)
        for (question, records) in zip(questions, answers) {
            for record in records {
                states[question.address]?.merge(Change(.put, record))
            }
        }
    }

    /// Decides one change, and takes note of it for those behind it.
    mutating func decide(_ change: Change) -> ChangeOutcome {
        var state = states[change.address] ?? KeyState()
        defer { states[change.address] = state }
        let outcome = state.apply(change, at: now)
        // Whether a plain merge changes anything is the store's answer, which knows more.
        return outcome == .unchanged && change.condition == .none ? .applied : outcome
    }

    private struct Wants {
        var document = false
        var last = false
        var items: Set<Version> = []
    }

    private static func wants(of changes: [Change]) -> [Address: Wants] {
        var wants: [Address: Wants] = [:]
        for change in changes {
            var want = wants[change.address] ?? Wants()
            switch (change.kind, change.isItem) {
            case (.drop, _): want.last = true
            case (_, false): want.document = true
            case (_, true):
                want.last = true
                want.items.insert(change.record.id)
            }
            wants[change.address] = want
        }
        return wants
    }
}

extension Version {
    /// The next lower version; zero is its own predecessor.
    var predecessor: Version {
        if low > 0 { return Version(high: high, low: low - 1) }
        return high > 0 ? Version(high: high - 1, low: .max) : self
    }
}
