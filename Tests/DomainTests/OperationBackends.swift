import Holdfast
import HoldfastChain
import HoldfastModel
import HoldfastSupport

/// A backend of which nobody knows that it could answer an operation whole: the host goes its own way.
struct OwnWayBackend: Backend {
    let backend: any Backend

    var name: String { backend.name }
    var guarantees: Guarantees {
        get async {
            var guarantees = await backend.guarantees
            guarantees.operations = []
            return guarantees
        }
    }

    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        try await backend.write(request)
    }
    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        try await backend.read(requests, options)
    }
    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await backend.query(query, options)
    }
    func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await backend.select(query, options)
    }
    func flush(_ options: CallOptions) async throws(HoldfastError) { try await backend.flush(options) }
    func status() async -> BackendStatus { await backend.status() }
    func close() async {}
}

/// A backend whose operations a test answers, or watches.
struct OperationBackend: Backend {
    let backend: any Backend
    /// What it offers; nothing is what the backend offers.
    var operations: Set<String>?
    /// Answers; nothing asks the backend.
    var answer: (@Sendable (DomainCall, any Backend) async throws(HoldfastError) -> ReadAnswer?)?
    /// How many operations were answered and declined, by name.
    let counts = Guarded<(answered: [String: Int], declined: [String: Int])>(([:], [:]))

    var name: String { backend.name }
    var guarantees: Guarantees {
        get async {
            var guarantees = await backend.guarantees
            if let operations { guarantees.operations = operations }
            return guarantees
        }
    }

    func invoke(_ call: DomainCall, _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer? {
        let answer =
            if let answer = self.answer {
                try await answer(call, OwnWayBackend(backend: backend))
            } else {
                try await backend.invoke(call, options)
            }
        counts.withLock { counts in
            if answer == nil {
                counts.declined[call.operation, default: 0] += 1
            } else {
                counts.answered[call.operation, default: 0] += 1
            }
        }
        return answer
    }

    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        try await backend.write(request)
    }
    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        try await backend.read(requests, options)
    }
    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await backend.query(query, options)
    }
    func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await backend.select(query, options)
    }
    func flush(_ options: CallOptions) async throws(HoldfastError) { try await backend.flush(options) }
    func status() async -> BackendStatus { await backend.status() }
    func close() async {}
}

/// Every operation answered as its description says, out of nothing but queries: what a plugin is to do.
enum OperationModel {
    static func answer(
        _ call: DomainCall, _ backend: any Backend
    ) async throws(HoldfastError) -> ReadAnswer? {
        var answer = ReadAnswer(results: [], source: backend.name)
        for part in call.parts {
            let records: [Record] =
                switch part.rule {
                case .whole: try await backend.select(part.query, CallOptions()).records
                case .none: []
                case .ofRecords(let other):
                    try await all(part.query, backend).filter { record in
                        answer.results[other].contains { $0.key == record.key }
                    }
                case .anyOrder: try await chosen(part, of: call, backend)
                case .rows: try await rows(part, of: call, after: answer, backend)
                }
            answer.results.append(records)
        }
        return answer
    }

    private static func select(_ query: Bytes) throws(HoldfastError) -> Select {
        guard let select = try? Select(parsing: query.array) else {
            throw HoldfastError(.invalid, "no query: \(query)")
        }
        return select
    }

    /// Everything that a query keeps, whatever its page.
    private static func all(_ query: Bytes, _ backend: any Backend) async throws(HoldfastError) -> [Record] {
        var select = try select(query)
        (select.offset, select.limit, select.after, select.order) = (0, SelectLimits.limitMax, nil, [])
        return try await backend.select(Bytes(select.json), CallOptions()).records
    }

    private static func chosen(
        _ part: DomainCall.Part, of call: DomainCall, _ backend: any Backend
    ) async throws(HoldfastError) -> [Record] {
        let select = try select(part.query)
        var records = try await all(part.query, backend)
        if call.operation == "export_threads" {
            let messages = try await all(call.parts[0].query, backend)
            records = records.filter { record in
                messages.contains { $0.key.hasPrefix(Bytes(record.key.array + Array("/".utf8))) }
            }
        }
        if call.operation == "query_sessions" {
            let lists = try await summaries(call.parts[1].query, backend)
            func rank(_ record: Record) -> (UInt64, Bytes) {
                let list = lists[Bytes(record.key.description.replacing("/", with: "%2F"))]
                let changed = max(record.version.milliseconds, list?.changed ?? 0)
                let isCount = call.arguments.contains("message_count")
                return (isCount ? UInt64(list?.count ?? 0) : changed, record.key)
            }
            let isAscending = call.arguments.contains(#""asc""#)
            records.sort { isAscending ? rank($0) < rank($1) : rank($0) > rank($1) }
        }
        return Array(records.dropFirst(select.offset).prefix(select.limit))
    }

    private struct List {
        var count = 0
        var first = Version.zero
        var last = Version.zero
        var changed: UInt64 = 0
    }

    private static func summaries(
        _ query: Bytes, _ backend: any Backend
    ) async throws(HoldfastError) -> [Bytes: List] {
        let after = try select(query).after
        var lists: [Bytes: List] = [:]
        for record in try await all(query, backend) {
            let place = (record.key, record.id)
            if let after, place <= (Bytes(after.key), Version(high: after.id.high, low: after.id.low)) {
                continue
            }
            var list = lists[record.key] ?? List()
            list.count += 1
            if list.first.isZero { list.first = record.id }
            list.last = record.id
            list.changed = max(list.changed, record.version.milliseconds)
            lists[record.key] = list
        }
        return lists
    }

    private static func rows(
        _ part: DomainCall.Part, of call: DomainCall, after answer: ReadAnswer, _ backend: any Backend
    ) async throws(HoldfastError) -> [Record] {
        let limit = try select(part.query).limit
        let lists = try await summaries(part.query, backend).sorted { $0.key < $1.key }
        let wanted = lists.filter { list in
            guard call.operation == "query_sessions" else { return true }
            return answer.results[0].contains {
                Bytes($0.key.description.replacing("/", with: "%2F")) == list.key
            }
        }
        return wanted.prefix(limit).map { key, list in
            var writer = JSONWriter()
            writer.object { row in
                row.member("key", key.description)
                row.member("count", list.count)
                row.member("first", list.first.description.filter { $0 != "-" })
                row.member("last", list.last.description.filter { $0 != "-" })
                row.member("changed", list.changed)
            }
            return Record(namespace: .empty, key: Bytes(part.name), value: Bytes(writer.bytes))
        }
    }
}

/// A backend that is not asked for anything but operations.
struct NoBackend: Backend {
    let name = "none"
    var guarantees: Guarantees { Guarantees(isAtomic: false, isDurable: false, isShared: false) }

    private var error: HoldfastError { HoldfastError(.internal, "asked for something else") }

    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt { throw error }
    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer {
        throw error
    }
    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        // Where contents are kept apart, of which there are none.
        QueryAnswer(records: [], source: name)
    }
    func flush(_ options: CallOptions) async throws(HoldfastError) { throw error }
    func status() async -> BackendStatus {
        BackendStatus(name: name, isWritable: true, isReadable: true, members: [])
    }
    func close() async {}
}
