internal import HoldfastModel
internal import HoldfastSupport

/// What one case of the suite works with: a store, a namespace of its own, and a clock.
final class StoreTrial: Sendable {
    let subject: StoreSubject
    let store: any Store
    let seed: UInt64
    /// Nobody else writes here.
    let namespace: Bytes
    /// Unix milliseconds at the start: what expires is placed around it.
    let now: Int64
    private let clock: Guarded<VersionClock>

    init(_ subject: StoreSubject, _ store: any Store, id: String, seed: UInt64) {
        self.subject = subject
        self.store = store
        self.seed = seed
        let node = UInt64.random(in: 0...Version.nodeMax)
        namespace = Bytes("\(id)-\(String(node, radix: 36))")
        now = SystemClock().unixMilliseconds
        clock = Guarded(VersionClock(node: node))
    }

    /// Random numbers of the trial's seed.
    var random: SeededRandom { SeededRandom(seed: seed) }

    /// The next version; each is above all before.
    func version() -> Version { clock.withLock { $0.next(at: UInt64(now)) } }

    /// Several versions, ascending.
    func versions(_ count: Int) -> [Version] { (0..<count).map { _ in version() } }

    /// A place in the trial's namespace.
    func address(_ key: Bytes) -> Address { Address(namespace: namespace, key: key) }

    /// A document of the trial's namespace.
    func document(
        _ key: Bytes, _ version: Version, _ value: Bytes = "{}", expiresAt: Int64 = 0,
        flags: Record.Flags = []
    ) -> Record {
        Record(
            namespace: namespace, key: key, version: version, value: value, expiresAt: expiresAt, flags: flags
        )
    }

    /// An item of a list in the trial's namespace; its version is its id unless another is given.
    func item(
        _ key: Bytes, _ id: Version, _ version: Version? = nil, _ value: Bytes = "{}", expiresAt: Int64 = 0,
        flags: Record.Flags = []
    ) -> Record {
        Record(
            namespace: namespace, key: key, id: id, version: version ?? id, value: value,
            expiresAt: expiresAt,
            flags: flags)
    }

    /// A drop of everything at a key up to a version.
    func drop(_ key: Bytes, _ version: Version, if condition: Change.Condition = .none) -> Change {
        Change(.drop, Record(namespace: namespace, key: key, version: version), if: condition)
    }

    /// Applies changes that each stand alone.
    @discardableResult
    func apply(_ changes: [Change]) async throws -> [ChangeOutcome] {
        let outcomes = try await store.apply(changes, atomic: false, .unbounded)
        try expectEqual(outcomes.count, changes.count, "outcomes of a batch")
        return outcomes
    }

    /// Applies changes all or none.
    func applyAtomically(_ changes: [Change]) async throws -> [ChangeOutcome] {
        let outcomes = try await store.apply(changes, atomic: true, .unbounded)
        try expectEqual(outcomes.count, changes.count, "outcomes of an atomic batch")
        return outcomes
    }

    /// Stores records by plain merge, all of which must be new.
    func store(_ records: [Record]) async throws {
        let outcomes = try await apply(records.map { Change(.put, $0) })
        for (record, outcome) in zip(records, outcomes) {
            try expectEqual(outcome, .applied, "put of key \(record.key) id \(record.id)")
        }
    }

    /// The document at a key, or nothing.
    func readDocument(_ key: Bytes) async throws -> Record? {
        try await readDocument(address(key))
    }

    /// The document at an address, or nothing.
    func readDocument(_ address: Address) async throws -> Record? {
        let answers = try await store.read([ReadRequest(address)], .unbounded)
        try expectEqual(answers.count, 1, "answers to one question")
        try expect(answers[0].count <= 1, "a document was answered with \(answers[0].count) records")
        return answers[0].first
    }

    /// A page of the list at a key.
    func readList(_ key: Bytes, _ range: ReadRequest.Range = ReadRequest.Range()) async throws -> [Record] {
        let answers = try await store.read([ReadRequest(address(key), range: range)], .unbounded)
        try expectEqual(answers.count, 1, "answers to one question")
        return answers[0]
    }

    /// Fails unless a reader sees exactly what a state of the model shows.
    func expectState(_ key: Bytes, _ state: KeyState, _ subject: @autoclosure () -> String) async throws {
        let answers = try await store.read(
            [ReadRequest(address(key)), ReadRequest(address(key), range: ReadRequest.Range())], .unbounded)
        let now = SystemClock().unixMilliseconds
        let document = [state.document].compactMap { $0 }.filter { $0.isVisible(at: now) }
        try expectEqual(answers[0], document, "\(subject()): document at \(key)")
        try expectEqual(
            answers[1], state.items.filter { $0.isVisible(at: now) }, "\(subject()): list at \(key)")
    }
}
