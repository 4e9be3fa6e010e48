/// Turns single values of the file into the values of a schema.
enum OptionScalar {
    /// Reads a scalar in the first form of its schema that it can have.
    static func value(of scalar: ConfigurationNode.Scalar, by schema: SchemaNode) throws(ValueProblem)
        -> JSONValue
    {
        let text = scalar.text.revealed
        switch schema.format {
        case .duration:
            return .integer(try DurationText.milliseconds(DurationText.parse(text)))
        case .size: return .integer(try SizeText.parse(text))
        case .path: return .string(text)
        case nil: break
        }
        // A quoted text is no number, but what an environment variable gave has no other way to be one.
        let mayBeTyped = scalar.isPlain || scalar.text.isHidden
        if schema.forms.isEmpty { return mayBeTyped ? inferred(text) : .string(text) }
        for form in [SchemaNode.Form.boolean, .integer, .number]
        where mayBeTyped && schema.forms.contains(form) {
            if let value = typed(text, form) { return value }
        }
        if schema.forms.contains(.string) { return .string(text) }
        if !mayBeTyped,
            [SchemaNode.Form.boolean, .integer, .number].contains(where: {
                schema.forms.contains($0) && typed(text, $0) != nil
            })
        {
            throw ValueProblem("is a text in quotes, expected it without quotes: \(schema.expectation)")
        }
        throw ValueProblem("is not right, expected \(schema.expectation)")
    }

    /// Checks bounds, allowed values, length and pattern.
    static func checkRules(_ value: JSONValue, _ schema: SchemaNode) throws(ValueProblem) {
        if let allowed = schema.allowed, !allowed.contains(value) {
            let words = allowed.compactMap(\.string)
            let near = value.string.flatMap { Spelling.nearest(to: $0, among: words) }
            let advice = near.map { "did you mean \"\($0)\"?" } ?? "expected \(schema.expectation)"
            throw ValueProblem("is not known, \(advice)")
        }
        if case .number(let text) = value, let number = Double(text), !schema.bounds(number) {
            throw ValueProblem("is out of range, expected \(schema.expectation)")
        }
        guard let text = value.string else { return }
        guard !text.utf8.contains(0) else {
            throw ValueProblem("contains a NUL character, expected text without")
        }
        if let least = schema.lengthMin, text.unicodeScalars.count < least {
            throw ValueProblem(
                text.isEmpty
                    ? "is empty, expected \(schema.expectation)"
                    : "is too short, expected \(least) characters")
        }
        if let most = schema.lengthMax, text.unicodeScalars.count > most {
            throw ValueProblem("is too long, expected at most \(most) characters")
        }
        // The pattern was tried when the schema was read; a `Regex` itself is not `Sendable` and cannot be
        // kept.
        if let pattern = schema.pattern, let regex = try? Regex(pattern),
            (try? regex.firstMatch(in: text)) == nil
        {
            throw ValueProblem("is not right, expected text that matches \(pattern)")
        }
    }

    /// A path made absolute; `:memory:` and its like are names that a plugin gives a meaning to.
    static func path(_ text: String, in directory: String) throws(ValueProblem) -> String {
        guard !text.isEmpty else { throw ValueProblem("is empty, expected a path") }
        guard !text.hasPrefix("~") else {
            throw ValueProblem("begins with \"~\", which only a shell replaces, expected ${HOME}/…")
        }
        return text.hasPrefix(":") ? text : Surroundings.absolute(text, in: directory)
    }

    /// A duration or size as a person writes it; anything else as it is.
    static func withUnit(_ value: JSONValue, _ schema: SchemaNode) -> JSONValue {
        guard case .number(let text) = value else { return value }
        switch schema.format {
        case .duration: return Int64(text).map { .string(DurationText.render(.milliseconds($0))) } ?? value
        case .size: return UInt64(text).map { .string(SizeText.render($0)) } ?? value
        default: return value
        }
    }

    private static func typed(_ text: String, _ form: SchemaNode.Form) -> JSONValue? {
        switch form {
        case .boolean: OptionInference.boolean(text).map { .bool($0) }
        case .integer: OptionInference.number(text).flatMap { Int64($0) }.map { .integer($0) }
        case .number: OptionInference.number(text).map { .number($0) }
        default: nil
        }
    }

    private static func inferred(_ text: String) -> JSONValue {
        typed(text, .boolean) ?? typed(text, .number) ?? .string(text)
    }
}
