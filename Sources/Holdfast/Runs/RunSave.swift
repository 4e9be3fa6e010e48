internal import HoldfastModel

/// What a save of a run writes, decided by what is stored.
struct RunSave: Sendable {
    /// All that is written in one step.
    private(set) var batch = Batch()

    private let runs: Runs
    private let id: String
    private let expiry: SharedExpiry?
    private let run: ExpiringList.Sighting
    private let events: ExpiringList.Sighting
    private let session: ExpiringList.Sighting?
    /// Lists whose items need another expiry once the batch is written.
    private(set) var renewed: [ExpiringList] = []
    /// Whether the first events may have arrived meanwhile, and need another expiry then.
    private(set) var isWatched = false

    init(
        _ json: Bytes, _ entry: RunEntry, _ lifetime: Lifetime, _ condition: Condition?, in runs: Runs,
        _ options: WriteOptions
    ) async throws(HoldfastError) {
        self.runs = runs
        id = entry.id
        let lists = [
            ExpiringList(runs.store, Runs.namespace, entry.id),
            ExpiringList(runs.store, Runs.eventNamespace, entry.id),
        ]
        let sessions = entry.session.map { [ExpiringList(runs.store, Runs.sessionNamespace, $0)] } ?? []
        let sightings = try await ExpiringList.look(
            at: lists + sessions, CallOptions(timeout: options.timeout))
        run = sightings[0]
        events = sightings[1]
        session = sightings.count > 2 ? sightings[2] : nil
        let known = run.oldest.map { RunEntry.times(in: $0.bytes) }
        let kept: Duration? =
            switch lifetime {
            case .unlimited: nil
            case .after(let duration): duration
            case .unchanged: known.map(\.lifetime) ?? runs.lifetime
            }
        expiry = try kept.map { kept throws(HoldfastError) in try SharedExpiry(after: kept, from: runs.now) }
        let created = entry.created ?? known?.created ?? Timestamp(unixMilliseconds: runs.now)
        try check(condition)
        addRun(json, entry.json(created: created, lifetime: kept), condition)
        addEvents(lists[1])
        if let list = sessions.first { addSession(list) }
    }

    /// Refuses at once what the batch would refuse for good.
    private func check(_ condition: Condition?) throws(HoldfastError) {
        let current = run.document?.version ?? .zero
        guard let condition, condition.expected != current else { return }
        throw HoldfastError(
            .conflict,
            current.isZero
                ? "there is no run \"\(id)\" any more" : "run \"\(id)\" has the version \(current) by now",
            current: current)
    }

    private mutating func addRun(_ json: Bytes, _ entry: Bytes, _ condition: Condition?) {
        batch.put(
            .json(json, expiry: expiry.document), at: id, in: Runs.namespace,
            if: condition ?? (run.document == nil ? .absent : nil))
        let entry = Value.json(entry, expiry: expiry.document)
        if let stored = run.oldest {
            batch.edit(stored.id, of: id, in: Runs.namespace, to: entry)
        } else {
            batch.append(entry, to: id, in: Runs.namespace)
        }
    }

    /// Lets the events live as long as the run.
    ///
    /// A document that is there stays, without an end where the run has none: if it went, events that have an expiry
    /// would count as those of a life that has ended.
    private mutating func addEvents(_ list: ExpiringList) {
        if events.isDead {
            batch.erase(id, in: Runs.eventNamespace)
        } else if events.needsRenewal(to: expiry) {
            renewed.append(list)
        }
        guard expiry != nil || events.document != nil else { return }
        // An event that is added before this document is written is one that never goes.
        isWatched = events.document == nil && events.oldest == nil
        batch.put(.json("{}", expiry: expiry.document), at: id, in: Runs.eventNamespace)
    }

    /// Lets the session live as long as the last of its runs.
    private mutating func addSession(_ list: ExpiringList) {
        guard let session, let document = session.document, let end = document.expiresAt,
            expiry.map({ $0.end > end }) ?? true
        else { return }
        if session.needsRenewal(to: expiry) { renewed.append(list) }
        batch.put(
            Value(document.bytes, as: document.format, expiry: expiry.document), at: list.key,
            in: Runs.sessionNamespace, if: .version(document.version))
    }
}
