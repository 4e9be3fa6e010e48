internal import HoldfastChain
internal import HoldfastModel

extension UserFamily {
    /// The agents whose info names the user, each whole.
    static let agents = UserFamily(Agents.Place.info.rawValue) {
        (store, user, options) async throws(HoldfastError) in
        let agents = store.agents()
        let calls = CallOptions(timeout: options.timeout)
        var erased = ErasedCount()
        let selection = Selection(where: UserNaming.standard.isOf(user), keysOnly: true)
        try await agents.documents(.info).forEachUntilGone(selection, calls) {
            (document) async throws(HoldfastError) in
            let statistics = try await agents.aggregateStats(of: document.key, calls).content
            let events = try await agents.lists(.events).count(
                Selection(key: try agents.key(document.key)), calls)
            erased.documentCount += 1 + statistics.totalToolCalls + statistics.totalSnapshots
            erased.itemCount += statistics.totalMessages + events.content
            try await agents.delete(document.key, options.unkeyed)
        }
        return erased
    }
}
