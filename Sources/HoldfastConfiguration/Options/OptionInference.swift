/// Reads values without a schema: what a plain scalar looks like is what it is (YAML 1.2, core schema).
///
/// For plugins that describe no options, for members that a schema leaves open, and for printing.
enum OptionInference {
    /// The value, secrets included.
    static func value(of node: ConfigurationNode) -> JSONValue {
        switch node.content {
        case .scalar(let scalar): value(of: scalar)
        case .sequence(let items): .array(items.map(value(of:)))
        case .mapping(let entries): .object(entries.map { JSONMember($0.key, value(of: $0.value)) })
        }
    }

    /// The value with `***` for what is secret, by its source, its form or the name of its key.
    static func redacted(_ node: ConfigurationNode, named name: String) -> JSONValue {
        if PasswordMask.isSecretName(name) { return .string(ProtectedText.mask) }
        switch node.content {
        case .scalar(let scalar):
            if scalar.text.isHidden { return .string(scalar.text.description) }
            let value = value(of: scalar)
            return value.string == nil ? value : .string(scalar.text.description)
        case .sequence(let items): return .array(items.map { redacted($0, named: "") })
        case .mapping(let entries):
            return .object(entries.map { JSONMember($0.key, redacted($0.value, named: $0.key)) })
        }
    }

    private static func value(of scalar: ConfigurationNode.Scalar) -> JSONValue {
        let text = scalar.text.revealed
        guard scalar.isPlain else { return .string(text) }
        if scalar.isNull { return .null }
        if let boolean = boolean(text) { return .bool(boolean) }
        if let number = number(text) { return .number(number) }
        return .string(text)
    }

    /// `true` or `false`, in one of the three spellings of the core schema.
    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// A number as JSON writes it; other spellings of numbers stay text.
    static func number(_ text: String) -> String? {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
            let value = try? JSONReader.parse(text), case .number(let number) = value, number == text,
            Double(number)?.isFinite == true
        else { return nil }
        return number
    }
}
