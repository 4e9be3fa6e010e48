internal import Holdfast

extension RouteParameter {
    static let namespace = RouteParameter.path(
        "namespace", "1 to 255 bytes of UTF-8 without NUL; names that begin with ~ belong to the host.")
    static let key = RouteParameter.path(
        "key", "1 to 1024 bytes of UTF-8 without NUL; / and every other character is data, percent-encoded.")
    static let limit = RouteParameter.query(
        "limit", .integer, "At most so many, 0 to \(PageLimit.maximum).", fallback: "\(PageLimit.standard)",
        bounds: 0...PageLimit.maximum)
    static let cursor = RouteParameter.query(
        "cursor", .text, "The `next` of the page before, with everything else as it was.")
    static let prefix = RouteParameter.query("prefix", .text, "Only keys that begin so.")
    static let keysOnly = RouteParameter.query("keysOnly", .flag, "Leaves the values out.", fallback: "false")
    static let order = RouteParameter.query(
        "order", .choice(["ascending", "descending"]), "The order of the keys.", fallback: "ascending")
    static let ifMatch = RouteParameter.header(
        "If-Match",
        "Lets the write take place only if one of these versions is stored, each an `ETag`, quotes included; `*`: if anything is.",
        pattern: versionTags)
    static let versionTags =
        #"^(\*|"[0-9a-f]{32}(\.[0-9a-f]{16})?"(, "[0-9a-f]{32}(\.[0-9a-f]{16})?")*)$"#
    static let ifNoneMatch = RouteParameter.header(
        "If-None-Match", "`*` lets the write take place only if nothing is stored.", pattern: #"^\*$"#)
    static let ifNoneMatchRead = RouteParameter.header(
        "If-None-Match", "Versions that the reader has: of those the answer is 304 without a body.")

    /// The headers that every write takes.
    static let writing: [RouteParameter] = [
        .header(
            "Idempotency-Key",
            "Client-chosen text of 1 to 255 bytes: a second write with it changes nothing and gets the first answer.",
            pattern: "^.{1,255}$"
        ),
        .header(
            "Prefer",
            "`ack=primary`, `ack=log` or `ack=all` says when the write is answered, `wait=SECONDS` how long it may take."
        ),
        .header(
            "Holdfast-Fence",
            "The lock under which the write is made: its percent-encoded name, a semicolon and its fence.",
            pattern: "^[^; ]+;[0-9]+$"),
    ]

    /// The headers of a write that takes many steps, or finds by itself what is left to do.
    ///
    /// One key for all steps would make the second a repetition of the first.
    static let writingInSteps = writing.filter { $0.name != "Idempotency-Key" }
}
