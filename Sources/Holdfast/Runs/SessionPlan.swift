internal import HoldfastModel

/// What a save of a session writes: the difference between what it has and what is stored.
struct SessionPlan: Sendable {
    /// The stored frame, or nothing.
    let document: Document?
    /// The stored messages, oldest first.
    let messages: [Item]

    private let text: SessionText
    /// Whether the list holds messages of a life that has ended.
    private let isDead: Bool

    init(
        _ text: SessionText, _ list: ExpiringList, _ runs: Runs, _ options: CallOptions
    ) async throws(HoldfastError) {
        self.text = text
        let seen = try await list.look(options)
        document = seen.document
        isDead = seen.isDead
        var messages: [Item] = []
        var range: ListRange? = ListRange(.ascending, limit: PageLimit.maximum)
        while let asked = range, !isDead {
            let page = try await list.page(asked, options).items
            messages += page
            range = page.next
        }
        self.messages = messages
    }

    /// The version that a reader of the session sees.
    private var version: Version { max(document?.version ?? .zero, messages.last?.id ?? .zero) }

    func batch(_ save: SessionSave, _ expiry: SharedExpiry?, met: Version?) throws(HoldfastError) -> Batch {
        let same = zip(messages, text.messages).prefix { SessionText.isSame($0.bytes, $1) }.count
        try check(save, same: same)
        let namespace = Runs.sessionNamespace
        var batch = Batch()
        if isDead { batch.erase(text.id, in: namespace) }
        let condition: Condition? =
            isDead ? nil : document.map { .version($0.version) } ?? .absent
        batch.put(.json(text.frame, expiry: expiry.document), at: text.id, in: namespace, if: condition)
        // Whoever adds a message meanwhile lets the batch fail. The last item may be one that was removed: then the
        // attempt before has met it, and this read has not.
        if !isDead {
            let last = messages.last?.id ?? .zero
            batch.checkLast(max(last, met ?? .zero), of: text.id, in: namespace)
        }
        for message in messages[same...] { batch.remove(message.id, from: text.id, in: namespace) }
        let added = text.messages[same...].map { Value.json($0, expiry: expiry.items) }
        if !added.isEmpty { batch.append(added, to: text.id, in: namespace) }
        return batch
    }

    private func check(_ save: SessionSave, same: Int) throws(HoldfastError) {
        switch save {
        case .overwriting: return
        case .ifUnchanged(let expected):
            guard version != expected else { return }
            throw HoldfastError(
                .conflict, "session \"\(text.id)\" has the version \(version), expected \(expected)",
                current: version)
        case .extending:
            guard same < messages.count else { return }
            throw HoldfastError(
                .conflict,
                "session \"\(text.id)\" has \(messages.count) messages, and message \(same + 1) is not the one that "
                    + "is saved: read it again, or say that it is to be overwritten", current: version)
        }
    }
}
