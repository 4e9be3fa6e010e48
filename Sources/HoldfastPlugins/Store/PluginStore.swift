internal import HoldfastModel
internal import HoldfastSupport

/// A connection to a backend in the store role: one lane that writes, and a pool of lanes that read.
///
/// - A store that never waits is called inline.
/// - A store that can be opened many times has one connection for writing and others for reading.
/// - A concurrent store has one connection that several lanes use.
/// - Any other has one lane for everything.
final class PluginStore: Store {
    let info: StoreInfo
    private let session: StoreSession

    init(_ session: StoreSession) {
        self.session = session
        info = session.info
    }

    deinit { session.end(SessionEnd.closed(session.label)) }

    func apply(
        _ changes: [Change], atomic: Bool, _ context: CallContext
    ) async throws(HoldfastError) -> [ChangeOutcome] {
        guard !atomic || info.capabilities.contains(.atomicBatch) else {
            throw HoldfastError(
                .unsupported,
                "\(session.label): it has no atomic batches (HF_CAP_ATOMIC_BATCH); send the changes one by one"
            )
        }
        guard !changes.isEmpty else { return [] }
        let request = GroupCommit.Request(changes: changes, atomic: atomic, context: context)
        if let inline = session.inline {
            return try inline.call(session.label) { handle, frame throws(HoldfastError) in
                var commit = GroupCommit(handle, frame)
                return try commit.apply([request])[0].get()
            }
        }
        guard case .outcomes(let outcomes) = try await session.write(.apply(request), context) else {
            return []
        }
        return outcomes
    }

    func read(_ requests: [ReadRequest], _ context: CallContext) async throws(HoldfastError) -> [[Record]] {
        guard !requests.isEmpty else { return [] }
        if let inline = session.inline {
            return try inline.call(session.label) { handle, frame throws(HoldfastError) in
                try handle.read(requests, frame, context)
            }
        }
        guard case .records(let records) = try await session.read(.read(requests), context) else { return [] }
        return records
    }

    func query(_ query: Query, _ context: CallContext) async throws(HoldfastError) -> [Record] {
        if let inline = session.inline {
            return try inline.call(session.label) { handle, frame throws(HoldfastError) in
                try handle.query(query, frame, context)
            }
        }
        let work = LaneJob<StoreHandle>.Work.scan {
            handle, frame, context throws(HoldfastError) in
            .records([try handle.query(query, frame, context)])
        }
        guard case .records(let records) = try await session.read(work, context) else { return [] }
        return records.first ?? []
    }

    func select(_ query: Bytes, _ context: CallContext) async throws(HoldfastError) -> [Record]? {
        if let inline = session.inline {
            return try inline.call(session.label) { handle, frame throws(HoldfastError) in
                try handle.select(query, frame, context)
            }
        }
        let work = LaneJob<StoreHandle>.Work.scan {
            handle, frame, context throws(HoldfastError) in
            .records(try handle.select(query, frame, context).map { [$0] } ?? [])
        }
        guard case .records(let records) = try await session.read(work, context) else { return nil }
        return records.first
    }

    func invoke(_ call: DomainCall, _ context: CallContext) async throws(HoldfastError) -> [[Record]]? {
        if let inline = session.inline {
            return try inline.call(session.label) { handle, frame throws(HoldfastError) in
                try handle.invoke(call, frame, context)
            }
        }
        let work = LaneJob<StoreHandle>.Work.scan {
            handle, frame, context throws(HoldfastError) in
            try handle.invoke(call, frame, context).map { .records($0) } ?? .done
        }
        guard case .records(let parts) = try await session.read(work, context) else { return nil }
        return parts
    }

    func flush(_ context: CallContext) async throws(HoldfastError) {
        guard !info.capabilities.contains(.durable) else { return }
        if let inline = session.inline {
            return try inline.call(session.label) { handle, frame throws(HoldfastError) in
                try handle.flush(frame, context)
            }
        }
        let work = LaneJob<StoreHandle>.Work.other(isWrite: false) {
            handle, frame, context throws(HoldfastError) in
            try handle.flush(frame, context)
            return .done
        }
        _ = try await session.write(work, context)
    }

    func ping(integrity: Bool, _ context: CallContext) async throws(HoldfastError) {
        if let inline = session.inline {
            return try inline.call(session.label) { handle, frame throws(HoldfastError) in
                try handle.ping(integrity: integrity, frame, context)
            }
        }
        let work = LaneJob<StoreHandle>.Work.other(isWrite: false) {
            handle, frame, context throws(HoldfastError) in
            try handle.ping(integrity: integrity, frame, context)
            return .done
        }
        // An integrity check takes long, and must not keep writers waiting where readers have connections of their own.
        _ = integrity ? try await session.read(work, context) : try await session.write(work, context)
    }

    func close() async { await session.close() }
}
