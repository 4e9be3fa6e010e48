internal import HoldfastProviderKit
internal import HoldfastSupport

/// The log role: entries in a stream that one process holds.
final class RedisLog {
    /// The largest entry that is taken, in bytes.
    private static let entryByteCountMax = 256 << 20
    /// About how many bytes one read asks for at a time: the server does nothing else meanwhile.
    private static let pageByteCountMax: UInt64 = 4 << 20
    /// The layout that this plugin writes.
    private static let layout = 1

    private let host: HostServices
    private let options: RedisOptions
    private let connection: RedisConnection
    private let server: RedisServer
    private let names: RedisNames
    private let identity: String
    private let holder: RedisLogHolder
    /// The highest LSN that was given out.
    private var last: UInt64

    /// Connects, and takes a log that no other process holds.
    init(_ request: OpenRequest, host: HostServices, call: CallContext) throws(ProviderError) {
        options = try RedisOptions(request.options, role: .log)
        self.host = host
        names = RedisNames(prefix: options.keyPrefix)
        holder = RedisLogHolder()
        (connection, server) = try RedisConnection.open(options, host: host, call: call)
        guard server.isDurable || !options.requiresDurable else { throw Self.volatile }
        if !server.isDurable {
            RedisNotices.say(
                .warning,
                "this log is on a server that may lose entries that it has acknowledged (\"require_durable\" "
                    + "is false): what no backend has yet is then lost with them", of: request.instance,
                host: host)
        }
        let claim = try holder.claim(connection, names, server, layout: Self.layout, call)
        identity = claim.identity
        last = claim.last
        guard claim.layout <= Int64(Self.layout) else {
            throw ProviderError(
                .unsupported,
                "the log \(names.logHead) has layout \(claim.layout), this plugin knows up to "
                    + "\(Self.layout): use a newer one")
        }
        try checkEnds(call)
    }

    private static let volatile = ProviderError(
        .permission,
        "an append to this server does not survive its end: a log needs appendonly yes, appendfsync always, "
            + "no-appendfsync-on-rewrite no, and CONFIG GET to see them; set \"require_durable: false\" "
            + "to lose the latest entries with the server")

    /// Fails where the stream does not end where the log does: it was changed by others.
    private func checkEnds(_ call: CallContext) throws(ProviderError) {
        let bounds = try bounds(call: call)
        var found: UInt64?
        try connection.run(RedisPipeline("XREVRANGE", names.logStream, "+", "-", "COUNT", "1"), call: call) {
            _, reply throws(ProviderError) in
            guard reply.count > 0 else { return }
            let id = try reply.element(0).element(0).text
            found = UInt64(id.prefix { $0 != "-" })
        }
        guard found == (bounds.first > bounds.last ? nil : bounds.last) else {
            throw ProviderError(
                .corrupt,
                "the stream \(names.logStream) ends with entry \(found.map(String.init) ?? "none"), its log "
                    + "ends with \(bounds.last)")
        }
    }
}

extension RedisLog: LogDriver {
    var info: StoreInfo {
        // Without a sync before each answer a restart may lose entries, and then give out their LSNs again.
        let life = server.isDurable ? "" : ".\(server.runID.prefix(20))"
        return StoreInfo(
            capabilities: server.isDurable ? [.durable] : [], incarnation: identity + life, storeCountMax: 1,
            valueByteCountMax: UInt64(Self.entryByteCountMax))
    }

    func ping(integrity: Bool, call: CallContext) throws(ProviderError) {
        let bounds = try bounds(call: call)
        guard integrity else { return }
        var next = bounds.first
        while next <= bounds.last {
            let start = next
            try page(from: next, byteCountMax: Self.pageByteCountMax, call) { lsn, _ throws(ProviderError) in
                guard lsn == next else { throw missing(next) }
                next = lsn + 1
                return true
            }
            guard next > start else { throw missing(next) }
        }
    }

    func append(_ entries: EntryBuffer, call: CallContext) throws(ProviderError) -> UInt64 {
        for entry in entries where entry.count > Self.entryByteCountMax {
            throw ProviderError(
                .invalid,
                "an entry has \(entry.count) bytes, this log takes at most \(Self.entryByteCountMax)")
        }
        let first = last + 1
        guard !entries.isEmpty else { return first }
        let byteCount = entries.reduce(0) { $0 + $1.count }
        let arguments = RedisArguments(
            count: 5 + 2 * entries.count, byteCount: byteCount + 64 * entries.count + 512
        ) { [self] pipeline in
            pipeline.append(names.prefix)
            pipeline.append(holder.token)
            pipeline.append(first - 1)
            pipeline.append(byteCount)
            pipeline.append(options.byteCountMax)
            for (index, entry) in entries.enumerated() {
                pipeline.append(Self.checksum(first + UInt64(index), entry))
                pipeline.append(entry)
            }
        }
        try connection.run(RedisLogScripts.append, call: call, writes: true, arguments) {
            reply throws(ProviderError) in
            guard reply.integer == Int64(first) + Int64(entries.count) - 1 else {
                throw RedisReply.strange("an append that ends at \(reply.text)")
            }
        }
        last += UInt64(entries.count)
        return first
    }

    func read(
        from lsn: UInt64, byteCountMax: UInt64, into sink: inout EntrySink, call: CallContext
    ) throws(ProviderError) {
        var next = lsn
        var left = byteCountMax
        var isFull = false
        while !isFull {
            let start = next
            try page(from: next, byteCountMax: min(left, Self.pageByteCountMax), call) {
                found, entry throws(ProviderError) in
                next = found + 1
                left -= min(left, UInt64(entry.count))
                if !sink.push(lsn: found, entry) || left == 0 { isFull = true }
                return !isFull
            }
            guard next > start, next <= last else { return }
        }
    }

    func bounds(call: CallContext) throws(ProviderError) -> LogBounds {
        var bounds = LogBounds(first: 1, last: 0, byteCount: 0)
        try connection.run(RedisLogScripts.bounds, call: call, writes: false, RedisArguments([names.prefix]))
        {
            reply throws(ProviderError) in
            guard try reply.element(0).text == holder.token else { throw RedisFailure.lostLog }
            bounds = LogBounds(
                first: UInt64(clamping: try reply.element(1).integer),
                last: UInt64(clamping: try reply.element(2).integer),
                byteCount: UInt64(clamping: try reply.element(3).integer))
        }
        return bounds
    }

    func trim(before lsn: UInt64, call: CallContext) throws(ProviderError) {
        guard lsn > 1 else { return }
        let words = [names.prefix, holder.token, String(min(lsn, last + 1))]
        try connection.run(RedisLogScripts.trim, call: call, writes: true, RedisArguments(words))
    }

    func close() {
        guard !connection.isDead else { return }
        // Should the server not answer, it notices the end of the session by itself.
        try? holder.release(connection, names, .unbounded)
    }

    // MARK: - Entries

    private func page(
        from lsn: UInt64, byteCountMax: UInt64, _ call: CallContext,
        _ body: (UInt64, BorrowedBytes) throws(ProviderError) -> Bool
    ) throws(ProviderError) {
        let words = [names.prefix, identity, String(lsn), String(byteCountMax)]
        try connection.run(RedisLogScripts.read, call: call, writes: false, RedisArguments(words)) {
            reply throws(ProviderError) in
            for index in stride(from: 0, to: reply.count, by: 3) {
                let found = UInt64(clamping: try reply.element(index).integer)
                let entry = try reply.bytes(index + 2)
                guard try reply.element(index + 1).integer == Self.checksum(found, entry) else {
                    throw ProviderError(
                        .corrupt, "entry \(found) of \(names.logStream) does not have its checksum")
                }
                guard try body(found, entry) else { return }
            }
        }
    }

    private func missing(_ lsn: UInt64) -> ProviderError {
        ProviderError(.corrupt, "entry \(lsn) of \(names.logStream) is missing")
    }

    private static func checksum(_ lsn: UInt64, _ entry: BorrowedBytes) -> Int64 {
        let seed = unsafe withUnsafeBytes(of: lsn.bigEndian) { unsafe CRC32C.checksum($0) }
        return Int64(unsafe entry.withUnsafeBytes { unsafe CRC32C.checksum($0, seed: seed) })
    }
}
