internal import CHoldfastProvider
private import Glibc

/// What the host offers to a plugin; may be kept, and used from any thread.
@safe public struct HostServices: @unchecked Sendable {
    // @unchecked: the host's functions may be called from any thread and live as long as the process.
    private let host: hf_host

    init(_ host: UnsafePointer<hf_host>?) {
        unsafe self.host = host.map { unsafe knownFields(of: $0, hf_host()) } ?? hf_host()
    }

    /// How much a line of the log matters.
    public enum LogLevel: Int32, Sendable {
        /// Single steps.
        case trace = 0
        /// For whoever looks for a defect.
        case debug = 1
        /// Something that an operator may want to know.
        case info = 2
        /// Something that an operator should look at.
        case warning = 3
        /// Something failed.
        case error = 4
    }

    /// Writes a line into the host's log.
    ///
    /// - Parameters:
    ///   - level: how much it matters.
    ///   - source: the instance's name or the plugin's.
    ///   - message: one sentence, no secret.
    public func log(_ level: LogLevel, source: String, _ message: String) {
        guard let write = unsafe host.log else { return }
        var source = source
        var message = message
        source.withUTF8 { source in
            message.withUTF8 { message in
                unsafe write(
                    host.context, level.rawValue, hf_bytes(data: source.baseAddress, size: source.count),
                    hf_bytes(data: message.baseAddress, size: message.count))
            }
        }
    }

    /// Nanoseconds that never go back: the clock of deadlines.
    public var monotonicNanoseconds: Int64 {
        guard let read = unsafe host.monotonic_ns else { return Self.nanoseconds(of: CLOCK_MONOTONIC) }
        return unsafe read(host.context)
    }

    /// Unix milliseconds, which may jump: the clock of expiry.
    public var unixMilliseconds: Int64 {
        guard let read = unsafe host.unix_ms else { return Self.nanoseconds(of: CLOCK_REALTIME) / 1_000_000 }
        return unsafe read(host.context)
    }

    /// Asks for more time for a call that opens, from its own thread: for work on what is stored that is done once.
    ///
    /// - Parameters:
    ///   - call: the one that runs; its deadline moves.
    ///   - time: from now on, in whole seconds; ten minutes at the most, as often as it takes.
    ///   - purpose: what is done meanwhile, for the operator.
    /// - Returns: whether there is more; not for any other call, nor by a host that lacks `holdfast.patience/1`.
    public func extend(_ call: CallContext, by time: Duration, _ purpose: String) -> Bool {
        guard let find = unsafe host.get_extension, let table = unsafe find(host.context, HF_EXT_PATIENCE)
        else {
            return false
        }
        let patience = unsafe knownFields(
            of: table.assumingMemoryBound(to: hf_ext_patience.self), hf_ext_patience())
        guard let extend = unsafe patience.extend else { return false }
        let deadline = monotonicNanoseconds + time.components.seconds * 1_000_000_000
        var purpose = purpose
        return purpose.withUTF8 { purpose in
            let purpose = unsafe hf_bytes(data: purpose.baseAddress, size: purpose.count)
            return unsafe extend(host.context, call.call, deadline, purpose) == HF_OK
        }
    }

    /// Finds a value inside JSON text.
    ///
    /// - Parameters:
    ///   - pointer: an RFC 6901 pointer, such as `/user/name`.
    ///   - json: the text.
    ///   - body: takes strings unescaped, other scalars as text, containers as JSON.
    /// - Returns: whether there is such a value.
    /// - Throws: `invalid` for text that is not JSON, `unsupported` by a host that lacks it.
    public func find(
        _ pointer: String, in json: BorrowedBytes, _ body: (BorrowedBytes) -> Void
    ) throws(ProviderError) -> Bool {
        guard let search = unsafe host.json_get else {
            throw ProviderError(.unsupported, "this host does not offer json_get")
        }
        var pointer = pointer
        let status = pointer.withUTF8 { pointer in
            withoutActuallyEscaping(body) { body in
                var found = body
                return unsafe withUnsafeMutablePointer(to: &found) { found in
                    unsafe search(
                        host.context, json.crossing, hf_bytes(data: pointer.baseAddress, size: pointer.count),
                        { context, value in
                            unsafe context?.assumingMemoryBound(to: ((BorrowedBytes) -> Void).self)
                                .pointee(BorrowedBytes(value))
                        }, found)
                }
            }
        }
        switch status {
        case hf_status(HF_OK): return true
        case hf_status(HF_NOT_FOUND): return false
        default: throw ProviderError(ProviderError.Code(rawValue: status) ?? .internal, "json_get failed")
        }
    }

    /// Whether top-level members of a JSON value equal the scalars that a query asks for.
    ///
    /// What is not a JSON object matches nothing.
    public func matches(_ value: BorrowedBytes, _ matches: MatchBuffer) -> Bool {
        if matches.isEmpty { return true }
        if let compare = unsafe host.json_match {
            return unsafe compare(host.context, value.crossing, matches.start, matches.count) == HF_OK
        }
        guard let document = try? JSONValue(parsing: value) else { return false }
        return matches.allSatisfy { match in
            guard let expected = try? JSONValue(parsing: match.json), let field = match.field.string else {
                return false
            }
            return document[field] == expected
        }
    }

    private static func nanoseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
