internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// An operation, and what the caller asked for.
struct DomainRequest: Sendable {
    let operation: DomainOperation
    private let arguments: @Sendable (inout JSONWriter) -> Void

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - operation: which.
    ///   - arguments: writes members, by the names of the API; pages are in the queries.
    init(_ operation: DomainOperation, _ arguments: @escaping @Sendable (inout JSONWriter) -> Void = { _ in })
    {
        self.operation = operation
        self.arguments = arguments
    }

    fileprivate func call(_ parts: [DomainCall.Part]) -> DomainCall {
        var writer = JSONWriter()
        writer.object(arguments)
        return DomainCall(operation.rawValue, arguments: Bytes(writer.bytes), parts: parts)
    }
}

extension HistoryStore {
    /// Lets the backend answer an operation whole: the one place where the domain asks for that.
    ///
    /// - Parameters:
    ///   - request: the operation.
    ///   - options: how long it may take.
    ///   - parts: the queries that it stands for; made only where somebody may answer.
    /// - Returns: for each part its records or rows; nothing where the host must go its own way, which has the same answer.
    /// - Throws: what the backend throws.
    func whole(
        _ request: DomainRequest, _ options: CallOptions,
        _ parts: () throws(HoldfastError) -> [DomainCall.Part]
    ) async throws(HoldfastError) -> ReadAnswer? {
        guard await backend.guarantees.operations.contains(request.operation.rawValue) else { return nil }
        let parts = try parts()
        let answer: ReadAnswer?
        do throws(HoldfastError) {
            answer = try await backend.invoke(request.call(parts), try Edge.checked(options))
        } catch {
            // The host's way goes in steps, each of which has the time that the whole has had.
            let hasSteps = parts.count > 1 || parts.contains { $0.rule == .rows }
            guard error.code == .timeout, hasSteps else { throw error }
            return nil
        }
        guard let answer else { return nil }
        guard answer.results.count == parts.count else {
            throw request.wrong("\(answer.results.count) parts, expected \(parts.count)", from: answer)
        }
        return answer
    }

    /// Answers the queries of an operation: all at once where the backend can, else one after the other.
    func answer(
        _ request: DomainRequest, _ parts: [DomainCall.Part], _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer {
        if let whole = try await whole(request, options, { parts }) { return whole }
        var answer = ReadAnswer(results: [], source: "")
        for part in parts {
            let one = try await backend.select(part.query, try Edge.checked(options))
            answer.results.append(one.records)
            if answer.source.isEmpty { answer.source = one.source }
            for degradation in one.degradations where !answer.degradations.contains(degradation) {
                answer.degradations.append(degradation)
            }
        }
        return answer
    }

    /// Answers a query, which may be an operation by itself.
    func select(
        _ query: Bytes, as request: DomainRequest?, _ options: CallOptions
    ) async throws(HoldfastError) -> QueryAnswer {
        let options = try Edge.checked(options)
        if let request,
            let answer = try await whole(request, options, { [DomainCall.Part("records", query)] })
        {
            return QueryAnswer(
                records: answer.results[0], source: answer.source, degradations: answer.degradations)
        }
        return try await backend.select(query, options)
    }
}

extension DomainRequest {
    /// The error for an answer that is none, naming who gave it.
    func wrong(_ problem: String, from answer: ReadAnswer) -> HoldfastError {
        HoldfastError(.corrupt, "\(answer.source) answered \(operation.rawValue) with \(problem)")
    }

    /// The count in the only row of an answer.
    func count(_ part: Int, of answer: ReadAnswer) throws(HoldfastError) -> Int {
        guard let row = answer.results[part].first, let count = try? SelectCount(parsing: row.value.array)
        else { throw wrong("no count", from: answer) }
        return Int(clamping: count.count)
    }

    /// The rows of a part that are objects of the operation's own.
    func rows(_ part: Int, of answer: ReadAnswer) throws(HoldfastError) -> [DomainRow] {
        try answer.results[part].map { record throws(HoldfastError) in
            guard let node = try? JSONNode(record.value.array), node.kind == .object else {
                throw wrong("a row that is no JSON object", from: answer)
            }
            return DomainRow(node: node)
        }
    }
}

/// A row of an operation's own.
struct DomainRow {
    fileprivate let node: JSONNode

    /// A member that is a string.
    func text(_ name: String) -> String? { node[name]?.string }

    /// A member that is a whole number from 0 on.
    func count(_ name: String) -> Int? {
        node[name]?.integer.flatMap { $0 >= 0 ? Int(exactly: $0) : nil }
    }

    /// A member that is an id or a version: 32 hexadecimal digits.
    func version(_ name: String) -> Version? {
        guard let text = node[name]?.string, text.utf8.count == 32,
            let bytes = SelectText.bytes(hexadecimal: Array(text.utf8))
        else { return nil }
        func half(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        return Version(high: half(bytes[..<8]), low: half(bytes[8...]))
    }
}
