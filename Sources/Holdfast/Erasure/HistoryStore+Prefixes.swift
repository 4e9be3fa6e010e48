internal import HoldfastChain
package import HoldfastModel

extension HistoryStore {
    /// How many keys one step erases.
    private static var erasedCountMax: Int { 500 }

    /// Removes every document and list whose key begins so, with all that arrived before the call.
    ///
    /// - Parameters:
    ///   - prefix: empty is all.
    ///   - namespace: where.
    ///   - options: how each step is made safe.
    /// - Returns: how much was removed.
    /// - Throws: `unavailable`, `timeout` or `exhausted` when it could not be made safe; asking again goes on.
    package func erase(
        prefix: String, in namespace: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> ErasedCount {
        let calls = CallOptions(timeout: options.timeout)
        var erased = ErasedCount()
        var cursor: Cursor?
        repeat {
            let page = try await lists(namespace).summaries(
                prefix: prefix, limit: Self.erasedCountMax, after: cursor, calls)
            erased.itemCount += page.reduce(0) { $0 + $1.itemCount }
            // A document at the key of a list goes with it.
            let there = try await documents(namespace).get(page.map(\.key), calls)
            erased.documentCount += there.content.count { $0 != nil }
            try await erase(page.map(\.key), in: namespace, options)
            cursor = page.next
        } while cursor != nil
        repeat {
            let page = try await documents(namespace).scan(
                Scan(prefix: prefix, keysOnly: true), limit: Self.erasedCountMax, after: cursor, calls)
            erased.documentCount += page.count
            try await erase(page.map(\.key), in: namespace, options)
            cursor = page.next
        } while cursor != nil
        return erased
    }

    private func erase(
        _ keys: [String], in namespace: String, _ options: WriteOptions
    ) async throws(HoldfastError) {
        guard !keys.isEmpty else { return }
        var batch = Batch()
        for key in keys { batch.erase(key, in: namespace) }
        try await write(batch, options.unkeyed)
    }
}

extension Conversations {
    /// Removes every session whose name begins so, with its archive and what was popped from it.
    func erase(prefix: String, _ options: WriteOptions) async throws(HoldfastError) -> ErasedCount {
        var erased = ErasedCount()
        for namespace in [lists.namespace, archive.namespace, popped.namespace] {
            // What was popped is filed under the session's name and a key.
            let isPopped = namespace == popped.namespace
            erased += try await lists.store.erase(
                prefix: isPopped ? CompositeKey(prefix).text : prefix, in: namespace.name, options)
        }
        return erased
    }
}
