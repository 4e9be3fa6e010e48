/// What a schema says about one value.
///
/// The part of JSON Schema that options need; keywords beyond it are left to the plugin, which checks its
/// options
/// once more when it opens.
struct SchemaNode: Hashable, Sendable {
    /// The words of `type`.
    enum Form: String, Hashable, Sendable {
        case string, integer, number, boolean, array, object, null
    }

    /// The words of `format` that this product gives a meaning to.
    enum Format: String, Hashable, Sendable {
        /// A duration with its unit; reaches the plugin as whole milliseconds.
        case duration
        /// A size with its unit; reaches the plugin as whole bytes.
        case size
        /// A path; a relative one begins at the directory of the file.
        case path
    }

    /// A named member of an object.
    struct Property: Hashable, Sendable {
        let name: String
        let schema: SchemaNode
    }

    /// The allowed forms; none means any.
    var forms: [Form] = []
    var format: Format?
    /// The allowed values; nothing means any.
    var allowed: [JSONValue]?
    /// For numbers the value, for durations milliseconds, for sizes bytes.
    var minimum: Double?
    var maximum: Double?
    var lengthMin: Int?
    var lengthMax: Int?
    /// A regular expression that must be found in a text.
    var pattern: String?
    var fallback: JSONValue?
    var isSecret = false
    /// What the option does, for people.
    var description: String?
    var properties: [Property] = []
    var required: [String] = []
    /// Whether members that are not among the properties are passed on unchecked.
    var isOpen = false
    /// What every item of an array must be: one schema or none.
    var items: [SchemaNode] = []

    /// What the value must be, in words for a message.
    var expectation: String {
        if let allowed { return Spelling.either(allowed.map { $0.string ?? $0.text }) }
        if format == .duration {
            return "a duration such as 5s" + bounds { DurationText.render(.milliseconds($0)) }
        }
        if format == .size { return "a size such as 64MiB" + bounds { SizeText.render(UInt64(max(0, $0))) } }
        if format == .path { return "a path" }
        let words = forms.filter { $0 != .null }.map { form in
            switch form {
            case .string: "a text"
            case .integer: "a whole number" + bounds { "\($0)" }
            case .number: "a number" + bounds { "\($0)" }
            case .boolean: "true or false"
            case .array: "a list"
            case .object: "a mapping"
            case .null: "nothing"
            }
        }
        return words.isEmpty ? "a value" : Spelling.either(words)
    }

    private func bounds(_ render: (Int64) -> String) -> String {
        let low = minimum.flatMap { Int64(exactly: $0.rounded()) }.map(render)
        let high = maximum.flatMap { Int64(exactly: $0.rounded()) }.map(render)
        switch (low, high) {
        case (let low?, let high?): return ", \(low) to \(high)"
        case (let low?, nil): return ", at least \(low)"
        case (nil, let high?): return ", at most \(high)"
        case (nil, nil): return ""
        }
    }

    /// Whether a number lies within the bounds.
    func bounds(_ value: Double) -> Bool { value >= minimum ?? -.infinity && value <= maximum ?? .infinity }
}
