/// One environment variable on its way down the tree to the key that it sets.
struct OverrideEdit {
    /// Where the way ended.
    enum Outcome {
        case set(ConfigurationNode)
        /// The name leads to a mapping or list at this path.
        case notScalar(String)
        case unknown
    }

    let name: String
    let value: String

    var origin: ConfigurationOrigin { .environment(name) }

    /// Sets the key that some words lead to.
    ///
    /// - Parameters:
    ///   - words: the rest of the name, such as `PRIMARY_PATH`.
    ///   - node: the mapping; nothing where it has to be made.
    ///   - keys: its table.
    ///   - acceptsOthers: takes any other word as an option of a plugin.
    ///   - path: where the mapping stands, with a dot behind it.
    /// - Returns: the mapping with the key set, or why not.
    func set(
        _ words: Substring, in node: ConfigurationNode?, keys: [ConfigurationKey],
        acceptsOthers: Bool = false,
        path: String = ""
    ) -> Outcome {
        let words = Self.spelledAsInFile(words, node)
        // Longest first: `FLUSH_INTERVAL` before a key `flush` that an option might have.
        let others = acceptsOthers ? otherNames(of: node, keys: keys) : []
        let names = (keys.map(\.name) + others).sorted { $0.count > $1.count }
        for keyName in names {
            let word = Self.word(for: keyName)
            let key = keys.first { $0.name == keyName }
            if words == word {
                let isScalar = key?.kind.isScalar ?? (node?[keyName]?.scalar != nil)
                return isScalar ? .set(setting(keyName, to: scalar, in: node)) : .notScalar(path + keyName)
            }
            guard words.hasPrefix(word + "_") else { continue }
            let rest = words.dropFirst(word.count + 1)
            let outcome = descend(rest, into: keyName, key: key, of: node, path: path)
            if case .unknown = outcome { continue }
            return outcome
        }
        guard acceptsOthers, !words.isEmpty else { return .unknown }
        return .set(setting(words.lowercased(), to: scalar, in: node))
    }

    private func descend(
        _ rest: Substring, into name: String, key: ConfigurationKey?, of node: ConfigurationNode?,
        path: String
    ) -> Outcome {
        let child = node?[name]
        let below = "\(path)\(name)."
        let outcome: Outcome
        switch key?.kind {
        case .backend, .provider: outcome = setBackend(rest, in: child, path: below)
        case .section: outcome = set(rest, in: child, keys: Self.sectionKeys(name), path: below)
        case .backends: outcome = setBackups(rest, in: child, path: below)
        case nil where child?.entries != nil:
            outcome = set(rest, in: child, keys: [], acceptsOthers: true, path: below)
        default: return .unknown
        }
        guard case .set(let changed) = outcome else { return outcome }
        return .set(setting(name, to: changed, in: node))
    }

    private func setBackend(_ rest: Substring, in node: ConfigurationNode?, path: String) -> Outcome {
        Self.isChain(node)
            ? set(rest, in: node, keys: ConfigurationKeys.chain, path: path)
            : set(rest, in: node, keys: ConfigurationKeys.provider, acceptsOthers: true, path: path)
    }

    private func setBackups(_ rest: Substring, in node: ConfigurationNode?, path: String) -> Outcome {
        guard case .sequence(var items) = node?.content, let node else { return .unknown }
        for position in items.indices {
            for word in Self.words(forBackup: items[position], at: position) where rest.hasPrefix(word + "_")
            {
                let outcome = setBackend(rest.dropFirst(word.count + 1), in: items[position], path: path)
                guard case .set(let changed) = outcome else { return outcome }
                items[position] = changed
                return .set(ConfigurationNode(origin: node.origin, content: .sequence(items)))
            }
        }
        return .unknown
    }

    /// Every name that leads to a single value, as far as it can be known without the plugins.
    func names(below node: ConfigurationNode?, keys: [ConfigurationKey], acceptsOthers: Bool = false)
        -> [String]
    {
        let own = keys.flatMap { key -> [String] in
            let word = Self.word(for: key.name)
            let child = node?[key.name]
            switch key.kind {
            case .backend, .provider:
                guard child != nil else { return ["\(word)_TYPE"] }
                return backendNames(below: child).map { "\(word)_\($0)" }
            case .section:
                return names(below: child, keys: Self.sectionKeys(key.name)).map { "\(word)_\($0)" }
            case .backends:
                guard case .sequence(let items) = child?.content else { return [] }
                return items.enumerated().flatMap { position, item in
                    Self.words(forBackup: item, at: position).flatMap { backup in
                        backendNames(below: item).map { "\(word)_\(backup)_\($0)" }
                    }
                }
            default: return key.kind.isScalar ? [word] : []
            }
        }
        return own + (acceptsOthers ? otherNames(of: node, keys: keys).map(Self.word(for:)) : [])
    }

    private func backendNames(below node: ConfigurationNode?) -> [String] {
        Self.isChain(node)
            ? names(below: node, keys: ConfigurationKeys.chain)
            : names(below: node, keys: ConfigurationKeys.provider, acceptsOthers: true)
    }

    private var scalar: ConfigurationNode {
        // The shell has replaced its variables already; what is left of them is meant.
        let isReference = value.hasPrefix("file:/") || value.hasPrefix("file:./")
        let content = ConfigurationNode.Scalar(
            text: ProtectedText(value), isPlain: true, isLiteral: !isReference)
        return ConfigurationNode(origin: origin, content: .scalar(content))
    }

    private func setting(
        _ key: String, to value: ConfigurationNode, in node: ConfigurationNode?
    ) -> ConfigurationNode {
        var entries = node?.entries ?? []
        if let position = entries.firstIndex(where: { $0.key == key }) {
            entries[position].value = value
        } else {
            entries.append(.init(key: key, keyOrigin: origin, value: value))
        }
        return ConfigurationNode(origin: node?.origin ?? origin, content: .mapping(entries))
    }

    private func otherNames(of node: ConfigurationNode?, keys: [ConfigurationKey]) -> [String] {
        (node?.entries ?? []).map(\.key).filter { name in !keys.contains { $0.name == name } }
    }

    /// `log` and `wal` are one key: the words follow the one that the file has.
    private static func spelledAsInFile(_ words: Substring, _ node: ConfigurationNode?) -> Substring {
        for (one, other) in [("log", "wal"), ("wal", "log")] {
            let word = word(for: one)
            guard words.hasPrefix(word + "_"), node?[one] == nil, node?[other] != nil, isChain(node) else {
                continue
            }
            return Substring(Self.word(for: other) + words.dropFirst(word.count))
        }
        return words
    }

    private static func isChain(_ node: ConfigurationNode?) -> Bool {
        node?["type"]?.scalar?.text.revealed == "chain"
    }

    private static func word(for name: String) -> String {
        String(name.uppercased().map { $0 == "-" || $0 == "." ? "_" : $0 })
    }

    private static func words(forBackup node: ConfigurationNode, at position: Int) -> [String] {
        [String(position)] + [word(for: node["name"]?.scalar?.text.revealed ?? "backup-\(position + 1)")]
    }

    private static func sectionKeys(_ name: String) -> [ConfigurationKey] {
        switch name {
        case "plugins": ConfigurationKeys.plugins
        case "server": ConfigurationKeys.server
        case "retention": ConfigurationKeys.retention
        case "blobs": ConfigurationKeys.blobs
        case "pool": ConfigurationKeys.pool
        case "breaker": ConfigurationKeys.breaker
        default: []
        }
    }
}
