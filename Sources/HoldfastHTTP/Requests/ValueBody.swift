internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension Call {
    /// The value that the body is: JSON, or any bytes under `application/octet-stream`.
    ///
    /// - Throws: `invalid` for an expiry that is none.
    func value() -> Value {
        let isBytes = header(.contentType).map(ContentType.isBytes) ?? false
        return Value(
            body.bytes, as: isBytes ? .bytes : .json, expiry: query.seconds("ttl").map { .after($0) })
    }

    /// The parameter that ``value()`` takes its expiry from.
    static let ttl = RouteParameter.query(
        "ttl", .seconds, "After how many seconds what is written goes by itself.")
}

/// What a `Content-Type` header says.
enum ContentType {
    /// Whether it is any bytes.
    static func isBytes(_ text: String) -> Bool { essence(of: text) == "application/octet-stream" }

    /// Whether it is JSON.
    static func isJSON(_ text: String) -> Bool {
        let essence = essence(of: text)
        return essence == "application/json" || essence.hasSuffix("+json")
    }

    private static func essence(of text: String) -> String {
        if text == "application/json" { return text }
        let essence = text.prefix { $0 != ";" && $0 != " " }
        return essence.lowercased()
    }
}
