internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

extension BlobBackend {
    /// Records that are looked at together.
    private static let pageCount: UInt64 = 250
    /// Removals that are under way together.
    private static let removalCount = 64

    /// Removes contents to which nothing refers; see `Backend`.
    func collectBlobs(
        _ collection: BlobCollection, _ options: CallOptions
    ) async throws(HoldfastError) -> BlobReport {
        guard text != nil else { return try await backend.collectBlobs(collection, options) }
        return try await collect(collection, options)
    }

    private func collect(
        _ collection: BlobCollection, _ options: CallOptions
    ) async throws(HoldfastError) -> BlobReport {
        var report = BlobReport()
        let latest = clock.unixMilliseconds - collection.grace.wholeMilliseconds
        // The uses are read before all else: who uses a content from now on changes its version.
        var candidates = try await uses(&report, options)
        if !collection.isDryRun { candidates = candidates.filter { $0.value.isBefore(latest) } }
        guard !candidates.isEmpty else { return report }
        var places = try await self.places(options)
        var last = Bytes.empty
        while let (namespace, _) = try await backend.firstNamespace(after: last, options) {
            last = namespace
            guard !Self.ownNamespaces.contains(namespace) else { continue }
            try await forEachPage(of: namespace, options) { (records) throws(HoldfastError) in
                report.recordCount += records.count
                for record in records {
                    let isJSON = !record.flags.contains(.bytes)
                    for reference in try BlobText.references(in: record.value, isJSON: isJSON) {
                        candidates[Bytes(reference.hash)] = nil
                    }
                    guard isJSON else { continue }
                    for member in try BlobText.members(in: record.value) {
                        places[Self.place(namespace, member)] = nil
                    }
                }
            }
        }
        var removed = candidates.filter { $0.value.isBefore(latest) }
        report.unusedCount = candidates.count
        report.unusedByteCount = candidates.values.reduce(0) { $0 + $1.byteCount }
        if !collection.isDryRun {
            let namespaces = [Self.usesNamespace, Self.namespace]
            let kept = try await remove(removed.mapValues(\.version), from: namespaces, options)
            for hash in kept { removed[hash] = nil }
            _ = try await remove(places, from: [Self.placesNamespace], options)
        }
        report.removedCount = removed.count
        report.removedByteCount = removed.values.reduce(0) { $0 + $1.byteCount }
        return report
    }

    private static let ownNamespaces = [namespace, usesNamespace, placesNamespace]

    /// The places in which contents were taken out, each with the time of the last.
    private func places(_ options: CallOptions) async throws(HoldfastError) -> [Bytes: Version] {
        var places: [Bytes: Version] = [:]
        try await forEachPage(of: Self.placesNamespace, options) { records in
            for record in records { places[record.key] = record.version }
        }
        return places
    }

    /// When a content was used last, and how large it is.
    private struct Use {
        let version: Version
        let byteCount: Int

        init(_ record: Record) {
            version = record.version
            byteCount = Int(record.value.description) ?? 0
        }

        func isBefore(_ latest: Int64) -> Bool { Int64(clamping: version.milliseconds) <= latest }
    }

    private func uses(
        _ report: inout BlobReport, _ options: CallOptions
    ) async throws(HoldfastError) -> [Bytes: Use] {
        var uses: [Bytes: Use] = [:]
        try await forEachPage(of: Self.usesNamespace, options) { records in
            for record in records {
                let use = Use(record)
                uses[record.key] = use
                report.blobCount += 1
                report.byteCount += use.byteCount
            }
        }
        return uses
    }

    /// Removes documents, each unless somebody has written it meanwhile; so many at a time that they share their batches.
    ///
    /// - Parameters:
    ///   - documents: the keys, each with the version that was last seen in the first namespace.
    ///   - namespaces: where the keys stand.
    ///   - options: how long each removal may take.
    /// - Returns: the keys that somebody has written.
    /// - Throws: the first failure, once nothing is under way any more.
    private func remove(
        _ documents: [Bytes: Version], from namespaces: [Bytes], _ options: CallOptions
    ) async throws(HoldfastError) -> [Bytes] {
        var kept: [Bytes] = []
        var rest = documents.sorted { $0.key < $1.key }[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.removalCount)
            rest = rest.dropFirst(part.count)
            let results = await withTaskGroup(of: (Bytes, Result<Bool, HoldfastError>).self) { group in
                for (key, version) in part {
                    group.addTask {
                        do throws(HoldfastError) {
                            return (
                                key,
                                .success(
                                    try await self.remove(key, from: namespaces, lastUsed: version, options))
                            )
                        } catch {
                            return (key, .failure(error))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (key, result) in results where try !result.get() { kept.append(key) }
        }
        return kept
    }

    /// Removes documents of one key, unless somebody has written the first meanwhile.
    private func remove(
        _ key: Bytes, from namespaces: [Bytes], lastUsed use: Version, _ options: CallOptions
    ) async throws(HoldfastError) -> Bool {
        let changes = namespaces.map { namespace in
            let tombstone = Record(namespace: namespace, key: key, flags: [.removed])
            return Change(.put, tombstone, if: namespace == namespaces.first ? .version(use) : .none)
        }
        do throws(HoldfastError) {
            _ = try await backend.write(WriteRequest(changes, timeout: options.timeout))
            return true
        } catch {
            guard error.code == .conflict else { throw error }
            return false
        }
    }

    /// Walks over a namespace as it is stored: references stand where contents are kept apart.
    private func forEachPage(
        of namespace: Bytes, _ options: CallOptions, _ body: ([Record]) throws(HoldfastError) -> Void
    ) async throws(HoldfastError) {
        var query = Query(namespace: namespace, limit: Self.pageCount)
        while true {
            let answer = try await backend.query(query, options)
            guard answer.degradations.isEmpty else {
                throw HoldfastError(.unavailable, "blobs are collected on the primary, which is down")
            }
            try body(answer.records)
            guard answer.records.count == Int(Self.pageCount), let last = answer.records.last else { return }
            query.after = Query.Cursor(address: last.address, id: last.id)
        }
    }
}
