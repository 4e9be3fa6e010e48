internal import CHoldfastProvider
internal import HoldfastModel

/// Takes what a plugin answers to one question, and believes none of it.
class AnswerCollector {
    /// What the plugin did wrong, the first time it did.
    private(set) var violation: Violation?

    /// A broken rule.
    struct Violation {
        let code: HoldfastError.Code
        let rule: String
    }

    /// Takes records; a collector of something else is not asked for them.
    func take(_ records: UnsafePointer<hf_record>?, count: Int, stride: Int) -> Int32 {
        stop(.internal, "records where none were asked for")
    }

    /// Takes one entry of a log.
    func take(entry: hf_bytes, lsn: UInt64) -> Int32 {
        stop(.internal, "a log entry where none was asked for")
    }

    /// Takes one finding of a log's check.
    func take(finding: UnsafePointer<hf_log_finding>?) -> Int32 {
        stop(.internal, "a finding where none was asked for")
    }

    /// Takes note of a broken rule and asks the plugin to stop.
    final func stop(_ code: HoldfastError.Code, _ rule: String) -> Int32 {
        if violation == nil { violation = Violation(code: code, rule: rule) }
        return 1
    }
}

/// Takes records of a store, once it is clear that their bytes can be read.
class StoreCollector: AnswerCollector {
    /// What was taken so far.
    final var records: [Record] = []

    private static let recordByteCount = unsafe MemoryLayout<hf_record>.size

    /// Where records begin, or nothing where their place breaks a rule.
    final func start(
        of records: UnsafePointer<hf_record>?, count: Int, stride: Int
    ) -> UnsafeRawPointer? {
        guard let records = unsafe records, count > 0 else {
            _ = stop(.internal, "\(count) records at NULL")
            return nil
        }
        guard stride >= Self.recordByteCount, stride % 8 == 0, stride < 1 << 16 else {
            _ = stop(
                .internal, "records \(stride) bytes apart, expected \(Self.recordByteCount) or more")
            return nil
        }
        return unsafe UnsafeRawPointer(records)
    }

    /// What is wrong with the sizes of a record.
    static func sizeProblem(_ record: UnsafePointer<hf_record>) -> String? {
        let size = unsafe record.pointee.struct_size
        guard size >= UInt32(recordByteCount) else {
            return "a record with struct_size \(size), expected \(recordByteCount)"
        }
        return unsafe sizeProblem("namespace", record.pointee.ns, Limits.namespaceByteCountMax)
            ?? sizeProblem("key", record.pointee.key, Limits.keyByteCountMax)
            ?? sizeProblem("value", record.pointee.value, 1 << 30)
    }

    private static func sizeProblem(_ name: String, _ bytes: hf_bytes, _ maximum: Int) -> String? {
        let size = unsafe bytes.size
        if unsafe bytes.data == nil, size > 0 { return "a \(name) of \(size) bytes at NULL" }
        return size > maximum ? "a \(name) of \(size) bytes, at most \(maximum) can be" : nil
    }
}

/// Takes the records that answer one read or query.
///
/// Keys and values of one sink call are copied once, into one allocation that the records share; a namespace or key that
/// the question named is not copied at all.
final class RecordCollector: StoreCollector {
    /// What was asked.
    enum Question {
        case document(Address)
        case query(Query)
        /// Records of a query in an order of its own, which is checked when all are there.
        case selection(Query)
        /// At most so many rows: only their values mean anything.
        case rows(UInt64)
    }

    private let question: Question
    private let limit: UInt64
    private let now: Int64
    /// Documents that came behind the floor of their key: the two count once towards the limit.
    private var sharedCount = 0
    private var last: (address: Address, id: Version, isFloor: Bool)?

    /// Starts with no records.
    ///
    /// - Parameters:
    ///   - question: what was asked, against which every record is checked.
    ///   - now: Unix milliseconds; what is past its expiry is left out.
    init(_ question: Question, now: Int64) {
        self.question = question
        self.now = now
        limit =
            switch question {
            case .document: 1
            case .query(let query), .selection(let query): query.limit
            case .rows(let limit): limit
            }
    }

    override func take(_ records: UnsafePointer<hf_record>?, count: Int, stride: Int) -> Int32 {
        guard violation == nil, count != 0 else { return violation == nil ? 0 : 1 }
        guard let start = unsafe start(of: records, count: count, stride: stride) else { return 1 }
        var byteCount = 0
        for position in 0..<count {
            let record = unsafe (start + position * stride).assumingMemoryBound(to: hf_record.self)
            if let problem = unsafe Self.sizeProblem(record) { return stop(.internal, problem) }
            byteCount += unsafe record.pointee.ns.size + record.pointee.key.size + record.pointee.value.size
        }
        var pool = unsafe CopyPool(byteCount: byteCount) { (copy: (UnsafePointer<hf_record>) -> Void) in
            for position in 0..<count {
                unsafe copy((start + position * stride).assumingMemoryBound(to: hf_record.self))
            }
        }
        for position in 0..<count {
            let foreign = unsafe (start + position * stride).assumingMemoryBound(to: hf_record.self)
            let record = unsafe pool.next(foreign, known: last?.address ?? knownAddress)
            if let last, last.isFloor, last.address == record.address {
                sharedCount += record.id.isZero ? 1 : 0
            }
            if let problem = problem(record) { return stop(.corrupt, problem) }
            last = (record.address, record.id, record.flags.contains(.floor))
            if !isRaw, record.isExpired(at: now) { continue }
            self.records.append(record)
        }
        return 0
    }

    private var isRaw: Bool {
        if case .query(let query) = question { query.scope.contains(.raw) } else { false }
    }

    private var knownAddress: Address {
        switch question {
        case .document(let address): address
        case .query(let query), .selection(let query):
            Address(namespace: query.namespace, key: query.keyPrefix)
        case .rows: Address(namespace: .empty, key: .empty)
        }
    }

    /// What is wrong with a record as an answer to the question.
    private func problem(_ record: Record) -> String? {
        if UInt64(records.count - sharedCount) >= limit {
            return "more than the \(limit) records that were asked for"
        }
        if case .rows = question { return nil }
        if record.version.isZero { return "a record without a version" }
        if !isRaw, !record.flags.isDisjoint(with: [.removed, .floor]) {
            return "a tombstone, which readers never see"
        }
        switch question {
        case .document(let address):
            if record.address != address { return "a record of another key" }
            return record.id.isZero ? nil : "an item where the document was asked for"
        case .query(let query): return problem(record, in: query) ?? orderProblem(record, in: query)
        case .selection(let query): return problem(record, in: query)
        case .rows: return nil
        }
    }

    private func problem(_ record: Record, in query: Query) -> String? {
        if let text = textProblem(record) { return text }
        let spansAll = isRaw && query.namespace.isEmpty
        if !spansAll, record.namespace != query.namespace { return "a record of another namespace" }
        if !record.key.hasPrefix(query.keyPrefix) { return "a key without the prefix that was asked for" }
        if !record.flags.contains(.floor) {
            let wanted: Query.Scope = record.id.isZero ? .documents : .items
            if !query.scope.contains(wanted) {
                return record.id.isZero
                    ? "a document where items were asked for" : "an item where documents were asked for"
            }
        }
        return nil
    }

    private func orderProblem(_ record: Record, in query: Query) -> String? {
        if let after = query.after, !follows(record.address, record.id, after.address, after.id, query) {
            return "a record at or before the place to resume from"
        }
        guard let last else { return nil }
        if last.isFloor, last.address == record.address, last.id == record.id, !record.flags.contains(.floor)
        {
            return nil
        }
        return follows(record.address, record.id, last.address, last.id, query) ? nil : "records out of order"
    }

    private func follows(
        _ address: Address, _ id: Version, _ earlier: Address, _ earlierID: Version, _ query: Query
    ) -> Bool {
        if address == earlier { return query.scope.contains(.reversed) ? id < earlierID : id > earlierID }
        return query.scope.contains(.reversed) ? address < earlier : address > earlier
    }

    private func textProblem(_ record: Record) -> String? {
        if let last, last.address == record.address { return nil }
        for (name, text) in [("namespace", record.namespace), ("key", record.key)] {
            if text.isEmpty { return "an empty \(name)" }
            guard let string = text.validatedString else { return "a \(name) that is not UTF-8" }
            if string.utf8.contains(0) { return "a \(name) with a NUL character" }
        }
        return nil
    }
}
