internal import HoldfastProviderKit

extension PostgresStore: BatchStore {
    /// How often a transaction that lost against another is run again.
    private static let attemptCountMax = 40

    // A round trip and a commit cost the same for one change as for hundreds.
    var preferredChangeCount: UInt32 { 512 }

    /// Applies a batch in one transaction, in one round trip where the keys are known.
    ///
    /// The changes are decided here, from what is known of their keys; the server takes the result only where
    /// each key still is as it was known. Where it is not, or nothing is known, the rows of the keys are locked
    /// and read first, which is one round trip more.
    func apply(_ changes: ChangeBuffer, call: CallContext) throws(ProviderError) {
        guard !changes.isEmpty else { return }
        try purgeNowAndThen(call)
        if let known = knownBatch(changes) {
            do throws(ProviderError) {
                try write(known, after: [.begin], call)
                return report(known, call)
            } catch {
                guard error.sqlState == "22012" || Self.isRetried(error) else { throw forgetting(error) }
                cache.distrust(known.places)
            }
        }
        var attempt = 0
        while true {
            do throws(ProviderError) {
                let batch = try applyLocked(changes, call)
                return report(batch, call)
            } catch {
                guard Self.isRetried(error), attempt < Self.attemptCountMax else { throw forgetting(error) }
                attempt += 1
                try call.check(host)
                PostgresPause.wait(attempt)
            }
        }
    }

    /// Lost against another transaction, and nothing was applied.
    private static func isRetried(_ error: ProviderError) -> Bool {
        ["40001", "40P01", "CR000"].contains(error.sqlState) && !error.flags.contains(.storeDead)
    }

    private func forgetting(_ error: ProviderError) -> ProviderError {
        cache.removeAll()
        return error
    }

    private func report(_ batch: PostgresBatch, _ call: CallContext) {
        for (index, outcome) in batch.outcomes.enumerated() { batch.changes[index].resolve(outcome) }
        if let complaint = batch.complaint { call.report(complaint) }
    }

    /// The batch, decided from what is remembered; nothing where that is not enough, or nothing is written.
    private func knownBatch(_ changes: ChangeBuffer) -> PostgresBatch? {
        var batch = PostgresBatch(changes, at: host.unixMilliseconds)
        for place in batch.places {
            guard let view = cache.view(at: place) else { return nil }
            batch.views.append(view)
        }
        // Without a write nobody would check what was remembered.
        return batch.decide() && batch.isWritten ? batch : nil
    }

    /// Locks the keys, reads what the changes need, decides and writes.
    private func applyLocked(_ changes: ChangeBuffer, _ call: CallContext) throws(ProviderError)
        -> PostgresBatch
    {
        var batch = PostgresBatch(changes, at: host.unixMilliseconds)
        try lock(&batch, call)
        for (place, view) in zip(batch.places, batch.views) { cache.observe(view, at: place) }
        guard batch.decide() else {
            throw ProviderError(.internal, "a change of the batch met a record that was not read")
        }
        guard batch.isWritten else {
            try connection.run([.rollback], call: call)
            return batch
        }
        try write(batch, after: [], call)
        return batch
    }

    private func lock(_ batch: inout PostgresBatch, _ call: CallContext) throws(ProviderError) {
        let places = batch.places
        var keys = PostgresParameters()
        keys.addArray(places.count) { $1.append(places[$0].namespace.borrowed) }
        keys.addArray(places.count) { $1.append(places[$0].key.borrowed) }
        // Where a new row begins to count is never where an old one has been.
        keys.add(batch.now << 12)
        let changes = batch.changes
        var records = PostgresParameters()
        records.addArray(changes.count) { $1.append(changes[$0].record.namespace) }
        records.addArray(changes.count) { $1.append(changes[$0].record.key) }
        records.addArray(changes.count) { $1.append(changes[$0].record.id) }

        let numbers = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($0.element, $0.offset) })
        var views = [PostgresKeyView?](repeating: nil, count: places.count)
        var stored: [PostgresBatch.RecordPlace: PostgresStoredRecord] = [:]
        try connection.run(
            [.begin, PostgresRequest("lock", keys), PostgresRequest("stored", records)], call: call
        ) { index, result throws(ProviderError) in
            for row in 0..<result.rowCount {
                let address = BorrowedAddress(namespace: result.bytes(row, 0), key: result.bytes(row, 1))
                guard let number = numbers[PostgresKeyCache.Place(address)] else { continue }
                if index == 1 {
                    views[number] = PostgresKeyView(
                        floor: try result.version(row, 3), last: try result.version(row, 2),
                        noted: result.integer(row, 4), sequence: result.integer(row, 5))
                } else {
                    let record = PostgresStoredRecord(
                        version: try result.version(row, 3), flags: result.flags(row, 4),
                        expiresAt: result.integer(row, 5))
                    stored[PostgresBatch.RecordPlace(key: number, id: try result.version(row, 2))] = record
                }
            }
        }
        for (number, view) in views.enumerated() {
            guard var view else {
                throw ProviderError(.internal, "the server did not lock a key of the batch")
            }
            view.isDocumentKnown = changes.indices.contains {
                batch.keys[$0] == number && !changes[$0].isItem
            }
            view.document = stored[PostgresBatch.RecordPlace(key: number, id: .zero)]
            batch.views.append(view)
        }
        batch.stored = stored.filter { !$0.key.id.isZero }
        batch.isComplete = true
    }

    /// Writes what was decided, and commits.
    private func write(
        _ batch: PostgresBatch, after first: [PostgresRequest], _ call: CallContext
    ) throws(ProviderError) {
        let places = batch.places
        let views = batch.views
        var heads = PostgresParameters()
        heads.addArray(places.count) { $1.append(places[$0].namespace.borrowed) }
        heads.addArray(places.count) { $1.append(places[$0].key.borrowed) }
        heads.addArray(places.count) { $1.append(views[$0].last) }
        heads.addArray(places.count) { $1.append(views[$0].floor) }
        heads.addIntegers(places.count) { views[$0].noted }
        heads.addIntegers(places.count) { views[$0].sequence + 1 }
        heads.add(Int64(places.count))
        var requests = first + [PostgresRequest("move", heads)]
        if !batch.drops.isEmpty {
            let drops = Array(batch.drops)
            var parameters = PostgresParameters()
            parameters.addArray(drops.count) { $1.append(places[drops[$0].key].namespace.borrowed) }
            parameters.addArray(drops.count) { $1.append(places[drops[$0].key].key.borrowed) }
            parameters.addArray(drops.count) { $1.append(drops[$0].value) }
            requests.append(PostgresRequest("drop", parameters))
        }
        if !batch.writes.isEmpty { requests.append(puts(batch)) }
        try connection.run(requests + [.commit], call: call, commits: true)
        for (place, var view) in zip(places, views) {
            view.sequence += 1
            cache.remember(view, at: place)
        }
    }

    private func puts(_ batch: PostgresBatch) -> PostgresRequest {
        let changes = batch.changes
        // In the order of the batch, so that the items of a list lie together in the table.
        let indices = batch.writes.values.sorted()
        let count = indices.count
        var parameters = PostgresParameters()
        parameters.addArray(count) { $1.append(changes[indices[$0]].record.namespace) }
        parameters.addArray(count) { $1.append(changes[indices[$0]].record.key) }
        parameters.addArray(count) { $1.append(changes[indices[$0]].record.id) }
        parameters.addArray(count) { $1.append(changes[indices[$0]].record.version) }
        parameters.addIntegers(count) { Int64(changes[indices[$0]].record.flags.rawValue) }
        parameters.addIntegers(count) { changes[indices[$0]].record.expiresAt }
        parameters.addArray(count) { $1.append(changes[indices[$0]].record.value) }
        parameters.addArray(count) {
            $1.append(contentsOf: facets.text(of: changes[indices[$0]].record).utf8)
        }
        parameters.addArray(count) { $1 += facets.words(of: changes[indices[$0]].record) }
        return PostgresRequest("put", parameters)
    }
}
