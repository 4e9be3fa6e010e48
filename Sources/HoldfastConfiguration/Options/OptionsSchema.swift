public import HoldfastModel

/// The options of a plugin, as its JSON Schema describes them.
///
/// Understood: `type`, `properties`, `required`, `additionalProperties` (false unless it is true), `items`,
/// `enum`,
/// `minimum`, `maximum`, `minLength`, `maxLength`, `pattern`, `default`, and two of our own: `"secret":
/// true` marks
/// what is never shown, `"format": "duration" | "size" | "path"` a value that is written with a unit or
/// begins at the
/// directory of the file. Defaults are passed to the plugin, so that what is printed is what holds.
///
/// Source: JSON Schema, draft 2020-12, Validation.
public struct OptionsSchema: Hashable, Sendable {
    /// The plugin's type, for messages.
    let type: String
    let root: SchemaNode

    /// Reads the schema of a plugin.
    ///
    /// - Parameters:
    ///   - text: JSON; empty for a plugin that describes no options, of which any is then accepted.
    ///   - type: the plugin's type.
    /// - Throws: `invalid` where the text is not such a schema: a defect of the plugin.
    public init(parsing text: String, type: String) throws(HoldfastError) {
        self.type = type
        guard text.contains(where: { !$0.isWhitespace }) else {
            root = SchemaNode(forms: [.object], isOpen: true)
            return
        }
        do throws(HoldfastError) {
            var root = try SchemaParser.node(try JSONReader.parse(text), at: "")
            guard root.forms.isEmpty || root.forms == [.object] else {
                throw HoldfastError(.invalid, "its type is not \"object\"")
            }
            root.forms = [.object]
            self.root = root
        } catch {
            throw HoldfastError(
                .invalid, "the options schema of the plugin \"\(type)\" is not usable: \(error.message)")
        }
    }

    /// Checks the options of a provider.
    ///
    /// - Throws: every error that was found, at its place in the file.
    public func check(_ provider: ProviderConfiguration) throws(ConfigurationErrors) -> CheckedOptions {
        let findings = ConfigurationFindings()
        let options = check(provider, findings)
        try findings.throwErrors()
        return options
    }

    func check(_ provider: ProviderConfiguration, _ findings: ConfigurationFindings) -> CheckedOptions {
        let checker = OptionsChecker(type: type, directory: provider.directory, findings: findings)
        let before = findings.values.count
        let options = provider.options(for: root)
        let (value, shown) = checker.object(options, by: root, path: provider.path, isSecret: false)
        return CheckedOptions(
            json: value.text, redactedJSON: shown.text, values: Array(findings.values[before...]))
    }
}

/// The options of a provider, ready for its plugin.
public struct CheckedOptions: Hashable, Sendable {
    /// A JSON object with the secrets in it: durations in milliseconds, sizes in bytes, paths absolute.
    ///
    /// For the plugin alone, never for a message.
    public let json: String
    /// The same with `***` in place of secrets.
    public let redactedJSON: String
    let values: [EffectiveValue]
}

extension CheckedOptions: CustomStringConvertible, CustomReflectable {
    /// The options without their secrets.
    public var description: String { redactedJSON }

    /// One child: the options without their secrets.
    public var customMirror: Mirror { Mirror(self, children: ["redactedJSON": redactedJSON]) }
}

extension ProviderConfiguration {
    /// The options of the file, and for a store those of the chain around it that the schema knows.
    fileprivate func options(for schema: SchemaNode) -> ConfigurationNode {
        guard role == .store else { return options }
        let own = options.entries ?? []
        let further = (inherited.entries ?? []).filter { entry in
            options[entry.key] == nil && schema.properties.contains { $0.name == entry.key }
        }
        return ConfigurationNode(origin: options.origin, content: .mapping(own + further))
    }
}

extension StorageConfiguration {
    /// Checks the options of every provider, so that all errors of a file come at once.
    ///
    /// - Parameter schema: gives the schema of a type; nothing leaves its providers unchecked.
    /// - Returns: the options by ``ProviderConfiguration/path``.
    /// - Throws: every error of every provider.
    public func checkOptions(
        schema: (_ type: String) -> OptionsSchema?
    ) throws(ConfigurationErrors) -> [String: CheckedOptions] {
        let findings = ConfigurationFindings()
        var options: [String: CheckedOptions] = [:]
        for provider in providers {
            options[provider.path] = schema(provider.type)?.check(provider, findings)
        }
        try findings.throwErrors()
        return options
    }
}
