internal import HoldfastModel
internal import HoldfastSupport

/// A document and the list at its key, which live and go together.
///
/// See ``SharedExpiry``: items that expire count only while the document is there.
struct ExpiringList: Sendable {
    /// What one read found.
    struct Sighting: Sendable {
        let document: Document?
        let oldest: Item?

        /// Whether the items are of a life that has ended, and only wait to be removed.
        var isDead: Bool { document == nil && oldest?.expiresAt != nil }

        /// Whether the oldest item is not of the life that the document has.
        var isOldestAstray: Bool {
            guard let document, let oldest else { return false }
            return !document.expiresAt.map { SharedExpiry(end: $0) }.covers(oldest.expiresAt)
        }

        /// Whether items go before their time, or stay beyond it, once the document has another expiry: those that are
        /// there, and those that others add before the document is written.
        func needsRenewal(to expiry: SharedExpiry?) -> Bool {
            guard !isDead else { return false }
            if let oldest, !expiry.covers(oldest.expiresAt) { return true }
            return document.map { !expiry.covers($0.expiresAt.map { SharedExpiry(end: $0).items }) } ?? false
        }
    }

    let key: String
    private let store: HistoryStore
    private let namespace: String

    private static let renewedCountMax = 500
    private static let renewedByteCountMax = 16 << 20

    init(_ store: HistoryStore, _ namespace: String, _ key: String) {
        self.store = store
        self.namespace = namespace
        self.key = key
    }

    /// Reads documents and oldest items, in one round trip.
    static func look(
        at lists: [ExpiringList], _ options: CallOptions
    ) async throws(HoldfastError) -> [Sighting] {
        guard let first = lists.first else { return [] }
        let range = ListRange(.ascending)
        var requests: [ReadRequest] = []
        for list in lists {
            let address = try Namespace(list.namespace).address(list.key)
            requests += [ReadRequest(address), ReadRequest(address, range: range.request(limit: 1))]
        }
        let results = try await first.store.read(requests, options).results
        var sightings: [Sighting] = []
        for (position, list) in lists.enumerated() {
            sightings.append(
                Sighting(
                    document: try results[2 * position].first.map { record throws(HoldfastError) in
                        try Document(record)
                    }, oldest: results[2 * position + 1].first.map { Item($0, key: list.key) }))
        }
        return sightings
    }

    func look(_ options: CallOptions) async throws(HoldfastError) -> Sighting {
        try await Self.look(at: [self], options)[0]
    }

    /// Reads a page of the items that count, with the document of the same moment.
    func page(
        _ range: ListRange, _ options: CallOptions
    ) async throws(HoldfastError) -> (document: Document?, items: Page<Item, ListRange>) {
        let address = try Namespace(namespace).address(key)
        let limit = try PageLimit.checked(range.limit)
        let requests = [ReadRequest(address), ReadRequest(address, range: range.request(limit: limit))]
        let answer = try await store.read(limit > 0 ? requests : [requests[0]], options)
        let document = try answer.results[0].first.map { record throws(HoldfastError) in try Document(record)
        }
        let records = limit > 0 ? answer.results[1] : []
        let next = limit > 0 && records.count == limit ? records.last.map { range.following($0.id) } : nil
        // Items of one list are written alike: where one counts, all do.
        let items = records.map { Item($0, key: key) }.filter { document != nil || $0.expiresAt == nil }
        return (
            document,
            Page(
                range.order == .latest ? items.reversed() : items, next: items.isEmpty ? nil : next,
                source: answer.source, degradations: answer.degradations)
        )
    }

    /// Gives every item the expiry that the document has now.
    ///
    /// Done after the document was written, so that items that are added meanwhile have it already, and again where the
    /// document was written meanwhile. While the document is there its items count whatever their expiry is.
    ///
    /// - Parameter options: how long each step may take.
    /// - Throws: what reading and writing throw; then the rest is done by the next call.
    func renewItems(_ options: CallOptions) async throws(HoldfastError) {
        while let document = try await look(options).document {
            try await renew(to: document.expiresAt.map(SharedExpiry.init), options)
            guard try await look(options).document?.version != document.version else { return }
        }
    }

    /// Gives every item the expiry of another life.
    ///
    /// The oldest item tells whether that is needed, so it is the last: what was begun and not finished is done again.
    private func renew(
        to expiry: SharedExpiry?, _ options: CallOptions
    ) async throws(HoldfastError) {
        let lists = store.lists(namespace)
        var range: ListRange? = ListRange(.descending, limit: Self.renewedCountMax)
        while let asked = range {
            let page = try await lists.page(of: key, asked, options)
            var batch = Batch()
            var byteCount = 0
            range = page.next
            for item in page where item.expiresAt != expiry?.items {
                if byteCount > 0, byteCount + item.bytes.count > Self.renewedByteCountMax {
                    // The page is read again, and what was done is passed over.
                    range = asked
                    break
                }
                byteCount += item.bytes.count
                batch.edit(
                    item.id, of: key, in: namespace,
                    to: Value(item.bytes, as: item.format, expiry: expiry.items))
            }
            guard !batch.isEmpty else { continue }
            do {
                try await store.write(batch, WriteOptions(timeout: options.timeout))
            } catch {
                // An item of the page was removed meanwhile: the page is read again.
                guard error.code == .notFound || error.code == .conflict else { throw error }
                range = asked
            }
        }
    }
}
