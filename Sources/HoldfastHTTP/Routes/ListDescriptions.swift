internal import HTTPTypes

extension ListRoutes {
    private static let target = "/v1/lists/example-lists/session%2F1"
    private static let path = "/v1/lists/{namespace}/{key}"
    private static let unknown = "00000000000070008000000000000001"

    static let summariesDescription = RouteDescription(
        method: .get, path: "/v1/lists/{namespace}", id: "listLists",
        summary:
            "Sums up the lists of a namespace in the order of their keys: how long each is, and since when.",
        access: .read, parameters: [.namespace, .prefix, .limit, .cursor],
        outcome: .json("A page of summaries.", .page),
        examples: [RouteExample(target: "/v1/lists/example-lists?prefix=session", answer: #"{"data":["#)])
    static let pageDescription = RouteDescription(
        method: .get, path: path, id: "getList",
        summary: "Reads a page of a list: the latest items, oldest first, if nothing else is said.",
        access: .read,
        parameters: [
            .namespace, .key,
            .query(
                "order", .choice(["latest", "ascending", "descending"]),
                "From which end the limit counts, and the order of the items.", fallback: "latest"),
            .query("after", .version, "Only items after the one with this id; it need not exist any more."),
            .query("before", .version, "Only items before the one with this id; it need not exist any more."),
            .query("cursor", .version, "The `next` of the page before, with everything else as it was."),
            .limit, .ifNoneMatchRead,
        ],
        outcome: .json(
            "A page of items. Its ETag is the last id of the list, where the page shows it.", .page),
        examples: [RouteExample(target: "\(target)?limit=10", answer: #"{"data":["#)])
    static let appendDescription = RouteDescription(
        method: .post, path: path, id: "appendToList",
        summary: "Appends: each element of an array as an item, all or none; any other JSON as one item.",
        access: .write,
        parameters: [
            .namespace, .key, Call.ttl,
            .header(
                "If-Match", "Lets the append take place only if this is the last id of the list.",
                pattern: RouteParameter.versionTags),
            .header(
                "If-None-Match", "`*` lets the append take place only if the list is empty.",
                pattern: #"^\*$"#),
        ] + RouteParameter.writing,
        content: .value(
            "What is stored, byte for byte; to append one item that is an array, wrap it in another."),
        outcome: .json("The ids of the items; the last is the ETag of the list.", .ids),
        examples: [
            RouteExample(
                target: target, headers: [("Idempotency-Key", "example")],
                body: #"[{"role":"user","content":"hello"},{"role":"assistant","content":"hi"}]"#,
                answer: #"{"ids":["#)
        ])
    static let replaceDescription = RouteDescription(
        method: .put, path: path, id: "replaceList", summary: "Replaces the whole list in one atomic step.",
        access: .write, parameters: [.namespace, .key, Call.ttl] + RouteParameter.writing,
        content: .json("An array of the items, oldest first."), shape: .array,
        outcome: .json("The ids of the items.", .ids),
        examples: [
            RouteExample(target: "/v1/lists/example-lists/replaced", body: "[1, 2.0]", answer: #"{"ids":["#)
        ])
    static let clearDescription = RouteDescription(
        method: .delete, path: path, id: "clearList",
        summary: "Removes every item that has arrived; one that arrives later is never lost.", access: .write,
        parameters: [.namespace, .key] + RouteParameter.writing,
        outcome: .json("The id up to which the list is empty."),
        examples: [RouteExample(target: "/v1/lists/example-lists/replaced", answer: #"{"upTo":""#)])
    static let trimDescription = RouteDescription(
        method: .post, path: "\(path)/trim", id: "trimList",
        summary: "Removes the oldest items, down to a bound.", access: .write,
        parameters: [
            .namespace, .key,
            .query("count", .integer, "Keeps the newest so many items.", bounds: 0...Int.max),
            .query(
                "bytes", .integer, "Keeps the newest items that have no more bytes together.",
                bounds: 0...Int.max),
            .query("age", .seconds, "Keeps the items that arrived no longer ago, in seconds."),
        ] + RouteParameter.writing,
        outcome: .json("The id up to which items went, or null where there was nothing to remove."),
        examples: [RouteExample(target: "\(target)/trim?count=1000", answer: #"{"upTo":null}"#)])
    static let itemDescription = RouteDescription(
        method: .get, path: "\(path)/items/{id}", id: "getItem",
        summary: "Reads an item: its bytes as they were written, what is known of them in headers.",
        access: .read, parameters: [.namespace, .key, .ifNoneMatchRead],
        outcome: .value("The value, byte for byte."),
        examples: [
            RouteExample(
                target: "\(target)/items/\(unknown)", status: 404,
                answer: #"{"type":"urn:holdfast:error:not_found""#)
        ])
    static let editDescription = RouteDescription(
        method: .put, path: "\(path)/items/{id}", id: "editItem",
        summary: "Replaces the value of an item, which keeps its place.", access: .write,
        parameters: [.namespace, .key, Call.ttl] + RouteParameter.writing,
        content: .value("The value; it comes back byte for byte."),
        outcome: .json("The new version of the item, which is its ETag as well.", .version),
        examples: [
            RouteExample(
                target: "\(target)/items/\(unknown)", body: "1", status: 404,
                answer: #"{"type":"urn:holdfast:error:not_found""#)
        ])
    static let removeDescription = RouteDescription(
        method: .delete, path: "\(path)/items/{id}", id: "removeItem", summary: "Removes an item.",
        access: .write, parameters: [.namespace, .key] + RouteParameter.writing,
        outcome: .json("The version of the removal.", .version),
        examples: [
            RouteExample(
                target: "\(target)/items/\(unknown)", status: 404,
                answer: #"{"type":"urn:holdfast:error:not_found""#)
        ])
}
