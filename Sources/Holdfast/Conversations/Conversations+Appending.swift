internal import HoldfastChain
public import HoldfastModel

extension Conversations {
    /// Appends messages, decides by their roles, and trims the history, all in one atomic step.
    ///
    /// What is stored is what the policy says of the history at that very moment, whoever else writes: where another was
    /// faster, it is decided again. An edit of a stored message in the same moment is the one thing that it may miss. An
    /// archive that does not fit into the request, by ``RequestLimits``, follows in steps of its own.
    ///
    /// - Parameters:
    ///   - messages: oldest first; 1 to ``RequestLimits/changeCountMax``.
    ///   - session: 1 to 1024 bytes of UTF-8 without NUL.
    ///   - policy: what is decided.
    ///   - options: how it is made safe; with an idempotency key, a retry changes nothing. The timeout is for each
    ///     attempt.
    /// - Returns: what became of the messages.
    /// - Throws: as ``append(_:to:_:)``; `conflict` under `reject`, and where others are faster a hundred times.
    @discardableResult
    public func append(
        _ messages: [Bytes], to session: String, policy: AppendPolicy, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> AppendOutcome {
        try policy.trimming?.check()
        guard !messages.isEmpty else {
            throw HoldfastError(.invalid, "there is nothing to append, expected at least one message")
        }
        if policy.isUnconditional,
            let outcome = try await append(messages, to: session, policy.expiry, options)
        {
            return outcome
        }
        let (plan, receipt) = try await lists.decide(on: session, options) {
            (end: Version) async throws(HoldfastError) -> Decision<AppendPlan> in
            if let replay = try await replay(in: session, options) { return Decision(content: replay) }
            let plan = try await appendPlan(messages, session, policy, options)
            return Decision(content: plan, batch: batch(for: plan, session, after: end))
        }
        var outcome = plan.outcome
        if let receipt {
            outcome.stored = plan.kept.isEmpty ? [] : receipt.results[0]
            outcome.receipt = receipt.receipt(versions: outcome.stored)
        }
        guard let trimming = policy.trimming, plan.isTrimmingLeft else { return outcome }
        outcome.trimmedCount += try await trim(session, to: trimming, options.unkeyed)
        return outcome
    }

    /// Appends where nothing is to be decided: many do so to one session at once, and nobody waits for another.
    ///
    /// - Returns: nothing where an earlier call with the same idempotency key has done it.
    private func append(
        _ messages: [Bytes], to session: String, _ expiry: Expiry?, _ options: WriteOptions
    ) async throws(HoldfastError) -> AppendOutcome? {
        let receipt = try await lists.append(
            messages.map { .json($0, expiry: expiry) }, to: session, options)
        guard !receipt.isReplay else { return nil }
        return AppendOutcome(stored: receipt.versions, receipt: receipt)
    }

    /// What an earlier call with the same idempotency key has done, as far as it is still there.
    func replay(
        in session: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> AppendPlan? {
        guard let versions = try await lists.firstAnswer(of: session, options)?.versions,
            let first = versions.min(), let last = versions.max()
        else { return nil }
        let range = ListRange(
            .ascending, after: first.predecessor, before: last.successor, limit: PageLimit.maximum)
        let page = try await lists.page(of: session, range, CallOptions(timeout: options.timeout))
        var plan = AppendPlan()
        plan.outcome.stored = page.map(\.id).filter(Set(versions).contains)
        plan.outcome.receipt = Receipt(replayOf: plan.outcome.stored, seenWith: page.degradations)
        // The first call may have ended before its last step.
        plan.isTrimmingLeft = true
        return plan
    }

    private func appendPlan(
        _ messages: [Bytes], _ session: String, _ policy: AppendPolicy, _ options: WriteOptions
    ) async throws(HoldfastError) -> AppendPlan {
        let calls = CallOptions(timeout: options.timeout)
        var plan = AppendPlan()
        plan.expiry = policy.expiry
        plan.newest = try await lists.page(of: session, .latest(1), calls).first
        let roles = try RolePlan(messages, after: plan.newest?.bytes, policy.sameRole)
        plan.isNewestReplaced = roles.replacesLast
        plan.outcome.mergedCount = roles.mergedCount
        plan.outcome.droppedCount = roles.droppedCount
        plan.kept = roles.kept[...]
        guard let trimming = policy.trimming, !roles.kept.isEmpty else { return plan }
        let history = GrowingHistory(
            lists: lists, key: session, newest: plan.newest, isNewestReplaced: roles.replacesLast,
            additions: roles.kept, options: calls)
        let cut = try await history.cut(to: trimming.bound)
        plan.skipped = roles.kept.prefix(cut.skippedCount)
        plan.kept = roles.kept.dropFirst(cut.skippedCount)
        plan.removal = try await removal(
            in: session, upTo: plan.last(of: cut), trimming.disposal, calls)
        if plan.removal == nil, trimming.disposal == .archive, !plan.skipped.isEmpty {
            plan.removal = HistoryRemoval(last: nil, count: 0, items: [], isArchived: true, isPart: false)
        }
        if plan.isTooLarge {
            plan.removal = nil
            plan.kept = roles.kept[...]
            plan.skipped = []
            plan.isTrimmingLeft = true
        }
        plan.outcome.trimmedCount = plan.skipped.count + (plan.removal?.count ?? 0)
        return plan
    }

    private func batch(for plan: AppendPlan, _ session: String, after end: Version) -> Batch? {
        let expected = max(plan.newest?.id ?? .zero, end)
        guard !plan.kept.isEmpty || plan.removal != nil else { return nil }
        var batch = Batch()
        let values = plan.kept.map { Value.json($0, expiry: plan.expiry) }
        if values.isEmpty {
            batch.add(.checkLast(expected), session, lists.namespace)
        } else {
            batch.add(.append(values, ifLast: expected), session, lists.namespace)
        }
        if plan.isNewestReplaced, let newest = plan.newest {
            batch.add(.remove(newest.id), session, lists.namespace)
        }
        if let removal = plan.removal { add(removal, and: plan.skipped, of: session, to: &batch) }
        return batch
    }
}

/// What an append under a policy comes to.
struct AppendPlan: Sendable {
    var outcome = AppendOutcome()
    /// The newest stored message.
    var newest: Item?
    /// Whether the first of the kept messages takes its place.
    var isNewestReplaced = false
    /// What is stored.
    var kept: ArraySlice<Bytes> = []
    /// What is beyond the bound at once.
    var skipped: ArraySlice<Bytes> = []
    var expiry: Expiry?
    var removal: HistoryRemoval?
    /// Whether the trimming is for steps of its own.
    var isTrimmingLeft = false

    /// Up to where stored messages go; the one that is replaced goes by itself.
    func last(of cut: HistoryCut) -> Version? {
        guard isNewestReplaced, let newest, let last = cut.last else { return cut.last }
        return min(last, newest.id.predecessor)
    }

    /// Whether the archive does not fit into one request with the messages.
    var isTooLarge: Bool {
        guard let removal, removal.isArchived else { return false }
        let values = Array(kept) + Array(skipped) + removal.items.map(\.bytes)
        let byteCount = values.reduce(0) { $0 + $1.count + ArchivedMessage.frameByteCountMax }
        return removal.isPart || byteCount > RequestLimits.byteCountMax
            || kept.count + skipped.count + 2 * removal.items.count + 2 > RequestLimits.changeCountMax
    }
}

extension WriteOptions {
    /// The same options for a further step: an idempotency key belongs to the first.
    var unkeyed: WriteOptions {
        var options = self
        options.idempotencyKey = nil
        return options
    }
}
