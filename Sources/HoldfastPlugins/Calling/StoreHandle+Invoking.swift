internal import CHoldfastProvider
internal import HoldfastModel
internal import HoldfastSupport

extension StoreHandle {
    /// Lets the plugin answer an operation of the domain whole.
    ///
    /// - Returns: for each part its records or rows; nothing where the plugin does not name the operation, or leaves it to
    ///   the host.
    /// - Throws: `corrupt` or `internal` for an answer that is not one of this call.
    func invoke(
        _ call: DomainCall, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> [[Record]]? {
        guard extensions.operations.contains(call.operation), let table = unsafe extensions.domain,
            let function = unsafe table.invoke
        else { return nil }
        let check = try DomainCheck(call)
        let collector = DomainCollector(check, now: clock.unixMilliseconds)
        let question = Bytes(call.text)
        let name = "\(call.operation) of \(HF_EXT_DOMAIN)"
        do throws(HoldfastError) {
            _ = try unsafe invoke(name, frame, context, collectors: [collector]) { store, frame, sinks in
                unsafe call.operation.withCString {
                    unsafe function(store, frame, $0, hf_bytes(question), sinks)
                }
            }
        } catch {
            guard error.code == .unsupported else { throw error }
            return nil
        }
        withExtendedLifetime(question) {}
        if let problem = check.problem(in: collector.parts) { throw broken(name, .corrupt, problem) }
        return collector.parts
    }
}

extension DomainCall {
    /// What a plugin is asked: `{"arguments":{…},"queries":{"…":{…}}}`.
    var text: [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("arguments", json: arguments.array)
            object.member("queries") { queries in
                queries.object { object in
                    for part in parts { object.member(part.name, json: part.query.array) }
                }
            }
        }
        return writer.bytes
    }
}

/// Takes the records and rows that answer an operation, each for the part that it belongs to.
///
/// A record belongs to the part that is about its namespace; a row has no namespace, and the name of its part as its key.
final class DomainCollector: StoreCollector {
    /// What was taken so far, by part.
    private(set) var parts: [[Record]]
    private let check: DomainCheck
    private let now: Int64
    private var recordCount = 0
    private var byteCount = 0
    private var last = Address(namespace: .empty, key: .empty)

    /// Starts with nothing.
    ///
    /// - Parameters:
    ///   - check: what every record is held against.
    ///   - now: Unix milliseconds; what is past its expiry is left out.
    init(_ check: DomainCheck, now: Int64) {
        self.check = check
        self.now = now
        parts = Array(repeating: [], count: check.parts.count)
    }

    override func take(_ records: UnsafePointer<hf_record>?, count: Int, stride: Int) -> Int32 {
        guard violation == nil, count != 0 else { return violation == nil ? 0 : 1 }
        guard let start = unsafe start(of: records, count: count, stride: stride) else { return 1 }
        recordCount += count
        guard count <= DomainCall.recordCountMax, recordCount <= DomainCall.recordCountMax else {
            return stop(.internal, "more than \(DomainCall.recordCountMax) records")
        }
        var taken = 0
        for position in 0..<count {
            let record = unsafe (start + position * stride).assumingMemoryBound(to: hf_record.self)
            if let problem = unsafe Self.sizeProblem(record) { return stop(.internal, problem) }
            taken += unsafe record.pointee.ns.size + record.pointee.key.size + record.pointee.value.size
            guard byteCount + taken <= DomainCall.byteCountMax else {
                return stop(.internal, "more than \(DomainCall.byteCountMax) bytes")
            }
        }
        byteCount += taken
        var pool = unsafe CopyPool(byteCount: taken) { (copy: (UnsafePointer<hf_record>) -> Void) in
            for position in 0..<count {
                unsafe copy((start + position * stride).assumingMemoryBound(to: hf_record.self))
            }
        }
        for position in 0..<count {
            let foreign = unsafe (start + position * stride).assumingMemoryBound(to: hf_record.self)
            let record = unsafe pool.next(foreign, known: last)
            guard let part = check.part(of: record) else {
                return stop(.corrupt, "a record or row of no part of the operation")
            }
            if let problem = check.problem(record, in: part, count: parts[part].count) {
                return stop(.corrupt, problem)
            }
            last = record.address
            if record.isExpired(at: now) { continue }
            parts[part].append(record)
        }
        return 0
    }
}
