internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// Counts what goes to a backend, how long it takes and how it ends.
///
/// Two looks at the clock and one short lock for each call; nothing of what is read or written is looked at.
final class MeteredBackend: WholeBackend {
    let backend: any Backend
    private let clock: any HostClock
    private let state = Guarded(OperationFigures())

    init(_ backend: any Backend, clock: any HostClock) {
        self.backend = backend
        self.clock = clock
    }

    /// What was counted so far.
    var figures: OperationFigures { state.withLock { $0 } }

    var name: String { backend.name }

    var guarantees: Guarantees { get async { await backend.guarantees } }

    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        try await metered(.write) { () async throws(HoldfastError) -> WriteReceipt in
            try await backend.write(request)
        } degradations: {
            $0.degradations
        } note: { figures, receipt in
            if receipt.isReplay {
                figures.replayCount += 1
            } else {
                figures.changeCount += UInt64(request.changes.count)
                for index in request.changes.indices {
                    figures.writtenByteCount += UInt64(request.changes[index].record.value.count)
                }
            }
        }
    }

    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        try await metered(.read) { () async throws(HoldfastError) -> ReadAnswer in
            let answer = try await backend.read(requests, options)
            AnswerTrail.current?.note(answer.source, answer.degradations)
            return answer
        } degradations: {
            $0.degradations
        } note: { figures, answer in
            for records in answer.results { figures.recordCount += UInt64(records.count) }
        }
    }

    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await counted(.scan) { () async throws(HoldfastError) -> QueryAnswer in
            try await backend.query(query, options)
        }
    }

    func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await counted(.select) { () async throws(HoldfastError) -> QueryAnswer in
            try await backend.select(query, options)
        }
    }

    func invoke(_ call: DomainCall, _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer? {
        let answer = try await metered(.invoke) { () async throws(HoldfastError) -> ReadAnswer? in
            let answer = try await backend.invoke(call, options)
            if let answer { AnswerTrail.current?.note(answer.source, answer.degradations) }
            return answer
        } degradations: {
            $0?.degradations ?? []
        }
        let count = answer?.results.reduce(0) { $0 + $1.count } ?? 0
        state.withLock { $0.recordCount += UInt64(count) }
        return answer
    }

    func flush(_ options: CallOptions) async throws(HoldfastError) {
        try await metered(.flush) { () async throws(HoldfastError) in
            try await backend.flush(options)
        } degradations: { _ in
            []
        }
    }

    func collectBlobs(
        _ collection: BlobCollection, _ options: CallOptions
    ) async throws(HoldfastError) -> BlobReport {
        try await backend.collectBlobs(collection, options)
    }

    func status() async -> BackendStatus { await backend.status() }

    func close() async { await backend.close() }

    private func counted(
        _ operation: OperationFigures.Operation, _ body: () async throws(HoldfastError) -> QueryAnswer
    ) async throws(HoldfastError) -> QueryAnswer {
        try await metered(operation) { () async throws(HoldfastError) -> QueryAnswer in
            let answer = try await body()
            AnswerTrail.current?.note(answer.source, answer.degradations)
            return answer
        } degradations: {
            $0.degradations
        } note: { figures, answer in
            figures.recordCount += UInt64(answer.records.count)
        }
    }

    private func metered<Answer>(
        _ operation: OperationFigures.Operation, _ body: () async throws(HoldfastError) -> Answer,
        degradations: (Answer) -> [Degradation], note: (inout OperationFigures, Answer) -> Void = { _, _ in }
    ) async throws(HoldfastError) -> Answer {
        let start = clock.monotonicNanoseconds
        state.withLock { $0.operations[operation, default: .init()].runningCount += 1 }
        do throws(HoldfastError) {
            let answer = try await body()
            finish(operation, since: start) { figures in
                for degradation in degradations(answer) {
                    figures.note(degradation: degradation.word, of: operation)
                }
                note(&figures, answer)
            }
            return answer
        } catch {
            finish(operation, since: start) { figures in
                figures.operations[operation, default: .init()].failures[error.code, default: 0] += 1
            }
            throw error
        }
    }

    private func finish(
        _ operation: OperationFigures.Operation, since start: Int64,
        _ note: (inout OperationFigures) -> Void
    ) {
        let duration = clock.monotonicNanoseconds - start
        state.withLock { figures in
            figures.operations[operation, default: .init()].finish(after: duration)
            note(&figures)
        }
    }
}

extension Degradation {
    /// What it is called, without the provider that it names.
    fileprivate var word: String {
        switch self {
        case .fallback: "fallback"
        case .backupBehind: "backup_behind"
        default: description
        }
    }
}
