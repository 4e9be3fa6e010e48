internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// The six primitives: get, set, delete, append, list, query.
enum PrimitivesRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: setDescription, handler: set),
        Route(description: getDescription, handler: get),
        Route(description: appendDescription, handler: append),
        Route(description: itemsDescription, handler: items),
        Route(description: queryDescription, handler: query),
        Route(description: deleteDescription, handler: delete),
    ]

    private static func set(_ call: Call) async throws(HoldfastError) -> Reply {
        .version(
            try await call.store.primitives().set(
                call["namespace"], call["key"], call.body.bytes, try await call.writeOptions()))
    }

    private static func get(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.primitives().get(
            call["namespace"], call["key"], try call.callOptions)
        var body = JSONBody()
        if let value = answer.content { body.value(json: value) } else { body.null() }
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func append(_ call: Call) async throws(HoldfastError) -> Reply {
        let receipt = try await call.store.primitives().add(
            call.body.bytes, to: call["namespace"], call["key"], try await call.writeOptions())
        return .receipt(receipt) { body in body.member("id", hex: receipt.id) }
    }

    private static func items(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.primitives().list(
            call["namespace"], call["key"], try call.callOptions)
        var body = JSONBody(capacity: answer.content.reduce(64) { $0 + $1.json.count + 50 })
        body.array { body in for entry in answer.content { body.value(json: entry.jsonWithID) } }
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func query(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.primitives().query(
            call["namespace"], call.body.bytes, limit: call.query.integer("limit"),
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.json.count + 50 }) { body, entry in
            body.value(json: entry.jsonWithID)
        }
    }

    private static func delete(_ call: Call) async throws(HoldfastError) -> Reply {
        .version(
            try await call.store.primitives().delete(
                call["namespace"], call["key"], try await call.writeOptions()))
    }
}

extension PrimitivesRoutes {
    private static let target = "/v1/primitives/example-primitives"

    private static let setDescription = RouteDescription(
        method: .put, path: "/v1/primitives/{namespace}/{key}", id: "setPrimitive",
        summary: "Writes the value of a key, in place of the one before.", access: .write,
        parameters: [.namespace, .key] + RouteParameter.writing,
        content: .json("A JSON object; it comes back byte for byte."), shape: .object,
        outcome: .json("The version of the value.", .version),
        examples: [
            RouteExample(target: target + "/k", body: #"{"a": 1}"#, answer: #"{"version":""#),
            RouteExample(target: target + "/k", body: "[1]", status: 400),
        ])
    private static let getDescription = RouteDescription(
        method: .get, path: "/v1/primitives/{namespace}/{key}", id: "getPrimitive",
        summary: "Reads the value of a key.", access: .read, parameters: [.namespace, .key],
        outcome: .json("The value, or null where there is none.", .any),
        examples: [
            RouteExample(target: target + "/k", answer: #"{"a": 1}"#),
            RouteExample(target: target + "/none", answer: "null"),
        ])
    private static let appendDescription = RouteDescription(
        method: .post, path: "/v1/primitives/{namespace}/{key}/items", id: "appendPrimitive",
        summary: "Appends an item to the list of a key.", access: .write,
        parameters: [.namespace, .key] + RouteParameter.writing, content: .json("A JSON object."),
        shape: .object,
        outcome: .json("The id of the item: higher than every one before, in all lists."),
        examples: [RouteExample(target: target + "/k/items", body: #"{"a":true}"#, answer: #"{"id":""#)])
    private static let itemsDescription = RouteDescription(
        method: .get, path: "/v1/primitives/{namespace}/{key}/items", id: "listPrimitive",
        summary: "Reads the whole list of a key.", access: .read, parameters: [.namespace, .key],
        outcome: .json("An array of items, each with its `id`.", .array),
        examples: [
            RouteExample(target: target + "/k/items", answer: #"[{"a":true,"id":""#),
            RouteExample(target: target + "/none/items", answer: "[]"),
        ])
    private static let queryDescription = RouteDescription(
        method: .post, path: "/v1/primitives/{namespace}", id: "queryPrimitives",
        summary: "Finds values and items whose members equal those of an object, strictly.", access: .read,
        parameters: [.namespace, .limit, .cursor], content: .json("A JSON object; an empty one finds all."),
        shape: .object,
        outcome: .json("A page of values and items, these with their `id`.", .page),
        examples: [
            RouteExample(target: target, body: #"{"a":1}"#, answer: #"{"data":[{"a": 1}],"next":null}"#),
            RouteExample(target: target, body: #"{"a":null}"#, answer: #"{"data":[],"next":null}"#),
        ])
    private static let deleteDescription = RouteDescription(
        method: .delete, path: "/v1/primitives/{namespace}/{key}", id: "deletePrimitive",
        summary: "Removes the value of a key; a list of that key stays.", access: .write,
        parameters: [.namespace, .key] + RouteParameter.writing,
        outcome: .json("The version of the removal.", .version),
        examples: [RouteExample(target: target + "/k", answer: #"{"version":""#)])
}
