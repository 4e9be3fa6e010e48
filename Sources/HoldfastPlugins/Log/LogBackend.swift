internal import HoldfastModel
internal import HoldfastSupport

/// An open log: the plugin's own, or one that is made of its primitives.
final class LogBackend: LaneResource {
    /// What it can do; the incarnation is the identity of the log.
    let info: StoreInfo
    /// `wal (file-log)`, for messages.
    let label: String
    private let handle: StoreHandle
    private let primitive: PrimitiveLog?
    /// Checking and salvaging have the store to themselves.
    private let calls = Monitor((running: 0, isExclusive: false))

    /// Takes over a handle; blocks, because a log of primitives is read first.
    init(_ handle: StoreHandle, name: String, _ context: CallContext) throws(HoldfastError) {
        self.handle = handle
        label = handle.label
        var info = handle.info
        if handle.hasLog {
            primitive = nil
        } else {
            let log = try PrimitiveLog(handle, name: name, CallFrame(), context)
            primitive = log
            info.incarnation = log.identity
            info.capabilities.remove(.concurrent)
            if handle.canFlush { info.capabilities.insert(.durable) }
        }
        self.info = info
    }

    func close() { handle.close() }

    /// Takes note of one more lane that calls it.
    func share() { handle.share() }

    func append(
        _ entries: [Bytes], _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> UInt64 {
        try together { () throws(HoldfastError) in
            if let primitive { return try primitive.append(entries, frame, context) }
            return try handle.appendLog(entries, frame, context)
        }
    }

    func read(
        from lsn: UInt64, byteCountMax: Int, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> [LogRecord] {
        try together { () throws(HoldfastError) in
            if let primitive {
                return try primitive.read(from: lsn, byteCountMax: byteCountMax, frame, context)
            }
            return try handle.readLog(from: lsn, byteCountMax: byteCountMax, frame, context)
        }
    }

    func bounds(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> LogBounds {
        try together { () throws(HoldfastError) in
            if let primitive { return primitive.bounds }
            return try handle.logBounds(frame, context)
        }
    }

    func trim(before lsn: UInt64, _ frame: CallFrame, _ context: CallContext) throws(HoldfastError) {
        try together { () throws(HoldfastError) in
            if let primitive { return try primitive.trim(before: lsn, frame, context) }
            try handle.trimLog(before: lsn, frame, context)
        }
    }

    func verify(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> [LogFinding] {
        try alone { () throws(HoldfastError) in
            if let primitive { return try primitive.verify(frame, context) }
            return try handle.verifyLog(frame, context)
        }
    }

    func salvage(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> UInt64 {
        try alone { () throws(HoldfastError) in try handle.salvageLog(frame, context) }
    }

    private func together<Value>(_ body: () throws(HoldfastError) -> Value) throws(HoldfastError) -> Value {
        calls.withLock { calls -> Monitor<(running: Int, isExclusive: Bool)>.Step<Void> in
            guard !calls.isExclusive else { return .wait }
            calls.running += 1
            return .done(())
        }
        defer {
            calls.withLock { $0.running -= 1 }
            calls.broadcast()
        }
        return try body()
    }

    private func alone<Value>(_ body: () throws(HoldfastError) -> Value) throws(HoldfastError) -> Value {
        calls.withLock { calls -> Monitor<(running: Int, isExclusive: Bool)>.Step<Void> in
            guard !calls.isExclusive, calls.running == 0 else { return .wait }
            calls.isExclusive = true
            return .done(())
        }
        defer {
            calls.withLock { $0.isExclusive = false }
            calls.broadcast()
        }
        return try body()
    }
}
