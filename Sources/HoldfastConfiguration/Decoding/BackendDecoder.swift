/// Decodes a backend: by its `type`, a chain or a provider.
struct BackendDecoder {
    let findings: ConfigurationFindings
    /// The absolute directory of the file.
    let directory: String
    /// Keys of the chain around it that hold for plugins with an option of that name.
    var inherited: [ConfigurationNode.Entry] = []

    /// Decodes the backend at a place.
    ///
    /// - Parameters:
    ///   - node: what stands there.
    ///   - path: the place, such as `storage.primary`.
    ///   - defaultName: its name where it gives none.
    /// - Returns: nothing where an error kept it from being read; the findings have it.
    func backend(_ node: ConfigurationNode, path: String, defaultName: String) -> BackendConfiguration? {
        guard let entries = node.entries else {
            findings.add(
                "\(path) is \(node.inMessage), expected a mapping such as "
                    + "{ type: sqlite, path: ./data/history.db }",
                at: node.origin)
            return nil
        }
        if node["type"]?.scalar?.text.revealed == "chain" {
            let decoder = ChainDecoder(backends: self, findings: findings)
            return decoder.chain(node, path: path, defaultName: defaultName).map { .chain($0) }
        }
        if !entries.contains(where: { $0.key == "type" }), entries.contains(where: { $0.key == "primary" }) {
            findings.add(
                "missing key \"type\" in \(path), expected \"type: chain\" beside \"primary\"",
                at: node.origin)
            return nil
        }
        return provider(node, path: path, defaultName: defaultName, role: .store).map { .provider($0) }
    }

    /// Decodes a provider.
    func provider(
        _ node: ConfigurationNode, path: String, defaultName: String, role: ProviderConfiguration.Role
    ) -> ProviderConfiguration? {
        guard
            let reader = SectionReader(
                node, path: path, keys: ConfigurationKeys.provider, findings: findings, acceptsOthers: true)
        else { return nil }
        if !reader.has("type") {
            let advice =
                others(of: reader, near: "type") ?? "expected the name of a plugin, such as \"type: sqlite\""
            reader.reportMissing("type", advice: advice)
        }
        if role == .log, node["type"]?.scalar?.text.revealed == "chain" {
            findings.add(
                "\(path) is a chain, expected a provider such as { type: file-log, path: ./data/log }",
                at: node["type"]?.origin ?? node.origin)
            return nil
        }
        let type = reader.text("type")
        let name = reader.text("name") ?? defaultName
        if !reader.has("name") { findings.record(reader.path(of: "name"), .string(name), from: .default) }
        let sha256 = reader.text("sha256")?.lowercased()
        let pool = pool(reader)
        let indexes = indexes(reader)
        for other in reader.others { reportMisplaced(other, in: reader) }
        guard let type else { return nil }
        let options = ConfigurationNode(origin: node.origin, content: .mapping(reader.others))
        return ProviderConfiguration(
            type: type, name: name, role: role, path: path, origin: node.origin,
            typeOrigin: node["type"]?.origin ?? node.origin, sha256: sha256, pool: pool, indexes: indexes,
            options: options, inherited: ConfigurationNode(origin: node.origin, content: .mapping(inherited)),
            directory: directory)
    }

    /// A key of a chain at a provider is a mistake that no plugin could explain.
    private func reportMisplaced(_ entry: ConfigurationNode.Entry, in reader: SectionReader) {
        guard ["primary", "backups", "wal", "on_primary_failure"].contains(entry.key) else { return }
        findings.add(
            "\"\(entry.key)\" is a key of a chain, expected \"type: chain\" in \(reader.path)",
            at: entry.keyOrigin)
    }

    private func others(of reader: SectionReader, near name: String) -> String? {
        reader.others.first { Spelling.nearest(to: $0.key, among: [name]) != nil }.map {
            "did you mean it with \"\($0.key)\"?"
        }
    }

    private func pool(_ reader: SectionReader) -> PoolConfiguration {
        guard
            let pool = SectionReader(
                reader.entry("pool")?.value, path: reader.path(of: "pool"), keys: ConfigurationKeys.pool,
                findings: findings)
        else { return PoolConfiguration() }
        return PoolConfiguration(
            max: pool.integer("max"), idleTimeout: pool.duration("idle_timeout"),
            connectTimeout: pool.duration("connect_timeout"))
    }

    private func indexes(_ reader: SectionReader) -> [NamespaceIndexes] {
        guard let node = reader.entry("indexes")?.value else { return [] }
        guard let entries = node.entries else {
            findings.add(
                "indexes is \(node.inMessage), expected a mapping such as { messages: [role] }",
                at: node.origin)
            return []
        }
        return entries.map { entry in
            if entry.key.utf8.count > 255 {
                findings.add(
                    "the namespace has \(entry.key.utf8.count) bytes, expected at most 255",
                    at: entry.keyOrigin)
            }
            let fields = texts(entry.value, of: "indexes.\(entry.key)", example: "[role, model]")
            let path = reader.path(of: "indexes.\(entry.key)")
            findings.record(path, .array(fields.map { JSONValue.string($0) }), from: entry.value.origin)
            return NamespaceIndexes(namespace: entry.key, fields: fields)
        }
    }

    /// Reads a list of texts, each once.
    func texts(_ node: ConfigurationNode, of name: String, example: String) -> [String] {
        guard case .sequence(let items) = node.content else {
            findings.add("\(name) is \(node.inMessage), expected a list such as \(example)", at: node.origin)
            return []
        }
        var texts: [String] = []
        for item in items {
            guard let scalar = item.scalar, !scalar.isNull, !scalar.text.revealed.isEmpty else {
                findings.add("\(name) has \(item.inMessage) in its list, expected a text", at: item.origin)
                continue
            }
            guard !texts.contains(scalar.text.revealed) else {
                findings.add("\(name) has \(item.inMessage) twice, expected it once", at: item.origin)
                continue
            }
            texts.append(scalar.text.revealed)
        }
        return texts
    }
}
