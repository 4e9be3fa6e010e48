internal import HoldfastModel
internal import HoldfastSupport

/// An open write-ahead log behind a plugin.
///
/// Whatever callers append while one append runs goes to the plugin with the next: that is group commit.
final class PluginLogStore: LogStore {
    let info: StoreInfo
    private let session: LogSession

    init(_ session: LogSession) {
        self.session = session
        info = session.info
    }

    deinit { session.end(SessionEnd.closed(session.label)) }

    func append(_ entries: [Bytes], _ context: CallContext) async throws(HoldfastError) -> UInt64 {
        guard !entries.isEmpty else {
            throw HoldfastError(.invalid, "\(session.label): no entry to append, expected one or more")
        }
        if let inline = session.inline {
            return try inline.call(session.label) { log, frame throws(HoldfastError) in
                try log.append(entries, frame, context)
            }
        }
        guard case .lsn(let lsn) = try await session.write(.append(entries), context) else { return 0 }
        return lsn
    }

    func read(
        from lsn: UInt64, byteCountMax: Int, _ context: CallContext
    ) async throws(HoldfastError) -> [LogRecord] {
        let answer = try await read(context) { log, frame, context throws(HoldfastError) in
            .entries(try log.read(from: max(lsn, 1), byteCountMax: byteCountMax, frame, context))
        }
        guard case .entries(let entries) = answer else { return [] }
        return entries
    }

    func bounds(_ context: CallContext) async throws(HoldfastError) -> LogBounds {
        let answer = try await read(context) { log, frame, context throws(HoldfastError) in
            .bounds(try log.bounds(frame, context))
        }
        guard case .bounds(let bounds) = answer else { return LogBounds(first: 1, last: 0, byteCount: 0) }
        return bounds
    }

    func trim(before lsn: UInt64, _ context: CallContext) async throws(HoldfastError) {
        _ = try await write(context, isWrite: false) { log, frame, context throws(HoldfastError) in
            try log.trim(before: lsn, frame, context)
            return .done
        }
    }

    func verify(_ context: CallContext) async throws(HoldfastError) -> [LogFinding] {
        let answer = try await write(context, isWrite: false) { log, frame, context throws(HoldfastError) in
            .findings(try log.verify(frame, context))
        }
        guard case .findings(let findings) = answer else { return [] }
        return findings
    }

    func salvage(_ context: CallContext) async throws(HoldfastError) -> UInt64 {
        let answer = try await write(context, isWrite: true) { log, frame, context throws(HoldfastError) in
            .lsn(try log.salvage(frame, context))
        }
        guard case .lsn(let lsn) = answer else { return 0 }
        return lsn
    }

    func close() async { await session.close() }

    private typealias Call =
        @Sendable (LogBackend, CallFrame, CallContext) throws(HoldfastError) -> LaneAnswer

    private func read(_ context: CallContext, _ body: @escaping Call) async throws(HoldfastError)
        -> LaneAnswer
    {
        if let inline = session.inline { return try call(inline, context, body) }
        return try await session.read(.other(isWrite: false, body), context)
    }

    private func write(
        _ context: CallContext, isWrite: Bool, _ body: @escaping Call
    ) async throws(HoldfastError) -> LaneAnswer {
        if let inline = session.inline { return try call(inline, context, body) }
        return try await session.write(.other(isWrite: isWrite, body), context)
    }

    private func call(
        _ inline: InlineCaller<LogBackend>, _ context: CallContext, _ body: Call
    ) throws(HoldfastError) -> LaneAnswer {
        try inline.call(session.label) { log, frame throws(HoldfastError) in try body(log, frame, context) }
    }
}
