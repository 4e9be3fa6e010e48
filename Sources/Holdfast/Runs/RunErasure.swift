internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

extension UserFamily {
    /// The runs and sessions that name the user, the former with their events.
    ///
    /// See ``RunErasure``.
    static let runs = UserFamily(Runs.namespace) { (store, user, options) async throws(HoldfastError) in
        var erasure = RunErasure(of: user, in: store.runs(), options.unkeyed)
        try await erasure.eraseSessions()
        try await erasure.eraseRuns()
        return erasure.erased
    }
}

/// Removes the runs and sessions of a user.
///
/// A run is the user's whom its JSON names, a session's likewise, in `state` too. A session that names nobody is the user's
/// when a run in it is, and none is another's; a run that names nobody is whose its session is. What leads to the others
/// goes last, so that after a failure the next call finds the rest.
struct RunErasure: Sendable {
    private(set) var erased = ErasedCount()

    private let runs: Runs
    private let user: String
    private let options: WriteOptions
    private let calls: CallOptions
    /// Sessions that stay, because they are another's as well.
    private var shared: Set<Bytes> = []

    private static let runNaming = UserNaming.standard
    private static let sessionNaming = UserNaming(inside: ["metadata", "state"])
    private static let runCountMax = 100

    init(of user: String, in runs: Runs, _ options: WriteOptions) {
        self.runs = runs
        self.user = user
        self.options = options
        calls = CallOptions(timeout: options.timeout)
    }

    private var documents: Documents { runs.store.documents(Runs.namespace) }
    private var sessions: Documents { runs.store.documents(Runs.sessionNamespace) }

    /// Removes the sessions that name the user, and before each the runs in it that name no other.
    mutating func eraseSessions() async throws(HoldfastError) {
        let selection = Selection(where: Self.sessionNaming.isOf(user), keysOnly: true)
        while true {
            let page = try await sessions.select(selection, limit: PageLimit.standard, calls)
            guard !page.isEmpty else { return }
            for session in page {
                try await eraseRuns(Self.isIn(session.key) && !Self.runNaming.isOfOther(than: user))
                erased.itemCount += try await messageCount(of: session.key)
                erased.documentCount += 1
                try await runs.deleteSession(session.key, options)
            }
        }
    }

    /// Removes the runs that name the user, and the sessions that are no other's with the last of their runs.
    mutating func eraseRuns() async throws(HoldfastError) {
        let selection = Selection(where: Self.runNaming.isOf(user), keysOnly: true)
        while true {
            let page = try await documents.select(selection, limit: Self.runCountMax, calls)
            guard !page.isEmpty else { return }
            let groups = try await bySession(page.map(\.key))
            for (session, keys) in groups.sorted(by: { $0.key ?? .empty < $1.key ?? .empty }) {
                try await erase(keys, in: session?.description)
            }
        }
    }

    /// Removes all runs that satisfy a predicate.
    private mutating func eraseRuns(_ predicate: Predicate) async throws(HoldfastError) {
        let selection = Selection(where: predicate, keysOnly: true)
        while true {
            let page = try await documents.select(selection, limit: Self.runCountMax, calls)
            guard !page.isEmpty else { return }
            try await erase(page.map(\.key), in: nil)
        }
    }

    /// Removes runs, and in the same step their session if it is no other's.
    private mutating func erase(_ keys: [String], in session: String?) async throws(HoldfastError) {
        var eventCount = 0
        for key in keys {
            eventCount += try await runs.store.lists(Runs.eventNamespace).summary(of: key, calls).itemCount
        }
        guard let session, try await !isSharedWithOthers(session) else {
            if let session, shared.insert(Bytes(session)).inserted { erased.sharedCount += 1 }
            try await runs.store.write(batch(keys), options)
            return count(keys, eventCount, nil)
        }
        try await eraseRuns(
            Self.isIn(session) && !Self.runNaming.isOf(user) && !Self.runNaming.isOfOther(than: user))
        count(keys, eventCount, try await eraseTogether(keys, with: session))
    }

    private mutating func count(_ keys: [String], _ eventCount: Int, _ messageCount: Int?) {
        erased.documentCount += keys.count + (messageCount == nil ? 0 : 1)
        erased.itemCount += eventCount + (messageCount ?? 0)
    }
}

extension RunErasure {
    /// Removes runs and their session; begins again where a message has come meanwhile, which may be another's.
    ///
    /// - Returns: how many messages the session had; nothing where there is none, or it has become another's.
    private func eraseTogether(
        _ keys: [String], with session: String
    ) async throws(HoldfastError) -> Int? {
        let list = ExpiringList(runs.store, Runs.sessionNamespace, session)
        let lists = runs.store.lists(Runs.sessionNamespace)
        var messageCount: Int?
        _ = try await runs.store.writing(options) { (met) async throws(HoldfastError) -> Batch in
            var batch = batch(keys)
            messageCount = nil
            let document = try await list.look(calls).document
            let last = try await lists.page(of: session, .latest(1), calls).first?.id ?? .zero
            let isThere = document != nil || !last.isZero
            guard isThere, try await !isSharedWithOthers(session) else { return batch }
            messageCount = try await self.messageCount(of: session)
            if let document {
                batch.check(session, in: Runs.sessionNamespace, is: .version(document.version))
            }
            batch.checkLast(max(last, met ?? .zero), of: session, in: Runs.sessionNamespace)
            batch.erase(session, in: Runs.sessionNamespace)
            return batch
        }
        return messageCount
    }

    private func batch(_ keys: [String]) -> Batch {
        var batch = Batch()
        for key in keys {
            batch.erase(key, in: Runs.eventNamespace)
            batch.erase(key, in: Runs.namespace)
        }
        return batch
    }

    private func messageCount(of session: String) async throws(HoldfastError) -> Int {
        try await runs.store.lists(Runs.sessionNamespace).summary(of: session, calls).itemCount
    }

    /// Whether a session names another, or a run in it does and it names nobody.
    private func isSharedWithOthers(_ session: String) async throws(HoldfastError) -> Bool {
        let naming = Self.sessionNaming
        let own = Selection(key: session, where: naming.isOf(user))
        guard try await sessions.count(own, calls).content == 0 else { return false }
        let other = Selection(key: session, where: naming.isOfOther(than: user))
        guard try await sessions.count(other, calls).content == 0 else { return true }
        let others = Selection(where: Self.isIn(session) && Self.runNaming.isOfOther(than: user))
        return try await documents.count(others, calls).content > 0
    }

    private static func isIn(_ session: String) -> Predicate {
        Operand.member("session_id").equals(Filter.Scalar(session))
    }

    /// The runs of each session, and of none.
    private func bySession(_ keys: [String]) async throws(HoldfastError) -> [Bytes?: [String]] {
        // The item beside a run says where it is, in a few bytes.
        let range = ListRange(.ascending).request(limit: 1)
        let requests = try keys.map { key throws(HoldfastError) in
            ReadRequest(try documents.namespace.address(key), range: range)
        }
        let items = try await runs.store.read(requests, calls).results
        var groups: [Bytes?: [String]] = [:]
        for (key, found) in zip(keys, items) {
            let node = found.first.flatMap { try? JSONNode($0.value.array) }
            groups[node?["session_id"]?.string.map { Bytes($0) }, default: []].append(key)
        }
        return groups
    }
}
