public import HoldfastChain
public import HoldfastModel

extension Runs {
    /// Reads one session with its whole history.
    ///
    /// - Parameters:
    ///   - id: its `id`.
    ///   - options: how long each step of it may take.
    /// - Returns: the session, or nothing when there is none or it has expired.
    /// - Throws: `unavailable` when nobody can say.
    public func session(
        _ id: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<RunSession?> {
        let list = ExpiringList(store, Self.sessionNamespace, id)
        var range: ListRange? = ListRange(.ascending, limit: PageLimit.maximum)
        var messages: [Item] = []
        var found: (document: Document, source: String, degradations: [Degradation])?
        while let asked = range {
            let (document, page) = try await list.page(asked, options)
            guard let document else {
                return Answer(nil, source: page.source, degradations: page.degradations)
            }
            found = (document, page.source, page.degradations)
            messages += page
            range = page.next
        }
        guard let found else { return Answer(nil, source: "") }
        let session = RunSession(
            id: id, version: max(found.document.version, messages.last?.id ?? .zero),
            json: try SessionText.joined(found.document.bytes, messages.map(\.bytes)),
            messageCount: messages.count, expiresAt: found.document.expiresAt)
        return Answer(session, source: found.source, degradations: found.degradations)
    }

    /// Reads a part of the history of a session.
    ///
    /// - Parameters:
    ///   - session: which session; one that is not there has no messages.
    ///   - range: which messages.
    ///   - options: how long it may take.
    /// - Returns: messages, and the range of the page that follows.
    /// - Throws: `invalid` for a limit below zero or too high.
    public func history(
        of session: String, _ range: ListRange = ListRange(), _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Message, ListRange> {
        let (document, page) = try await ExpiringList(store, Self.sessionNamespace, session).page(
            range, options)
        return Page(
            document == nil ? [] : page.map(Message.init), next: document == nil ? nil : page.next,
            source: page.source, degradations: page.degradations)
    }

    /// Saves a session, whether or not there is one already.
    ///
    /// Only what differs from what is stored is written, in one step: messages that are there already keep their ids and
    /// times, and what somebody else adds at the same time is never lost.
    ///
    /// - Parameters:
    ///   - json: an object with the string `id`; `history`, where it is there, is an array, and `state` is any JSON. All
    ///     else is kept as it is.
    ///   - save: what becomes of stored messages that this session does not have.
    ///   - lifetime: how long it is kept, counted from this save; a session also lives as long as the last of its runs.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose id is the new version of the session.
    /// - Throws: `invalid` naming the member that is wrong; `conflict`, with the stored version, where `save` says so.
    @discardableResult
    public func save(
        session json: Bytes, _ save: SessionSave = .extending, lifetime: Lifetime = .unchanged,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let text = try SessionText(json)
        let list = ExpiringList(store, Self.sessionNamespace, text.id)
        let calls = CallOptions(timeout: options.timeout)
        var isRenewed = false
        let answer = try await store.writing(options) { (met) async throws(HoldfastError) -> Batch in
            let plan = try await SessionPlan(text, list, self, calls)
            let expiry = try expiry(lifetime, plan.document, slack: 0)
            isRenewed = plan.messages.contains { !expiry.covers($0.expiresAt) }
            return try plan.batch(save, expiry, met: met)
        }
        if isRenewed { try await list.renewItems(calls) }
        return answer.receipt
    }

    /// Adds messages to the history of a session, all or none, next to each other; a session that is not there is made.
    ///
    /// - Parameters:
    ///   - messages: oldest first; each one JSON value.
    ///   - session: which session.
    ///   - options: how it is made safe; with an idempotency key, a retry stores them once.
    /// - Returns: a receipt whose last versions are the ids of the messages.
    /// - Throws: `invalid` for what is not JSON or beyond the limits.
    @discardableResult
    public func append(
        _ messages: [Bytes], to session: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let list = ExpiringList(store, Self.sessionNamespace, session)
        let calls = CallOptions(timeout: options.timeout)
        var isRenewed = false
        let answer = try await store.writing(options) { (_) async throws(HoldfastError) -> Batch in
            let seen = try await list.look(calls)
            let expiry = try expiry(.unchanged, seen.document, slack: Self.slack)
            isRenewed = seen.needsRenewal(to: expiry)
            var batch = Batch()
            if seen.isDead { batch.erase(session, in: Self.sessionNamespace) }
            if let document = seen.document {
                if expiry?.end == document.expiresAt {
                    batch.check(session, in: Self.sessionNamespace, is: .version(document.version))
                } else {
                    batch.put(
                        Value(document.bytes, as: document.format, expiry: expiry.document), at: session,
                        in: Self.sessionNamespace, if: .version(document.version))
                }
            } else {
                batch.put(
                    .json(SessionText.frame(of: session), expiry: expiry.document), at: session,
                    in: Self.sessionNamespace, if: seen.isDead ? nil : .absent)
            }
            let values = messages.map { Value.json($0, expiry: expiry.items) }
            batch.append(values, to: session, in: Self.sessionNamespace)
            return batch
        }
        if isRenewed { try await list.renewItems(calls) }
        return answer.receipt(versions: answer.results.last ?? [])
    }

    /// Adds one message to the history of a session.
    @discardableResult
    public func append(
        _ message: Bytes, to session: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await append([message], to: session, options)
    }

    /// Deletes a session with its history, in one step; that there is none is not an error.
    ///
    /// - Parameters:
    ///   - id: its `id`; the runs of the session stay.
    ///   - options: how it is made safe.
    /// - Returns: a receipt.
    /// - Throws: `unavailable`, `timeout` or `exhausted` when it could not be made safe.
    @discardableResult
    public func deleteSession(
        _ id: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        var batch = Batch()
        batch.erase(id, in: Self.sessionNamespace)
        return try await store.write(batch, options).receipt
    }

    /// A session whose end would move by less than this part of its life is left as it is.
    private static let slack: Int64 = 16

    /// When a session goes that is written now: never earlier than it would have gone anyway.
    private func expiry(
        _ lifetime: Lifetime, _ stored: Document?, slack: Int64
    ) throws(HoldfastError) -> SharedExpiry? {
        let kept: Duration?
        switch lifetime {
        case .unlimited: return nil
        case .after(let duration): return try SharedExpiry(after: duration, from: now)
        case .unchanged: kept = self.lifetime
        }
        guard let stored else {
            return try kept.map { kept throws(HoldfastError) in try SharedExpiry(after: kept, from: now) }
        }
        guard let end = stored.expiresAt else { return nil }
        guard let kept else { return SharedExpiry(end: end) }
        let later = try SharedExpiry(after: kept, from: now)
        let least = slack > 0 ? kept.wholeMilliseconds / slack : 0
        return later.end.unixMilliseconds - end.unixMilliseconds > least ? later : SharedExpiry(end: end)
    }
}
