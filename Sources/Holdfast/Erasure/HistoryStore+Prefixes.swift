internal import HoldfastChain
package import HoldfastModel

extension HistoryStore {
    /// How many keys one step erases.
    private static var erasedCountMax: Int { 500 }

    /// Removes every document and list whose key begins so, until none is left.
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
        // What was found goes, so each look begins anew, and passes over nothing that is written meanwhile.
        while true {
            let page = try await lists(namespace).summaries(
                prefix: prefix, limit: Self.erasedCountMax, calls)
            guard !page.isEmpty else { break }
            erased.itemCount += page.reduce(0) { $0 + $1.itemCount }
            // A document at the key of a list goes with it.
            let there = try await documents(namespace).get(page.map(\.key), calls)
            erased.documentCount += there.content.count { $0 != nil }
            try await erase(page.map(\.key), in: namespace, options)
        }
        while true {
            let page = try await documents(namespace).scan(
                Scan(prefix: prefix, keysOnly: true), limit: Self.erasedCountMax, calls)
            guard !page.isEmpty else { return erased }
            erased.documentCount += page.count
            try await erase(page.map(\.key), in: namespace, options)
        }
    }

    private func erase(
        _ keys: [String], in namespace: String, _ options: WriteOptions
    ) async throws(HoldfastError) {
        var batch = Batch()
        for key in keys { batch.erase(key, in: namespace) }
        try await write(batch, options.unkeyed)
    }
}

extension Conversations {
    /// Removes what was popped from a session, which is kept for retries.
    ///
    /// - Parameters:
    ///   - session: which session.
    ///   - end: only what was popped before; nothing is all.
    ///   - options: how each step is made safe.
    /// - Throws: what a step throws; the rest is removed by another call.
    func erasePopped(
        of session: String, before end: Version? = nil, _ options: WriteOptions
    ) async throws(HoldfastError) {
        let prefix = CompositeKey(session).prefix
        guard let end else {
            _ = try await lists.store.erase(prefix: prefix, in: popped.namespace.name, options)
            return
        }
        let scan = Scan(prefix: prefix, keysOnly: true)
        for try await document in popped.stream(scan, CallOptions(timeout: options.timeout))
        where document.version < end {
            try await popped.delete(document.key, options.unkeyed)
        }
    }

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
