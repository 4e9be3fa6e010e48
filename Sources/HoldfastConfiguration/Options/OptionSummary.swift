/// One option of a plugin, in words.
public struct OptionSummary: Hashable, Sendable {
    /// Its key in storage.yaml; the keys above it stand before it, as in `tls.certificate`.
    public let name: String
    /// What its value must be, such as `a duration such as 5s, at least 1ms`.
    public let expectation: String
    /// What holds when it is not given.
    public let fallback: String?
    /// Whether it must be given.
    public let isRequired: Bool
    /// Whether it is never shown.
    public let isSecret: Bool
    /// What it does.
    public let description: String?
}

extension OptionsSchema {
    /// Every option, in the order of the schema.
    public var summaries: [OptionSummary] { Self.summaries(of: root, under: "") }

    private static func summaries(of node: SchemaNode, under prefix: String) -> [OptionSummary] {
        node.properties.flatMap { property -> [OptionSummary] in
            let schema = property.schema
            let name = prefix + property.name
            guard schema.properties.isEmpty else { return summaries(of: schema, under: "\(name).") }
            return [
                OptionSummary(
                    name: name, expectation: schema.expectation, fallback: schema.shownFallback,
                    isRequired: node.required.contains(property.name), isSecret: schema.isSecret,
                    description: schema.description)
            ]
        }
    }
}

extension SchemaNode {
    /// The default as it would be written in storage.yaml.
    fileprivate var shownFallback: String? {
        guard let fallback else { return nil }
        guard case .number(let digits) = fallback, let number = Int64(digits), number >= 0 else {
            return fallback.string ?? fallback.text
        }
        switch format {
        case .duration: return DurationText.render(.milliseconds(number))
        case .size: return SizeText.render(UInt64(number))
        default: return digits
        }
    }
}
