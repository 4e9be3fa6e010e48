internal import HoldfastProviderKit

/// An open connection: owns a socket and the parser of what comes from it, and bounds its calls.
///
/// One thread at a time. Whatever a call asks is sent at once and answered in one round trip. Reading and
/// writing never block, so that neither side can wait for the other to take what it sends, and every wait
/// looks at the deadline.
final class RedisConnection {
    /// How much is taken from the kernel at once.
    private static let chunkByteCount = 256 << 10

    let host: HostServices
    /// What never stands in a message.
    let secrets: [String]
    private let socket: RedisSocket
    private let reader: RedisReplyReader
    private var chunk = [UInt8](repeating: 0, count: RedisConnection.chunkByteCount)
    /// The name that the server has for each script that it was given.
    private var digests: [String: [UInt8]] = [:]
    /// Whether the connection is lost for good.
    private(set) var isDead = false

    /// Takes over a socket that is connected.
    init(_ socket: RedisSocket, host: HostServices, secrets: [String]) throws(ProviderError) {
        guard let reader = RedisReplyReader() else {
            socket.close()
            throw ProviderError(.exhausted, "there is no memory to connect")
        }
        self.socket = socket
        self.reader = reader
        self.host = host
        self.secrets = secrets
    }

    deinit { socket.close() }

    /// Notes that nothing can be asked any more.
    func markDead() { isDead = true }

    // MARK: - Asking

    /// Sends commands, all in one round trip, and takes every answer.
    ///
    /// - Parameters:
    ///   - pipeline: the commands.
    ///   - call: deadline and cancellation.
    ///   - writes: whether a connection that breaks leaves open what was applied.
    ///   - body: takes each answer with the position of its command.
    /// - Throws: the first error of the server, or of `body`.
    func run(
        _ pipeline: RedisPipeline, call: CallContext, writes: Bool = false,
        _ body: (Int, RedisReply) throws(ProviderError) -> Void = { _, _ in }
    ) throws(ProviderError) {
        try exchange(pipeline, RedisWait(call, host), call, writes: writes) {
            index, reply throws(ProviderError) in
            if reply.isError { throw RedisFailure(reply, hiding: secrets).error }
            try body(index, reply)
        }
    }

    /// Sends commands and takes every answer, the server's errors among them.
    func attempt(
        _ pipeline: RedisPipeline, call: CallContext, atMost longest: Duration? = nil,
        _ body: (Int, RedisReply) throws(ProviderError) -> Void
    ) throws(ProviderError) {
        try exchange(pipeline, RedisWait(call, host, atMost: longest), call, writes: false, body)
    }

    /// Runs a script of this plugin, which the server is given first where it does not know it.
    ///
    /// - Parameters:
    ///   - script: the script.
    ///   - call: deadline and cancellation.
    ///   - writes: whether it writes.
    ///   - arguments: how many arguments follow, and what adds them.
    ///   - body: takes the answer.
    /// - Throws: the error of the script, or of `body`.
    func run(
        _ script: RedisScript, call: CallContext, writes: Bool, _ arguments: RedisArguments,
        _ body: (RedisReply) throws(ProviderError) -> Void = { _ in }
    ) throws(ProviderError) {
        var isRepeated = false
        while true {
            let digest = try digest(of: script, call, anew: isRepeated)
            var pipeline = RedisPipeline()
            pipeline.reserve(arguments.byteCount)
            pipeline.begin(arguments.count + 3)
            pipeline.append("EVALSHA")
            pipeline.append(digest)
            pipeline.append("0")
            arguments.add(&pipeline)
            var isUnknown = false
            try exchange(pipeline, RedisWait(call, host), call, writes: writes) {
                _, reply throws(ProviderError) in
                if reply.isError {
                    let failure = RedisFailure(reply, hiding: secrets)
                    // The server has forgotten its scripts, and has not run this one.
                    isUnknown = failure.word == "NOSCRIPT" && !isRepeated
                    if isUnknown { return }
                    throw failure.error
                }
                try body(reply)
            }
            guard isUnknown else { return }
            isRepeated = true
        }
    }

    private func digest(
        of script: RedisScript, _ call: CallContext, anew: Bool
    ) throws(ProviderError) -> [UInt8] {
        if !anew, let known = digests[script.name] { return known }
        var digest: [UInt8] = []
        try run(RedisPipeline("SCRIPT", "LOAD", script.source), call: call) {
            _, reply throws(ProviderError) in
            digest = reply.bytes.array
        }
        digests[script.name] = digest
        return digest
    }

    // MARK: - The exchange

    private func exchange(
        _ pipeline: RedisPipeline, _ first: RedisWait, _ call: CallContext, writes: Bool,
        _ body: (Int, RedisReply) throws(ProviderError) -> Void
    ) throws(ProviderError) {
        try begin(call)
        var wait = first
        var sentCount = 0
        var isTaken = true
        var answeredCount = 0
        var failure: ProviderError?
        while true {
            while answeredCount < pipeline.count {
                let index = answeredCount
                let isAnswered = try parse(writes: writes && failure == nil) { reply throws(ProviderError) in
                    guard failure == nil else { return }
                    do throws(ProviderError) { try body(index, reply) } catch { failure = error }
                }
                guard isAnswered else { break }
                answeredCount += 1
            }
            if answeredCount == pipeline.count { break }
            if isTaken, sentCount < pipeline.bytes.count {
                // What the server said before it stopped taking may still be there to be read.
                if let count = send(pipeline.bytes, from: sentCount) {
                    sentCount += count
                } else {
                    isTaken = false
                }
            }
            let mayBeApplied = writes && sentCount > 0
            let isReady = socket.poll(
                forWriting: isTaken && sentCount < pipeline.bytes.count, milliseconds: wait.nextTimeout)
            if isReady {
                try receive(mayBeApplied: mayBeApplied)
            } else if !wait.look() {
                throw late(wait, mayBeApplied: mayBeApplied)
            }
        }
        guard let failure else { return }
        if failure.flags.contains(.storeDead) { markDead() }
        throw failure
    }

    private func begin(_ call: CallContext) throws(ProviderError) {
        guard !isDead else {
            throw ProviderError(
                .unavailable, "the connection to the server is lost", flags: [.retryable, .storeDead])
        }
        try call.check(host)
        // A server that has gone meanwhile is noticed before anything is sent, so that nothing is in doubt.
        try receive(mayBeApplied: false)
        guard !reader.hasRest else {
            markDead()
            throw ProviderError(
                .unavailable, "the server has sent an answer to no question", flags: [.retryable, .storeDead])
        }
    }

    private func parse(
        writes: Bool, _ body: (RedisReply) throws(ProviderError) -> Void
    ) throws(ProviderError) -> Bool {
        do throws(ProviderError) {
            return try reader.next(body)
        } catch {
            markDead()
            var error = error
            if writes { error.flags.insert(.maybeApplied) }
            throw error
        }
    }

    /// Sends what the kernel takes now.
    ///
    /// - Returns: how many bytes, or nothing where the server takes no more.
    private func send(_ bytes: [UInt8], from start: Int) -> Int? {
        let transfer = unsafe bytes.withUnsafeBytes { all in
            unsafe socket.send(UnsafeRawBufferPointer(rebasing: all[start...]))
        }
        switch transfer {
        case .bytes(let count): return count
        case .wouldBlock: return 0
        case .lost: return nil
        }
    }

    private func receive(mayBeApplied: Bool) throws(ProviderError) {
        let transfer = unsafe chunk.withUnsafeMutableBytes { unsafe socket.receive(into: $0) }
        switch transfer {
        case .bytes(let count):
            let isTaken = unsafe chunk.withUnsafeBytes { bytes in
                unsafe reader.feed(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            guard isTaken else {
                markDead()
                throw ProviderError(
                    .exhausted, "there is no memory for an answer",
                    flags: mayBeApplied ? [.retryable, .storeDead, .maybeApplied] : [.retryable, .storeDead])
            }
        case .wouldBlock: return
        case .lost(let number): throw lost(number, mayBeApplied: mayBeApplied)
        }
    }

    private func lost(_ number: Int32, mayBeApplied: Bool) -> ProviderError {
        markDead()
        let reason = number == 0 ? "the server has closed it" : RedisFailure.reason(number)
        return ProviderError(
            .unavailable, "the connection to the server broke: \(reason)",
            flags: mayBeApplied ? [.retryable, .storeDead, .maybeApplied] : [.retryable, .storeDead],
            vendorCode: Int64(number))
    }

    private func late(_ wait: RedisWait, mayBeApplied: Bool) -> ProviderError {
        markDead()
        let flags: ProviderError.Flags = mayBeApplied ? [.maybeApplied, .storeDead] : .storeDead
        return ProviderError(
            wait.verdict, "the server did not answer before the deadline of the call",
            flags: flags.union(.retryable))
    }
}

@available(*, unavailable) extension RedisConnection: Sendable {}

/// The arguments of a script.
struct RedisArguments {
    /// How many there are.
    let count: Int
    /// About how many bytes they have.
    var byteCount = 512
    /// Adds them, the same each time.
    let add: (inout RedisPipeline) -> Void
}

@available(*, unavailable) extension RedisArguments: Sendable {}

/// A script that runs in the server, whole or not at all.
struct RedisScript: Hashable, Sendable {
    /// What it is called here.
    let name: String
    /// Lua 5.1.
    let source: String
}
