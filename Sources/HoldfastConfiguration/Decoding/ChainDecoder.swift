/// Decodes a chain: its backends, then the rules between them.
struct ChainDecoder {
    var backends: BackendDecoder
    let findings: ConfigurationFindings

    /// Decodes the chain at a place.
    func chain(_ node: ConfigurationNode, path: String, defaultName: String) -> ChainConfiguration? {
        guard let reader = SectionReader(node, path: path, keys: ConfigurationKeys.chain, findings: findings)
        else {
            return nil
        }
        var decoder = self
        decoder.backends.inherited = inherited(reader)
        return decoder.chain(reader, node, path: path, defaultName: defaultName)
    }

    /// What plugins keep to themselves follows the chain, unless they are told otherwise.
    private func inherited(_ reader: SectionReader) -> [ConfigurationNode.Entry] {
        let own = ["tombstone_retention"].compactMap { reader.given($0) }
        return own + backends.inherited.filter { outer in !own.contains { $0.key == outer.key } }
    }

    private func chain(
        _ reader: SectionReader, _ node: ConfigurationNode, path: String, defaultName: String
    ) -> ChainConfiguration? {
        _ = reader.text("type")
        let name = reader.text("name") ?? defaultName
        if !reader.has("name") { findings.record(reader.path(of: "name"), .string(name), from: .default) }
        let primary = primary(reader)
        let backups = backups(reader)
        let log = log(reader)
        let breaker = breaker(reader)
        let members = [primary].compactMap(\.self) + backups
        checkNames(of: members + (log.map { [.provider($0)] } ?? []), in: path)
        checkStores(of: members)
        checkFiles(of: members + (log.map { [.provider($0)] } ?? []))
        let rules = ChainRules(reader)
        guard let primary, let log else { return nil }
        return ChainConfiguration(
            name: name, path: path, origin: node.origin, primary: primary, backups: backups, log: log,
            hosts: rules.hosts,
            flushInterval: rules.flushInterval, onPrimaryFailure: rules.onPrimaryFailure,
            onLogFull: rules.onLogFull,
            ack: rules.ack, maxClockDrift: rules.maxClockDrift, tombstoneRetention: rules.tombstoneRetention,
            retain: rules.retain, idempotencyRetention: rules.idempotencyRetention,
            poisonAttempts: rules.poisonAttempts, breaker: breaker, batchMax: rules.batchMax,
            resync: rules.resync,
            start: rules.start, drainTimeout: rules.drainTimeout, timeout: rules.timeout)
    }

    private func primary(_ reader: SectionReader) -> BackendConfiguration? {
        if !reader.has("primary") {
            reader.reportMissing(
                "primary",
                advice: "expected a backend such as \"primary: { type: sqlite, path: ./data/history.db }\"")
        }
        return reader.entry("primary").flatMap {
            backends.backend($0.value, path: reader.path(of: "primary"), defaultName: "primary")
        }
    }

    private func backups(_ reader: SectionReader) -> [BackendConfiguration] {
        guard let node = reader.entry("backups")?.value else { return [] }
        guard case .sequence(let items) = node.content else {
            findings.add(
                "backups is \(node.inMessage), expected a list: each backend after a \"- \", or in [ ]",
                at: node.origin)
            return []
        }
        return items.enumerated().compactMap { position, item in
            backends.backend(
                item, path: "\(reader.path(of: "backups"))[\(position)]",
                defaultName: "backup-\(position + 1)")
        }
    }

    private func log(_ reader: SectionReader) -> ProviderConfiguration? {
        let log = reader.entry("log")
        let wal = reader.entry("wal")
        if reader.has("log"), reader.has("wal") {
            findings.add(
                "\"wal\" and \"log\" are the same key, expected one of them",
                at: wal?.keyOrigin ?? reader.origin)
        } else if !reader.has("log"), !reader.has("wal") {
            reader.reportMissing(
                "log", advice: "expected a log such as \"log: { type: file-log, path: ./data/log }\"")
        }
        guard let entry = log ?? wal else { return nil }
        return backends.provider(
            entry.value, path: reader.path(of: entry.key), defaultName: "log", role: .log)
    }

    private func breaker(_ reader: SectionReader) -> BreakerConfiguration {
        let node = reader.entry("breaker")?.value
        let path = reader.path(of: "breaker")
        let section =
            SectionReader(node, path: path, keys: ConfigurationKeys.breaker, findings: findings)
            ?? SectionReader(nil, path: path, keys: ConfigurationKeys.breaker, findings: findings)
        return BreakerConfiguration(
            failures: section?.integer("failures") ?? 1,
            retryAfter: section?.duration("retry_after") ?? .seconds(1),
            retryMax: section?.duration("retry_max") ?? .seconds(5))
    }

    /// Marks and metrics are kept by name, so a name stands for one member.
    private func checkNames(of members: [BackendConfiguration], in path: String) {
        var seen: Set<String> = []
        for member in members where !seen.insert(member.name).inserted {
            findings.add(
                "the name \"\(member.name)\" stands twice in \(path), expected another \"name\" here",
                at: member.origin)
        }
    }

    /// A backup that is the primary itself protects nothing.
    private func checkStores(of members: [BackendConfiguration]) {
        var seen: [ProviderConfiguration] = []
        for provider in members.flatMap(\.providers) where provider.role == .store {
            let place = ["path", "url", "directory", "dsn"].compactMap { provider.options[$0] }.first?.scalar?
                .text
            let twin = seen.first { other in
                guard let place, other.type == provider.type else { return false }
                let isOneFile = provider.file != nil && provider.file == other.file
                return isOneFile
                    || ["path", "url", "directory", "dsn"].contains {
                        other.options[$0]?.scalar?.text.revealed == place.revealed
                    }
            }
            if let twin {
                findings.add(
                    "\(provider.path) is the same store as \(twin.path), expected another one",
                    at: provider.origin)
            }
            seen.append(provider)
        }
    }
}

extension ChainDecoder {
    /// A log keeps nothing from being lost where it is the file of what it is there for.
    ///
    /// Logs of chains within are looked at as well: two cannot have one directory.
    private func checkFiles(of members: [BackendConfiguration]) {
        var seen: [ProviderConfiguration] = []
        for provider in members.flatMap(\.providers) {
            guard let file = provider.file else { continue }
            let twin = seen.first { $0.file == file && [$0.role, provider.role].contains(.log) }
            if let twin {
                findings.add(
                    "\(provider.path) has the path of \(twin.path), expected another one", at: provider.origin
                )
            }
            seen.append(provider)
        }
    }
}

extension ProviderConfiguration {
    /// The file or directory that the option `path` names, from the root, however it is written; nothing for a name that
    /// is no path.
    fileprivate var file: String? {
        guard let text = options["path"]?.scalar?.text.revealed, !text.isEmpty, !text.hasPrefix(":") else {
            return nil
        }
        var parts: [Substring] = []
        for part in Surroundings.absolute(text, in: directory).split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// The single values of a chain, read in the order of the table.
private struct ChainRules {
    let flushInterval, maxClockDrift, tombstoneRetention, retain, idempotencyRetention, drainTimeout,
        timeout: Duration
    let poisonAttempts, batchMax: Int
    let onPrimaryFailure: ChainConfiguration.PrimaryFailure
    let onLogFull: ChainConfiguration.LogFull
    let ack: ChainConfiguration.Acknowledgement
    let resync: ChainConfiguration.Resync
    let start: ChainConfiguration.Start
    let hosts: ChainConfiguration.Hosts

    init(_ reader: SectionReader) {
        hosts = reader.choice("hosts", .one)
        flushInterval = reader.duration("flush_interval")
        onPrimaryFailure = reader.choice("on_primary_failure", .reject)
        onLogFull = reader.choice("on_log_full", .reject)
        ack = reader.choice("ack", .primary)
        maxClockDrift = reader.duration("max_clock_drift")
        tombstoneRetention = reader.duration("tombstone_retention")
        retain = reader.duration("retain")
        idempotencyRetention = reader.duration("idempotency_retention")
        poisonAttempts = reader.integer("poison_attempts")
        batchMax = reader.integer("batch_max")
        resync = reader.choice("resync", .auto)
        start = reader.choice("start", .degraded)
        drainTimeout = reader.duration("drain_timeout")
        timeout = reader.duration("timeout")
    }
}
