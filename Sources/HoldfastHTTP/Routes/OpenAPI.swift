internal import HTTPTypes
internal import HoldfastSupport

/// Writes the reference of all routes in OpenAPI 3.1, from what the routes say of themselves.
///
/// Source: OpenAPI Specification 3.1.0.
enum OpenAPI {
    /// The document.
    static func document(of routes: [RouteDescription]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("openapi", "3.1.0")
            writer.member("info") { writer in
                writer.object { writer in
                    writer.member("title", "Holdfast")
                    writer.member("version", "1.0.0")
                    writer.member(
                        "description", "Everything that an agent stores. Errors are problem+json (RFC 9457).")
                }
            }
            writer.member("paths") { writer in
                writer.object { writer in paths(routes, &writer) }
            }
            writer.member("components", json: Array(components.utf8))
        }
        return writer.bytes
    }

    private static func paths(_ routes: [RouteDescription], _ writer: inout JSONWriter) {
        var paths: [String] = []
        for route in routes where !paths.contains(route.path) { paths.append(route.path) }
        for path in paths {
            writer.member(path) { writer in
                writer.object { writer in
                    for route in routes where route.path == path {
                        writer.member(route.method.rawValue.lowercased()) { operation(route, &$0) }
                    }
                }
            }
        }
    }

    private static func operation(_ route: RouteDescription, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("operationId", route.id)
            writer.member("summary", route.summary)
            writer.member("tags") { writer in writer.array { $0.value(tag(of: route.path)) } }
            if route.access != .open {
                writer.member("security") { writer in
                    writer.array { writer in
                        writer.object { $0.member("token") { $0.array { $0.value(route.access.rawValue) } } }
                        // Over a Unix socket, and where no tokens are set.
                        writer.object { _ in }
                    }
                }
            }
            writer.member("parameters") { writer in
                writer.array { writer in
                    for parameter in parameters(of: route) { self.parameter(parameter, &writer) }
                }
            }
            content(route, &writer)
            writer.member("responses") { writer in responses(route, &writer) }
        }
    }

    /// What is declared, and the parameters of the path that are not.
    private static func parameters(of route: RouteDescription) -> [RouteParameter] {
        let names = route.path.split(separator: "/").filter { $0.first == "{" }.map {
            String($0.dropFirst().dropLast())
        }
        let declared = route.parameters.filter { $0.place == .path }.map(\.name)
        return route.parameters.filter { $0.place != .path || names.contains($0.name) }
            + names.filter { !declared.contains($0) }.map {
                RouteParameter.path($0, "One percent-encoded segment.")
            }
    }

    /// `/v1/documents/{namespace}` belongs to `documents`.
    private static func tag(of path: String) -> String {
        let words = path.split(separator: "/")
        return String(words.first == "v1" ? words.dropFirst().first ?? "v1" : "service")
    }

    private static func parameter(_ parameter: RouteParameter, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", parameter.name)
            writer.member("in", parameter.place.rawValue)
            let fallback = parameter.fallback.flatMap { parameter.isValid($0) ? nil : " Else: \($0)." }
            writer.member("description", parameter.summary + (fallback ?? ""))
            writer.member("required", parameter.isRequired)
            // `?overwrite` is the same as `?overwrite=true`.
            if case .flag = parameter.kind { writer.member("allowEmptyValue", true) }
            writer.member("schema") { writer in
                guard parameter.repeats else { return schema(parameter, &writer) }
                writer.object { writer in
                    writer.member("type", "array")
                    writer.member("items") { schema(parameter, &$0) }
                }
            }
        }
    }

    private static func schema(_ parameter: RouteParameter, _ writer: inout JSONWriter) {
        writer.object { writer in
            switch parameter.kind {
            case .text: text(parameter, &writer)
            case .integer:
                writer.member("type", "integer")
                writer.member("format", "int64")
                if let bounds = parameter.bounds {
                    writer.member("minimum", bounds.lowerBound)
                    writer.member("maximum", bounds.upperBound)
                }
            case .flag: writer.member("type", "boolean")
            case .version:
                writer.member("type", "string")
                writer.member("pattern", "^[0-9a-f]{32}$")
            case .seconds:
                writer.member("type", "number")
                writer.member("exclusiveMinimum", 0)
                writer.member("exclusiveMaximum", json: Array("1e10".utf8))
            case .choice(let words):
                writer.member("type", "string")
                writer.member("enum") { writer in writer.array { for word in words { $0.value(word) } } }
            }
            // What holds may be something that no value says; then it stands in the description.
            guard let fallback = parameter.fallback, parameter.isValid(fallback) else { return }
            switch parameter.kind {
            case .integer, .flag, .seconds: writer.member("default", json: Array(fallback.utf8))
            default: writer.member("default", fallback)
            }
        }
    }

    private static func text(_ parameter: RouteParameter, _ writer: inout JSONWriter) {
        writer.member("type", "string")
        if parameter.place == .path { writer.member("minLength", 1) }
        if let pattern = parameter.pattern { writer.member("pattern", pattern) }
    }

    private static func content(_ route: RouteDescription, _ writer: inout JSONWriter) {
        let (summary, types): (String, [String])
        switch route.content {
        case .none: return
        case .json(let text), .optionalJSON(let text): (summary, types) = (text, [Reply.MediaType.json])
        case .value(let text): (summary, types) = (text, [Reply.MediaType.json, Reply.MediaType.bytes])
        }
        let isOptional = if case .optionalJSON = route.content { true } else { false }
        writer.member("requestBody") { writer in
            writer.object { writer in
                writer.member("description", summary)
                writer.member("required", !isOptional)
                writer.member("content") { writer in
                    writer.object { writer in
                        for type in types {
                            media(
                                type, schema: type == Reply.MediaType.json ? schema(of: route.shape) : "{}",
                                route.examples.lazy.compactMap(\.body).first, &writer)
                        }
                    }
                }
            }
        }
    }

    static func media(
        _ type: String, schema: String, _ example: String?, _ writer: inout JSONWriter
    ) {
        writer.member(type) { writer in
            writer.object { writer in
                writer.member("schema", json: Array(schema.utf8))
                if type == Reply.MediaType.json, let example, (try? JSONNode(Array(example.utf8))) != nil {
                    writer.member("example", json: Array(example.utf8))
                }
            }
        }
    }
}
