internal import HoldfastProviderKit

/// The store role: one connection to a server.
///
/// Several stores may be open on one server, in this process and in others. The server runs one script at a
/// time, so the merge rule and the conditions are decided by one writer at a time, and nobody sees half a
/// batch.
final class RedisStore {
    /// The largest value that is taken, in bytes: the server does nothing else while it takes one.
    static let valueByteCountMax = 16 << 20
    /// The layout of the keys that this plugin writes.
    private static let layout = 1

    let host: HostServices
    let options: RedisOptions
    let connection: RedisConnection
    let server: RedisServer
    let names: RedisNames
    /// Of the content: who finds another one has lost everything.
    let identity: [UInt8]
    private let incarnation: String
    /// When records past their time were last looked for, on the host's monotonic clock.
    var lastPurge: Int64

    /// Connects, and makes the content known where there is none.
    init(_ request: OpenRequest, host: HostServices, call: CallContext) throws(ProviderError) {
        options = try RedisOptions(request.options, role: .store)
        self.host = host
        names = RedisNames(prefix: options.keyPrefix)
        lastPurge = host.monotonicNanoseconds
        (connection, server) = try RedisConnection.open(options, host: host, call: call)
        let identity = try Self.identity(connection, names, call)
        self.identity = Array(identity.utf8)
        incarnation = server.incarnation(identity)
        if let notice = server.persistenceNotice {
            RedisNotices.say(notice.level, notice.message, of: request.instance, host: host)
        }
    }

    /// A text that nobody else has.
    static func freshIdentity() -> String {
        let digits = String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
        return digits + String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
    }

    private static func identity(
        _ connection: RedisConnection, _ names: RedisNames, _ call: CallContext
    ) throws(ProviderError) -> String {
        let arguments = RedisArguments(count: 3) { pipeline in
            pipeline.append(names.prefix)
            pipeline.append(freshIdentity())
            pipeline.append(layout)
        }
        var identity = ""
        try connection.run(RedisScripts.open, call: call, writes: true, arguments) {
            reply throws(ProviderError) in
            let found = try reply.element(0).integer
            guard found <= layout else {
                throw ProviderError(
                    .unsupported,
                    "the store under \(names.prefix) has layout \(found), this plugin knows up to \(layout): "
                        + "use a newer one")
            }
            identity = try reply.element(1).text
        }
        guard !identity.isEmpty else {
            throw ProviderError(.corrupt, "the key \(names.meta) has lost the identity of the content")
        }
        return identity
    }
}

extension RedisStore: StoreDriver {
    var info: StoreInfo {
        var capabilities: StoreInfo.Capabilities = [.multiOpen, .atomicBatch, .conditions, .shared, .rawScan]
        if server.isDurable { capabilities.insert(.durable) }
        return StoreInfo(
            capabilities: capabilities, incarnation: incarnation,
            valueByteCountMax: UInt64(Self.valueByteCountMax), batchChangeCountMax: 100_000,
            batchByteCountMax: 192 << 20)
    }

    func ping(integrity: Bool, call: CallContext) throws(ProviderError) {
        var questions = RedisPipeline("PING")
        questions.add("INFO")
        questions.add("HGET", names.meta, "identity")
        try connection.run(questions, call: call) { index, reply throws(ProviderError) in
            if index == 1 {
                // The server may have been made a replica, or told to evict, since this connection was made.
                let server = try RedisServer(info: reply.text)
                try server.check()
                guard server.incarnation("") == self.server.incarnation("") else { throw Self.gone }
            }
            if index == 2 { try expectIdentity(reply) }
        }
        guard integrity else { return }
        try checkContent(call)
        try purge(call)
    }

    func close() {}

    /// Fails unless the content is what it was when this connection was made.
    ///
    /// Asked behind what it vouches for: an identity that is still there was there before.
    func expectIdentity(_ reply: RedisReply) throws(ProviderError) {
        guard reply.isText, reply.bytes.array == identity else { throw Self.gone }
    }

    static let gone = ProviderError(
        .unavailable, "the data on the server was emptied or replaced under this connection",
        flags: [.retryable, .storeDead])
}
