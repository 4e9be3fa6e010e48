internal import HoldfastProviderKit
internal import HoldfastSupport

/// What is known of the server behind a connection.
struct RedisServer: Hashable, Sendable {
    /// Another text for each process of the server.
    let runID: String
    /// Another text for each line of replicated writes.
    let replicationID: String
    /// Whether it takes writes.
    let isPrimary: Bool
    /// Whether it is part of a cluster.
    let isClustered: Bool
    /// Whether it reads its data from the disk and answers nothing until then.
    let isLoading: Bool
    /// What it does when its memory is full.
    let evictionPolicy: String
    /// Whether it keeps a file of every write.
    let isAppendOnly: Bool
    /// When it syncs that file, or nothing where it does not say.
    private(set) var syncPolicy: String?
    /// Whether it makes snapshots, or nothing where it does not say.
    private(set) var makesSnapshots: Bool?
    private var syncsWhileRewriting: Bool?

    /// The questions whose answers ``learn(_:_:)`` takes.
    static let settings = [
        "maxmemory-policy", "appendonly", "appendfsync", "no-appendfsync-on-rewrite", "save",
    ]

    /// Reads the answer to `INFO`.
    ///
    /// - Throws: `unavailable` for a text that is not that of a Redis.
    init(info: String) throws(ProviderError) {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        guard let runID = fields["run_id"], let role = fields["role"], !runID.isEmpty else {
            throw ProviderError(
                .unavailable, "the server does not say who it is: INFO has no run_id and role",
                flags: [.retryable, .storeDead])
        }
        self.runID = String(runID)
        replicationID = String(fields["master_replid"] ?? "")
        isPrimary = role == "master"
        isClustered = fields["cluster_enabled"] == "1"
        isLoading = fields["loading"] == "1" || fields["async_loading"] == "1"
        evictionPolicy = String(fields["maxmemory_policy"] ?? "")
        isAppendOnly = fields["aof_enabled"] == "1"
    }

    /// Takes the value of a setting.
    mutating func learn(_ setting: String, _ value: String) {
        switch setting {
        case "appendfsync": syncPolicy = value
        case "no-appendfsync-on-rewrite": syncsWhileRewriting = value == "no"
        case "save": makesSnapshots = !value.isEmpty
        default: break
        }
    }

    /// Whether a write that was answered survives a power loss.
    var isDurable: Bool { isAppendOnly && syncPolicy == "always" && syncsWhileRewriting == true }

    /// Another text when the server may have lost writes that it had answered.
    ///
    /// - Parameter identity: of the content.
    /// - Returns: at most 63 bytes.
    func incarnation(_ identity: String) -> String {
        // A server that loses nothing at a restart loses something when a replica takes over, and from here
        // the two look alike. So a restart always counts, and costs a replay from the mark.
        [identity.prefix(16), runID.prefix(20), replicationID.prefix(20)].joined(separator: ".")
    }

    /// Fails for a server that cannot be what is asked of it.
    func check() throws(ProviderError) {
        if isClustered { throw RedisFailure.cluster }
        if isLoading {
            throw ProviderError(
                .unavailable, "the server is reading its data from the disk",
                flags: [.retryable, .storeDead],
                retryAfterMilliseconds: 500)
        }
        guard isPrimary else {
            throw ProviderError(
                .unavailable, "the server is a replica, the primary is wanted",
                flags: [.retryable, .storeDead],
                retryAfterMilliseconds: 200)
        }
        guard evictionPolicy.isEmpty || evictionPolicy == "noeviction" else {
            throw ProviderError(
                .permission,
                "the server has maxmemory-policy \(evictionPolicy) and would drop records on its own; "
                    + "set it to noeviction", flags: .storeDead)
        }
    }

    /// What a restart of the server costs, and who makes up for it; nothing where it costs nothing.
    var persistenceNotice: (level: HostServices.LogLevel, message: String)? {
        guard !isDurable else { return nil }
        // What a log always brings back is no reason to worry.
        let isHealed = isAppendOnly && (syncPolicy == "everysec" || syncPolicy == "always")
        return (isHealed ? .info : .warning, persistenceMessage)
    }

    private var persistenceMessage: String {
        let healing =
            "a chain brings back what its log still holds (\"retain\"), and what is older from a backup; "
            + "without a backup that is lost"
        guard isAppendOnly else {
            if makesSnapshots == false {
                return "the server keeps nothing when it ends (appendonly no, no snapshots): \(healing)"
            }
            return
                "the server loses what came after its last snapshot when it ends (appendonly no): \(healing)"
        }
        switch syncPolicy {
        case "everysec", "always":
            return "the server may lose the last seconds when its machine fails (appendfsync "
                + "\(syncPolicy ?? ""), no-appendfsync-on-rewrite "
                + "\(syncsWhileRewriting == true ? "no" : "yes")): "
                + "the log of a chain brings them back"
        case "no":
            return "the server leaves to the kernel when its file is written (appendfsync no): \(healing)"
        default:
            return
                "the server does not say when it syncs its file (CONFIG GET is refused), so it does not "
                + "count as durable: \(healing)"
        }
    }
}

/// Says each thing once in a process, however often a connection is made.
struct RedisNotices: Sendable {
    private static let said = Guarded<Set<String>>([])

    /// Writes a line into the host's log, unless this was written before.
    static func say(
        _ level: HostServices.LogLevel, _ message: String, of instance: String, host: HostServices
    ) {
        let isNew = said.withLock { $0.insert("\(instance) \(message)").inserted }
        if isNew { host.log(level, source: instance, message) }
    }
}
