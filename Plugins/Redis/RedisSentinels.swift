internal import HoldfastProviderKit
internal import HoldfastSupport

/// Asks sentinels which server is the primary.
///
/// Source: "Guidelines for Redis clients with support for Redis Sentinel": ask each in turn, connect to what
/// it names, and believe it only when that server says itself that it is the primary.
struct RedisSentinels: Hashable, Sendable {
    let endpoints: [RedisEndpoint]
    /// The name under which they know the primary.
    let name: String
    let options: RedisOptions

    /// Connects to the primary.
    ///
    /// - Throws: `unavailable`, with what each sentinel led to.
    func find(host: HostServices, call: CallContext) throws(ProviderError) -> (RedisConnection, RedisServer) {
        var reasons: [String] = []
        var isRefused = true
        let sentinels = Self.answered.withLock { answered in
            endpoints.filter { answered.contains($0) } + endpoints.filter { !answered.contains($0) }
        }
        for (number, sentinel) in sentinels.enumerated() {
            let endpoint: RedisEndpoint
            do throws(ProviderError) {
                let bound = share(of: sentinels.count - number + 1, host, call)
                endpoint = try ask(sentinel, within: bound, host: host, call: call)
                _ = Self.answered.withLock { $0.insert(sentinel) }
            } catch {
                if error.code == .cancelled { throw error }
                _ = Self.answered.withLock { $0.remove(sentinel) }
                reasons.append("\(sentinel): \(error.message)")
                isRefused = isRefused && error.code == .permission
                continue
            }
            do throws(ProviderError) {
                return try RedisConnection.open(endpoint, options, host: host, call: call)
            } catch {
                // What an operator must mend is the same whichever sentinel is asked.
                guard error.code == .unavailable || error.code == .timeout else { throw error }
                reasons.append("\(sentinel) names \(endpoint): \(error.message)")
                isRefused = false
            }
        }
        // Where every sentinel refuses the user, waiting does not help.
        throw ProviderError(
            isRefused ? .permission : .unavailable,
            "no sentinel leads to a primary with the name \"\(name)\": \(reasons.joined(separator: "; "))",
            flags: isRefused ? .storeDead : [.retryable, .storeDead],
            retryAfterMilliseconds: isRefused ? 0 : 200)
    }

    /// The sentinels that have answered last: they are asked first.
    private static let answered = Guarded<Set<RedisEndpoint>>([])

    /// A fair part of the time that is left: one that hangs must not cost the others theirs.
    private func share(of count: Int, _ host: HostServices, _ call: CallContext) -> Duration {
        guard call.deadline != 0 else { return options.connectTimeout }
        let left = Duration.nanoseconds(max(0, call.deadline - host.monotonicNanoseconds))
        return min(options.connectTimeout, max(.milliseconds(50), left / count))
    }

    private func ask(
        _ sentinel: RedisEndpoint, within bound: Duration, host: HostServices, call: CallContext
    ) throws(ProviderError) -> RedisEndpoint {
        var options = options
        options.connectTimeout = bound
        let connection = try RedisConnection.connect(sentinel, options, host: host, call: call)
        var question = RedisPipeline()
        if let password = options.sentinelAccount.password {
            RedisConnection.addLogin(to: &question, options.sentinelAccount.user, password)
        }
        let last = question.count
        question.add("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)
        var found: RedisEndpoint?
        try connection.attempt(question, call: call, atMost: options.connectTimeout) {
            index, reply throws(ProviderError) in
            if reply.isError { throw RedisFailure(reply, hiding: connection.secrets).error }
            guard index == last, reply.count == 2 else { return }
            let port = UInt16(clamping: try reply.element(1).integer)
            found = .tcp(host: try reply.element(0).text, port: port)
        }
        guard let found else {
            throw ProviderError(.unavailable, "it does not know the name \"\(name)\"")
        }
        return found
    }
}
