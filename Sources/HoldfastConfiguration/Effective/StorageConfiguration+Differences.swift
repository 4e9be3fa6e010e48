extension StorageConfiguration {
    /// The keys that say something else in another configuration, such as `server.log_level`, in the order of the files.
    ///
    /// Values are compared as they hold, whoever gave them; options of plugins, secrets among them, as they are written. A
    /// key that only one of the two has counts where somebody gave it.
    ///
    /// - Parameter other: such as the one that a running daemon was started with.
    /// - Returns: each key once, without its value.
    public func differences(from other: StorageConfiguration) -> [String] {
        var changed = Self.changed(from: Self.settings(of: other), to: Self.settings(of: self))
        changed += Self.changed(from: Self.options(of: other), to: Self.options(of: self))
        return changed
    }

    /// A key, a value that can be compared, and whether nobody gave it.
    private typealias Setting<Value> = (key: String, value: Value, isDefault: Bool)

    private static func settings(of configuration: StorageConfiguration) -> [Setting<String>] {
        configuration.values.map { ($0.key, $0.json.text, $0.origin == .default) }
    }

    private static func options(of configuration: StorageConfiguration) -> [Setting<String>] {
        configuration.providers.flatMap { provider in
            (provider.options.entries ?? []).map { entry in
                ("\(provider.path).\(entry.key)", entry.value.written, false)
            }
        }
    }

    private static func changed(from old: [Setting<String>], to new: [Setting<String>]) -> [String] {
        let before = Dictionary(old.map { ($0.key, $0.value) }) { first, _ in first }
        let after = Dictionary(new.map { ($0.key, $0.value) }) { first, _ in first }
        var seen: Set<String> = []
        return (new + old).filter { setting in
            guard seen.insert(setting.key).inserted else { return false }
            guard let was = before[setting.key], let isNow = after[setting.key] else {
                return !setting.isDefault
            }
            return was != isNow
        }.map(\.key)
    }
}

extension ConfigurationNode {
    /// What is written here, wherever it stands, with its secrets: to be compared, never to be shown.
    fileprivate var written: String {
        switch content {
        case .scalar(let scalar): "\(scalar.isPlain) \(scalar.text.revealed)"
        case .sequence(let items): "[\(items.map(\.written).joined(separator: "\u{0}"))]"
        case .mapping(let entries):
            "{\(entries.map { "\($0.key)\u{0}\($0.value.written)" }.joined(separator: "\u{0}"))}"
        }
    }
}
