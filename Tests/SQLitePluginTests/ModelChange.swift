import CHoldfastProvider
import HoldfastModel

/// Random numbers that a seed repeats.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// A random change, for the plugin and for the model.
struct ModelChange {
    let change: TestChange
    let model: Change

    init(_ random: inout SeededRandom, now: Int64) {
        let key = ["a", "b", "c"].randomElement(using: &random) ?? "a"
        let isItem = Bool.random(using: &random)
        let version = UInt64.random(in: 1...40, using: &random)
        let isEdit = isItem && Int.random(in: 0..<3, using: &random) == 0
        let id = isItem ? (isEdit ? UInt64.random(in: 1...version, using: &random) : version) : 0
        let isRemoved = Int.random(in: 0..<5, using: &random) == 0
        let expires: Int64 = [0, 0, 0, now - 1000, now + 1_000_000].randomElement(using: &random) ?? 0
        let kind =
            [HF_CHANGE_PUT, HF_CHANGE_PUT, HF_CHANGE_PUT, HF_CHANGE_DROP, HF_CHANGE_CHECK]
            .randomElement(using: &random) ?? HF_CHANGE_PUT
        let isPut = kind == HF_CHANGE_PUT
        let record = TestRecord(
            key, id: kind == HF_CHANGE_DROP ? 0 : id, version: version,
            isPut && !isRemoved ? "value \(version)" : "", expires: isPut ? expires : 0,
            flags: isPut && isRemoved ? HF_RECORD_REMOVED : 0)
        var condition = [0, 0, HF_IF_NEWEST, HF_IF_VERSION].randomElement(using: &random) ?? 0
        if isEdit, Bool.random(using: &random) { condition = HF_IF_EXISTS }
        // A drop is about a whole key: of the conditions only this one says something about it.
        if kind == HF_CHANGE_DROP, condition != 0 { condition = HF_IF_NEWEST }
        let expected = Bool.random(using: &random) ? 0 : UInt64.random(in: 1...40, using: &random)
        // What is put must be newest too: so the host asks.
        let asked = isPut && condition == HF_IF_VERSION ? HF_IF_VERSION | HF_IF_NEWEST : condition
        change = TestChange(kind: kind, record: record, conditions: asked, expected: expected)
        let conditions: [Int: Change.Condition] = [
            HF_IF_NEWEST: .newest, HF_IF_VERSION: .version(Version(number: expected)), HF_IF_EXISTS: .exists,
        ]
        model = Change(
            Change.Kind(rawValue: UInt32(kind)) ?? .put, Record(record), if: conditions[condition] ?? .none)
    }
}

extension Record {
    init(_ record: TestRecord) {
        self.init(
            namespace: Bytes(record.ns), key: Bytes(record.key), id: Version(number: record.id),
            version: Version(number: record.version), value: Bytes(record.value), expiresAt: record.expires,
            flags: Flags(rawValue: record.flags))
    }
}

extension TestRecord {
    init(_ record: Record) {
        self.init(
            record.key.description, ns: record.namespace.description, id: record.id.number,
            version: record.version.number, bytes: record.value.array, expires: record.expiresAt,
            flags: Int(record.flags.rawValue))
    }
}

extension Version {
    init(number: UInt64) {
        self = number == 0 ? .zero : Version(milliseconds: number, counter: 0, node: 0)
    }

    var number: UInt64 { milliseconds }
}

extension KeyState {
    /// Applies a change and says what the plugin should say.
    mutating func outcome(of change: ModelChange, at now: Int64) -> TestOutcome {
        switch apply(change.model, at: now) {
        case .applied: .applied
        case .unchanged: .unchanged
        case .conflict(let seen): .conflict(seen.number)
        case .stale(let seen): .stale(seen.number)
        case .notFound: .notFound
        case .invalid: .invalid
        }
    }

    func visibleDocument(at now: Int64) -> [UInt64] {
        document.map { $0.isVisible(at: now) ? [$0.version.number] : [] } ?? []
    }

    func visibleItems(at now: Int64) -> [UInt64] { items.filter { $0.isVisible(at: now) }.map(\.id.number) }
}

extension [String: KeyState] {
    /// What a raw scan of everything finds.
    func raw() -> [TestRecord] {
        sorted { $0.key < $1.key }.flatMap { key, state in
            var records: [TestRecord] = []
            if !state.floor.isZero {
                records.append(TestRecord(key, version: state.floor.number, flags: HF_RECORD_FLOOR))
            }
            return records + (state.document.map { [TestRecord($0)] } ?? [])
                + state.items.map { TestRecord($0) }
        }
    }
}
