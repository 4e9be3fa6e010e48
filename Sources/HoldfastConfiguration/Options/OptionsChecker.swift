/// Checks values against a schema and makes of them what the plugin gets.
///
/// Every result is a pair: the value with its secrets, and the same for people. What is wrong goes to the
/// findings,
/// and null stands in.
struct OptionsChecker {
    /// The value for the plugin, and the one that may be shown.
    typealias Pair = (value: JSONValue, shown: JSONValue)

    let type: String
    let directory: String
    let findings: ConfigurationFindings

    /// Checks a mapping.
    func object(_ node: ConfigurationNode, by schema: SchemaNode, path: String, isSecret: Bool) -> Pair {
        guard let entries = node.entries else { return refuse(node, path, schema, isSecret: isSecret) }
        var values: [JSONMember] = []
        var shown: [JSONMember] = []
        for entry in entries {
            let below = "\(path).\(entry.key)"
            let property = schema.properties.first { $0.name == entry.key }
            guard property != nil || schema.isOpen else {
                reportUnknown(entry, in: path, schema)
                continue
            }
            let hides = isSecret || property == nil && PasswordMask.isSecretName(entry.key)
            let pair = value(entry.value, by: property?.schema ?? SchemaNode(), path: below, isSecret: hides)
            values.append(JSONMember(entry.key, pair.value))
            shown.append(JSONMember(entry.key, pair.shown))
        }
        for property in schema.properties where node[property.name] == nil {
            if let fallback = property.schema.fallback {
                let pair = defaultPair(
                    fallback, by: property.schema, path: "\(path).\(property.name)", isSecret: isSecret)
                values.append(JSONMember(property.name, pair.value))
                shown.append(JSONMember(property.name, pair.shown))
            } else if schema.required.contains(property.name),
                !isMisspelt(property.name, in: entries, schema)
            {
                findings.add(
                    "missing option \"\(property.name)\" of \(type) in \(path), expected \(property.schema.expectation)",
                    at: node.origin)
            }
        }
        return (.object(values), .object(shown))
    }

    /// Whether a key was reported already, with this name as the advice.
    private func isMisspelt(
        _ name: String, in entries: [ConfigurationNode.Entry], _ schema: SchemaNode
    ) -> Bool {
        let names = schema.properties.map(\.name)
        return entries.contains {
            !names.contains($0.key) && Spelling.nearest(to: $0.key, among: names) == name
        }
    }

    private func value(_ node: ConfigurationNode, by schema: SchemaNode, path: String, isSecret: Bool) -> Pair
    {
        let isSecret = isSecret || schema.isSecret
        switch node.content {
        case .mapping:
            guard schema.forms.isEmpty || schema.forms.contains(.object) else {
                return refuse(node, path, schema, isSecret: isSecret)
            }
            var open = schema
            if schema.forms.isEmpty, schema.properties.isEmpty { open.isOpen = true }
            return object(node, by: open, path: path, isSecret: isSecret)
        case .sequence(let items):
            guard schema.forms.isEmpty || schema.forms.contains(.array) else {
                return refuse(node, path, schema, isSecret: isSecret)
            }
            let pairs = items.enumerated().map { position, item in
                value(
                    item, by: schema.items.first ?? SchemaNode(), path: "\(path)[\(position)]",
                    isSecret: isSecret)
            }
            return (.array(pairs.map(\.value)), .array(pairs.map(\.shown)))
        case .scalar(let scalar):
            return self.scalar(scalar, node, by: schema, path: path, isSecret: isSecret)
        }
    }

    private func scalar(
        _ scalar: ConfigurationNode.Scalar, _ node: ConfigurationNode, by schema: SchemaNode, path: String,
        isSecret: Bool
    ) -> Pair {
        guard !scalar.isUnresolved else { return (.null, .null) }
        if scalar.isNull {
            guard schema.forms.contains(.null) || schema == SchemaNode() else {
                findings.add(
                    "\(Self.name(path)) has no value, expected \(schema.expectation)", at: node.origin)
                return (.null, .null)
            }
            return recorded((.null, .null), path, node.origin)
        }
        do throws(ValueProblem) {
            var value = try OptionScalar.value(of: scalar, by: schema)
            if schema.format == .path, let text = value.string {
                value = .string(try OptionScalar.path(text, in: directory))
            }
            try OptionScalar.checkRules(value, schema)
            let shown = Self.shown(value, of: scalar, schema, isSecret: isSecret)
            findings.record(path, shown.people, from: node.origin)
            return (value, shown.json)
        } catch {
            let subject = isSecret ? "(a secret value)" : node.inMessage
            findings.add("\(Self.name(path)) \(subject) \(error.text)", at: node.origin)
            return (.null, .null)
        }
    }

    /// What may be shown: as JSON for the plugin's options, and with units for people.
    private static func shown(
        _ value: JSONValue, of scalar: ConfigurationNode.Scalar, _ schema: SchemaNode, isSecret: Bool
    ) -> (json: JSONValue, people: JSONValue) {
        if isSecret { return (.string(ProtectedText.mask), .string(ProtectedText.mask)) }
        if scalar.text.isHidden {
            let text = JSONValue.string(scalar.text.description)
            return (text, text)
        }
        let json = value.string.map { JSONValue.string(ProtectedText($0).description) } ?? value
        return (json, OptionScalar.withUnit(json, schema))
    }

    private func defaultPair(_ value: JSONValue, by schema: SchemaNode, path: String, isSecret: Bool) -> Pair
    {
        var value = value
        if schema.format == .path, let text = value.string,
            let resolved = try? OptionScalar.path(text, in: directory)
        {
            value = .string(resolved)
        }
        if isSecret || schema.isSecret {
            return recorded((value, .string(ProtectedText.mask)), path, .default)
        }
        findings.record(path, OptionScalar.withUnit(value, schema), from: .default)
        return (value, value)
    }

    private func recorded(_ pair: Pair, _ path: String, _ origin: ConfigurationOrigin) -> Pair {
        findings.record(path, pair.shown, from: origin)
        return pair
    }

    private func refuse(_ node: ConfigurationNode, _ path: String, _ schema: SchemaNode, isSecret: Bool)
        -> Pair
    {
        let subject = isSecret && node.scalar != nil ? "a secret value" : node.inMessage
        findings.add("\(Self.name(path)) is \(subject), expected \(schema.expectation)", at: node.origin)
        return (.null, .null)
    }

    private func reportUnknown(_ entry: ConfigurationNode.Entry, in path: String, _ schema: SchemaNode) {
        let own = schema.properties.map(\.name)
        let shared = ConfigurationKeys.provider.map(\.name)
        let near =
            Spelling.nearest(to: entry.key, among: own) ?? Spelling.nearest(to: entry.key, among: shared)
        let advice =
            near.map { ", did you mean \"\($0)\"?" }
            ?? ", expected \(own.isEmpty ? "none" : Spelling.either(own))"
        findings.add("unknown option \"\(entry.key)\" of \(type) in \(path)\(advice)", at: entry.keyOrigin)
    }

    /// The last step of a path: the name by which a person knows the option.
    private static func name(_ path: String) -> Substring {
        path.split(separator: ".").last ?? path[...]
    }
}
