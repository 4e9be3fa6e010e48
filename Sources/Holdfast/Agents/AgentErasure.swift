internal import HoldfastChain
internal import HoldfastModel

extension UserFamily {
    /// The agents whose info names the user, each whole.
    static let agents = UserFamily(Agents.Place.info.rawValue) {
        (store, user, options) async throws(HoldfastError) in
        let agents = store.agents()
        let calls = CallOptions(timeout: options.timeout)
        var erased = ErasedCount()
        // What was found goes, so that the next page is the first again.
        while true {
            let selection = Selection(where: isOf(user), keysOnly: true)
            let page = try await agents.documents(.info).select(
                selection, limit: PageLimit.standard, calls)
            for document in page {
                let statistics = try await agents.aggregateStats(of: document.key, calls).content
                let events = try await agents.lists(.events).count(
                    Selection(key: try agents.key(document.key)), calls)
                erased.documentCount += 1 + statistics.totalToolCalls + statistics.totalSnapshots
                erased.itemCount += statistics.totalMessages + events.content
                try await agents.delete(document.key, options.unkeyed)
            }
            guard page.next != nil else { return erased }
        }
    }
}
