internal import HoldfastModel
internal import HoldfastSupport

/// Holds the answer to an operation against the queries that it stands for.
struct DomainCheck {
    /// One query, and how its answer is to be.
    struct Part {
        let name: Bytes
        let select: Select
        let rule: DomainCall.Part.Rule

        /// Whether it is answered with rows, which are values alone.
        var hasRows: Bool {
            if case .records = select.answer { rule == .rows } else { true }
        }
    }

    /// In the order of the call.
    let parts: [Part]

    /// Reads the queries of a call.
    ///
    /// - Throws: `invalid` for a text that is no query, and parts that cannot be told apart.
    init(_ call: DomainCall) throws(HoldfastError) {
        var parts: [Part] = []
        for part in call.parts {
            do throws(SelectError) {
                parts.append(
                    Part(
                        name: Bytes(part.name), select: try Select(parsing: part.query.array),
                        rule: part.rule))
            } catch {
                throw HoldfastError(.invalid, "\(call.operation): \(error)")
            }
        }
        let kinds = parts.filter { !$0.hasRows }.flatMap { part in
            [true, false].filter(part.select.scope.includes(isItem:)).map { isItem -> [UInt8] in
                [isItem ? 1 : 0] + part.select.namespace
            }
        }
        let others = call.parts.compactMap { part -> Int? in
            if case .ofRecords(let other) = part.rule { other } else { nil }
        }
        guard !parts.isEmpty, Set(parts.map(\.name)).count == parts.count,
            Set(kinds).count == kinds.count, others.allSatisfy(parts.indices.contains)
        else {
            throw HoldfastError(.invalid, "\(call.operation): its parts cannot be told apart")
        }
        self.parts = parts
    }

    /// Which part a record or a row belongs to, or nothing.
    func part(of record: Record) -> Int? {
        parts.firstIndex { part in
            part.hasRows
                ? record.namespace.isEmpty && record.key == part.name
                : record.namespace == Bytes(part.select.namespace)
                    && part.select.scope.includes(isItem: !record.id.isZero)
        }
    }

    /// Looks at a record or a row by itself.
    ///
    /// - Parameters:
    ///   - record: as it came.
    ///   - index: of its part.
    ///   - count: how many came before it for this part.
    /// - Returns: what is wrong with it, or nothing.
    func problem(_ record: Record, in index: Int, count: Int) -> String? {
        let part = parts[index]
        let limit =
            switch part.rule {
            case .ofRecords: Int.max
            case .none: 0
            case .whole, .anyOrder, .rows: part.select.answer == .count ? 1 : part.select.limit
            }
        if count >= limit { return "more than the \(limit) records of \"\(part.name)\" that were asked for" }
        if part.hasRows { return nil }
        if record.version.isZero { return "a record without a version" }
        if !record.flags.isDisjoint(with: [.removed, .floor]) {
            return "a tombstone, which readers never see"
        }
        if let problem = Self.textProblem(record.key) { return problem }
        return record.key.hasPrefix(Bytes(part.select.key ?? part.select.prefix))
            ? nil : "a key without the prefix that was asked for"
    }

    private static func textProblem(_ key: Bytes) -> String? {
        if key.isEmpty { return "an empty key" }
        guard let text = key.validatedString else { return "a key that is not UTF-8" }
        return text.utf8.contains(0) ? "a key with a NUL character" : nil
    }

    /// What is wrong with a whole answer, or nothing.
    func problem(in answers: [[Record]]) -> String? {
        for (part, records) in zip(parts, answers) {
            let problem: String? =
                switch part.rule {
                case .whole: SelectCheck(part.select).problem(in: records)
                case .anyOrder: problem(of: records, part.select, isOrdered: false)
                case .ofRecords(let other):
                    problem(of: records, part.select, isOrdered: true)
                        ?? Self.strangers(records, to: answers[other])
                case .none, .rows: nil
                }
            if let problem { return "\(problem), in \"\(part.name)\"" }
        }
        return nil
    }

    private func problem(of records: [Record], _ select: Select, isOrdered: Bool) -> String? {
        var select = select
        select.order = []
        select.after = nil
        if isOrdered { return SelectCheck(select).problem(in: records) }
        for record in records {
            if let problem = SelectCheck(select).problem(in: [record]) { return problem }
        }
        let places = Set(records.map { Query.Cursor(address: $0.address, id: $0.id) })
        return places.count == records.count ? nil : "a record twice"
    }

    private static func strangers(_ records: [Record], to others: [Record]) -> String? {
        let keys = Set(others.map(\.key))
        return records.allSatisfy { keys.contains($0.key) } ? nil : "a record that belongs to none"
    }
}

extension Select.Scope {
    /// Whether items, or documents, are looked at.
    fileprivate func includes(isItem: Bool) -> Bool {
        switch self {
        case .documents: !isItem
        case .items: isItem
        case .all: true
        }
    }
}
