internal import CHoldfastProvider
internal import HoldfastModel
internal import HoldfastSupport

extension StoreHandle {
    /// Answers questions, in one round trip where the plugin can.
    func read(
        _ requests: [ReadRequest], _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> [[Record]] {
        guard requests.count > 1 else {
            guard let request = requests.first, request.range?.limit != 0 else {
                return requests.map { _ in [] }
            }
            return [try read(request, frame, context)]
        }
        // Many who read one conversation at the same time ask one question.
        var places: [ReadRequest: Int] = [:]
        var wanted: [ReadRequest] = []
        for request in requests where request.range?.limit != 0 && places[request] == nil {
            places[request] = wanted.count
            wanted.append(request)
        }
        var answers: [[Record]] = []
        if wanted.count > 1, let batch = extensions.batch, unsafe batch.read != nil {
            answers = try readTogether(wanted, frame, context)
        } else {
            for request in wanted { answers.append(try read(request, frame, context)) }
        }
        guard wanted.count < requests.count else { return answers }
        return requests.map { request in places[request].map { answers[$0] } ?? [] }
    }

    private func read(
        _ request: ReadRequest, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> [Record] {
        let collector = collector(for: request)
        let namespace = unsafe hf_bytes(request.address.namespace)
        let key = unsafe hf_bytes(request.address.key)
        let status: ForeignStatus
        if let page = request.range {
            var range = hf_range(page)
            status = try unsafe invoke("get_list", frame, context, collectors: [collector]) {
                store, call, sinks in
                unsafe functions.get_list?(store, call, namespace, key, &range, sinks)
            }
        } else {
            status = try unsafe invoke("get", frame, context, collectors: [collector]) { store, call, sinks in
                unsafe functions.get?(store, call, namespace, key, sinks)
            }
        }
        withExtendedLifetime(request) {}
        if status == .notFound, !collector.records.isEmpty {
            throw broken(request.range == nil ? "get" : "get_list", .corrupt, "HF_NOT_FOUND and a record")
        }
        return collector.records
    }

    /// Many questions in one call.
    private func readTogether(
        _ requests: [ReadRequest], _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> [[Record]] {
        let collectors = requests.map(collector(for:))
        var addresses = unsafe requests.map { request in
            unsafe hf_record(Record(namespace: request.address.namespace, key: request.address.key))
        }
        let ranges = UnsafeMutablePointer<hf_range>.allocate(capacity: requests.count)
        defer { unsafe ranges.deallocate() }
        var pointers: [UnsafePointer<hf_range>?] = unsafe []
        for (position, request) in requests.enumerated() {
            unsafe (ranges + position).initialize(to: hf_range(request.range ?? ReadRequest.Range()))
            unsafe pointers.append(request.range == nil ? nil : UnsafePointer(ranges + position))
        }
        let stride = unsafe MemoryLayout<hf_record>.stride
        _ = try unsafe invoke("read", frame, context, collectors: collectors) { store, call, sinks in
            unsafe extensions.batch?.read?(store, call, &addresses, &pointers, sinks, requests.count, stride)
        }
        withExtendedLifetime(requests) {}
        return collectors.map(\.records)
    }

    private func collector(for request: ReadRequest) -> StoreCollector {
        guard let range = request.range else {
            return RecordCollector(.document(request.address), now: clock.unixMilliseconds)
        }
        return ItemCollector(request.address, range, now: clock.unixMilliseconds)
    }

    /// Scans a namespace.
    func query(_ query: Query, _ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> [Record] {
        if query.scope.contains(.raw), !info.capabilities.contains(.rawScan) {
            throw HoldfastError(.unsupported, "\(label): it has no raw scans (HF_CAP_RAW_SCAN)")
        }
        guard query.limit != 0 else { return [] }
        let collector = RecordCollector(.query(query), now: clock.unixMilliseconds)
        let fields = query.matches.map { Bytes($0.field) }
        var matches = unsafe zip(fields, query.matches).map { field, match in
            unsafe hf_match(field: hf_bytes(field), json: hf_bytes(match.json))
        }
        var request = unsafe hf_query()
        unsafe request.struct_size = UInt32(MemoryLayout<hf_query>.size)
        unsafe request.flags = query.scope.rawValue
        unsafe request.ns = hf_bytes(query.namespace)
        unsafe request.key_prefix = hf_bytes(query.keyPrefix)
        unsafe request.match_count = matches.count
        unsafe request.limit = query.limit == .max ? 0 : query.limit
        if let after = query.after {
            unsafe request.after_key = hf_bytes(after.address.key)
            unsafe request.after_id = hf_version(after.id)
            unsafe request.after_ns = hf_bytes(after.address.namespace)
        }
        _ = try unsafe invoke("query", frame, context, collectors: [collector]) { store, call, sinks in
            unsafe matches.withUnsafeMutableBufferPointer { matches in
                unsafe request.matches = UnsafePointer(matches.baseAddress)
                return unsafe functions.query?(store, call, &request, sinks)
            }
        }
        withExtendedLifetime((query, fields)) {}
        return collector.records
    }

    /// Asks the backend whether it answers; a plugin without `ping` is asked for a document that nobody writes.
    func ping(integrity: Bool, _ frame: CallFrame, _ context: CallContext) throws(HoldfastError) {
        guard unsafe functions.ping != nil else {
            _ = try read([ReadRequest(Address(namespace: "~holdfast", key: "ping"))], frame, context)
            return
        }
        let flags = integrity ? UInt32(HF_CALL_INTEGRITY) : 0
        _ = try unsafe invoke("ping", frame, context, flags: flags) { store, call, _ in
            unsafe functions.ping?(store, call)
        }
    }

    /// Makes what was applied durable; a store that is durable, or cannot be, has nothing to do.
    func flush(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) {
        guard !info.capabilities.contains(.durable), extensions.flush != nil else { return }
        _ = try unsafe invoke("flush", frame, context) { store, call, _ in
            unsafe extensions.flush?.flush?(store, call)
        }
    }
}

extension hf_range {
    /// A page as a plugin sees it.
    init(_ range: ReadRequest.Range) {
        self.init(
            struct_size: UInt32(MemoryLayout<hf_range>.size), reverse: range.reversed ? 1 : 0,
            after: hf_version(range.after), before: hf_version(range.before),
            limit: range.limit == .max ? 0 : range.limit)
    }
}
