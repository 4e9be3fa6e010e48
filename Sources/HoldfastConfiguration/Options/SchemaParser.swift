internal import HoldfastModel

/// Reads the keywords of a JSON Schema.
enum SchemaParser {
    private static let depthMax = 16

    /// Reads a schema.
    ///
    /// - Parameters:
    ///   - json: the schema.
    ///   - path: where it stands in the options, for messages; empty for the root.
    ///   - depth: how many schemas it lies in.
    /// - Returns: the part of it that options need.
    /// - Throws: `invalid` where a keyword has a value that JSON Schema does not allow.
    static func node(_ json: JSONValue, at path: String, depth: Int = 0) throws(HoldfastError) -> SchemaNode {
        guard depth <= depthMax else { throw error("it is nested more than \(depthMax) deep", path) }
        if case .bool = json { return SchemaNode() }
        guard case .object = json else { throw error("a schema is not an object", path) }
        var node = SchemaNode()
        node.forms = try forms(json["type"], path)
        node.format = json["format"]?.string.flatMap(SchemaNode.Format.init)
        if case .array(let values) = json["enum"] { node.allowed = values }
        node.minimum = try number(json["minimum"], "minimum", path)
        node.maximum = try number(json["maximum"], "maximum", path)
        node.lengthMin = try number(json["minLength"], "minLength", path).flatMap { Int(exactly: $0) }
        node.lengthMax = try number(json["maxLength"], "maxLength", path).flatMap { Int(exactly: $0) }
        node.pattern = try pattern(json["pattern"], path)
        node.isSecret = json["secret"] == .bool(true)
        node.description = json["description"]?.string
        node.isOpen = json["additionalProperties"] == .bool(true)
        if case .object(let members) = json["properties"] {
            for member in members {
                let below = path.isEmpty ? member.name : "\(path).\(member.name)"
                node.properties.append(
                    .init(name: member.name, schema: try Self.node(member.value, at: below, depth: depth + 1))
                )
            }
        }
        if case .array(let names) = json["required"] { node.required = names.compactMap(\.string) }
        if let items = json["items"] {
            node.items = [try Self.node(items, at: "\(path)[]", depth: depth + 1)]
        }
        node.fallback = try json["default"].map { value throws(HoldfastError) in
            try fallback(value, for: node, path)
        }
        return node
    }

    private static func forms(_ json: JSONValue?, _ path: String) throws(HoldfastError) -> [SchemaNode.Form] {
        let names: [JSONValue] =
            switch json {
            case nil: []
            case .array(let names): names
            case .some(let name): [name]
            }
        return try names.map { name throws(HoldfastError) in
            guard let word = name.string, let form = SchemaNode.Form(rawValue: word) else {
                throw error("the type \(name.text) is not one of JSON Schema", path)
            }
            return form
        }
    }

    private static func number(_ json: JSONValue?, _ keyword: String, _ path: String) throws(HoldfastError)
        -> Double?
    {
        guard let json else { return nil }
        guard case .number(let text) = json, let number = Double(text), number.isFinite else {
            throw error("\"\(keyword)\" is not a number", path)
        }
        return number
    }

    private static func pattern(_ json: JSONValue?, _ path: String) throws(HoldfastError) -> String? {
        guard let json else { return nil }
        guard let pattern = json.string, (try? Regex(pattern)) != nil else {
            throw error("\"pattern\" is not a regular expression", path)
        }
        return pattern
    }

    /// Turns a default that is written with a unit into what the plugin gets.
    private static func fallback(
        _ json: JSONValue, for node: SchemaNode, _ path: String
    ) throws(HoldfastError) -> JSONValue {
        guard let text = json.string, node.format == .duration || node.format == .size else { return json }
        do throws(ValueProblem) {
            if node.format == .size { return .integer(try SizeText.parse(text)) }
            return .integer(try DurationText.milliseconds(DurationText.parse(text)))
        } catch {
            throw Self.error("the default \"\(text)\" \(error.text)", path)
        }
    }

    private static func error(_ what: String, _ path: String) -> HoldfastError {
        HoldfastError(.invalid, path.isEmpty ? what : "\(what) at \"\(path)\"")
    }
}
