public import HoldfastChain
public import HoldfastModel

extension HistoryStore {
    /// Lists the namespaces that hold anything, in the order of their bytes; those of the host are left out.
    ///
    /// Asks the primary for the first record behind each namespace, so a namespace costs the same whatever it holds.
    ///
    /// - Parameters:
    ///   - prefix: only names that begin so.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - name: only names after this one.
    ///   - options: how long each step may take.
    /// - Returns: names, and the last of them where more follow.
    /// - Throws: `unsupported` where the primary cannot list everything it holds, `unavailable` while it is down.
    public func namespaces(
        prefix: String = "", limit: Int? = nil, after name: String? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<String, String> {
        let limit = try PageLimit.checked(limit)
        var names: [String] = []
        var source = ""
        var last = name.map { Bytes($0) } ?? .empty
        while names.count < limit,
            let found = try await backend.firstNamespace(
                after: last, try Edge.checked(options))
        {
            source = found.source
            last = found.namespace
            guard let text = last.validatedString else {
                throw HoldfastError(.corrupt, "the backend returned a namespace that is not UTF-8")
            }
            guard last.hasPrefix(Bytes(prefix)) else {
                // Names are in the order of their bytes.
                guard last < Bytes(prefix) else { break }
                continue
            }
            guard !text.utf8.starts(with: "~".utf8), try await holdsAnything(last, options) else { continue }
            names.append(text)
        }
        return Page(names, next: names.count == limit ? names.last : nil, source: source)
    }

    private func holdsAnything(
        _ namespace: Bytes, _ options: CallOptions
    ) async throws(HoldfastError) -> Bool {
        let query = Query(namespace: namespace, scope: [.documents, .items, .keysOnly], limit: 1)
        return try await !backend.query(query, try Edge.checked(options)).records.isEmpty
    }
}

extension Backend {
    /// The namespace behind another, removed records and traces included, those of the host too.
    func firstNamespace(
        after last: Bytes, _ options: CallOptions
    ) async throws(HoldfastError) -> (namespace: Bytes, source: String)? {
        var query = Query(namespace: .empty, scope: [.documents, .items, .keysOnly, .raw], limit: 1)
        if !last.isEmpty {
            // Behind every key of the namespace: no key begins with this byte, which UTF-8 does not have.
            query.after = Query.Cursor(address: Address(namespace: last, key: Bytes([0xFF])), id: .max)
        }
        let answer = try await self.query(query, options)
        guard answer.degradations.isEmpty else {
            throw HoldfastError(
                .unavailable, "namespaces are listed by the primary, which is down; ask again later")
        }
        return answer.records.first.map { ($0.namespace, answer.source) }
    }
}
