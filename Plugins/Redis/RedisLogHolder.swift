private import Glibc
internal import HoldfastProviderKit

/// Who holds a log: a token that every append asks for, and words for whoever comes second.
///
/// The claim lasts as long as the session that made it: when the process ends, however it ends, the server
/// closes the session, and the next one may take the log over. The token fences the late holder off.
struct RedisLogHolder: Hashable, Sendable {
    /// How often a claim is tried: a session that has just ended is still known for a moment.
    private static let attemptCountMax = 20

    let token: String
    private let description: String

    init() {
        token = RedisStore.freshIdentity()
        var name = [CChar](repeating: 0, count: 256)
        let isNamed = unsafe gethostname(&name, name.count - 1) == 0
        let machine = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        description = "process \(getpid()) on \(isNamed ? machine : "a machine without a name")"
    }

    /// What a claimed log is.
    struct Claim: Hashable, Sendable {
        let layout: Int64
        let identity: String
        let first: UInt64
        let last: UInt64
    }

    /// Takes the log, unless the session of another holder is still there.
    ///
    /// - Throws: `unavailable`, naming the holder.
    func claim(
        _ connection: RedisConnection, _ names: RedisNames, _ server: RedisServer, layout: Int,
        _ call: CallContext
    ) throws(ProviderError) -> Claim {
        var attempt = 0
        while true {
            let held = try holder(connection, names, call)
            let isAlive = held.run == server.runID && held.isConnected
            if held.owner.isEmpty || !isAlive {
                if let claim = try take(connection, names, server, layout, after: held, call) { return claim }
            }
            attempt += 1
            guard attempt < Self.attemptCountMax else {
                throw ProviderError(
                    .unavailable,
                    "the log \(names.logHead) is held by \(held.name); a log belongs to one process, stop "
                        + "that one first")
            }
            try call.check(connection.host)
            usleep(10_000)
        }
    }

    private struct Held {
        var owner = ""
        var name = "another process"
        var run = ""
        var client: Int64 = 0
        var own: Int64 = 0
        var isConnected = false
    }

    /// Who holds the log, and whether that session lives.
    private func holder(
        _ connection: RedisConnection, _ names: RedisNames, _ call: CallContext
    ) throws(ProviderError) -> Held {
        var questions = RedisPipeline("HMGET", names.logHead, "owner", "holder", "client", "run")
        questions.add("CLIENT", "ID")
        questions.add("CLIENT", "LIST")
        var held = Held()
        try connection.run(questions, call: call) { index, reply throws(ProviderError) in
            switch index {
            case 0:
                held.owner = try reply.element(0).text
                if try !reply.element(1).isNil { held.name = try reply.element(1).text }
                held.client = try reply.element(2).integer
                held.run = try reply.element(3).text
            case 1: held.own = reply.integer
            default:
                let sessions = reply.text.split(separator: "\n")
                held.isConnected = sessions.contains { $0.hasPrefix("id=\(held.client) ") }
            }
        }
        return held
    }

    private func take(
        _ connection: RedisConnection, _ names: RedisNames, _ server: RedisServer, _ layout: Int,
        after held: Held, _ call: CallContext
    ) throws(ProviderError) -> Claim? {
        let words = [
            names.prefix, String(layout), RedisStore.freshIdentity(), held.owner, token, description,
            String(held.own), server.runID,
        ]
        var claim: Claim?
        try connection.run(RedisLogScripts.claim, call: call, writes: true, RedisArguments(words)) {
            reply throws(ProviderError) in
            guard !reply.isNil else { return }
            claim = Claim(
                layout: try reply.element(0).integer, identity: try reply.element(1).text,
                first: UInt64(clamping: try reply.element(2).integer),
                last: UInt64(clamping: try reply.element(3).integer))
        }
        return claim
    }

    /// Gives the log back, so that the next one need not wait for the server to notice the closed session.
    func release(_ connection: RedisConnection, _ names: RedisNames, _ call: CallContext)
        throws(ProviderError)
    {
        try connection.run(
            RedisLogScripts.release, call: call, writes: true, RedisArguments([names.prefix, token]))
    }
}

extension RedisArguments {
    /// Arguments that are plain words.
    init(_ words: [String]) {
        self.init(count: words.count) { pipeline in
            for word in words { pipeline.append(word) }
        }
    }
}
