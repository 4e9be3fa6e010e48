internal import HoldfastModel

/// Every value that holds, for a person or a program that asks what the host would do.
public struct EffectiveConfiguration: Hashable, Sendable {
    /// The path of the file as it was given.
    public let file: String
    /// The values in the order of the file; secrets are `***`.
    public let values: [EffectiveValue]

    /// One line for each value: key, value, origin.
    public var text: String {
        let keyWidth = Self.width(values.map(\.key))
        let valueWidth = Self.width(values.map(\.text))
        return values.map { value in
            "\(Self.pad(value.key, keyWidth))  \(Self.pad(value.text, valueWidth))  \(value.origin)\n"
        }.joined()
    }

    /// The same as a JSON object: `{"file":…,"values":[{"key":…,"value":…,"origin":{"kind":"file",…}}]}`.
    public var json: JSONValue {
        .object([
            JSONMember("file", .string(file)),
            JSONMember(
                "values",
                .array(
                    values.map { value in
                        .object([
                            JSONMember("key", .string(value.key)), JSONMember("value", value.json),
                            JSONMember("origin", Self.json(of: value.origin)),
                        ])
                    })),
        ])
    }

    private static func json(of origin: ConfigurationOrigin) -> JSONValue {
        switch origin {
        case .file(let location):
            .object([
                JSONMember("kind", .string("file")), JSONMember("file", .string(location.file)),
                JSONMember("line", .integer(location.line)), JSONMember("column", .integer(location.column)),
            ])
        case .environment(let name):
            .object([JSONMember("kind", .string("environment")), JSONMember("name", .string(name))])
        case .default: .object([JSONMember("kind", .string("default"))])
        }
    }

    /// Longer texts do not push the columns of the others apart.
    private static let columnMax = 48

    private static func width(_ texts: [String]) -> Int {
        texts.map(\.count).filter { $0 <= columnMax }.max() ?? 0
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension StorageConfiguration {
    /// Every value that holds.
    ///
    /// - Parameter options: what `checkOptions` returned; a provider that is missing from it shows its
    ///   options as they
    ///   are written, without defaults.
    /// - Returns: the values with their origins, secrets as `***`.
    public func effective(options: [String: CheckedOptions] = [:]) -> EffectiveConfiguration {
        var values = values
        for provider in providers {
            let prefix = "\(provider.path)."
            let end = (values.lastIndex { $0.key.hasPrefix(prefix) } ?? values.count - 1) + 1
            let own = options[provider.path]?.values ?? Self.unchecked(provider)
            values.insert(contentsOf: own, at: end)
        }
        return EffectiveConfiguration(file: file, values: values)
    }

    private static func unchecked(_ provider: ProviderConfiguration) -> [EffectiveValue] {
        (provider.options.entries ?? []).map { entry in
            EffectiveValue(
                key: "\(provider.path).\(entry.key)",
                json: OptionInference.redacted(entry.value, named: entry.key),
                origin: entry.value.origin)
        }
    }
}
