internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Documents: one value for each key of a namespace.
enum DocumentRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: listDescription, handler: list),
        Route(description: deleteAllDescription, handler: deleteAll),
        Route(description: readDescription, handler: read),
        Route(description: writeDescription, handler: write),
        Route(description: deleteDescription, handler: delete),
    ]

    private static func list(_ call: Call) async throws(HoldfastError) -> Reply {
        let keys = call.query.all("key")
        if !keys.isEmpty { return try await several(keys, call) }
        let order: Scan.Order = call.query["order"] == "descending" ? .descending : .ascending
        let scan = Scan(
            prefix: call.query["prefix"] ?? "", order: order, keysOnly: call.query.flag("keysOnly"))
        let page = try await call.store.documents(call["namespace"]).scan(
            scan, limit: call.query.integer("limit"), after: call.query["cursor"].map { Cursor($0) },
            try call.callOptions)
        return .page(
            page, next: page.next?.description, byteCount: { $0.bytes.count + $0.key.utf8.count + 160 }
        ) {
            body, document in body.value(document)
        }
    }

    private static func several(_ keys: [String], _ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.documents(call["namespace"]).get(keys, try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("data") { body in
                body.array { body in
                    for document in answer.content {
                        if let document { body.value(document) } else { body.null() }
                    }
                }
            }
            body.name("next")
            body.null()
        }
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func deleteAll(_ call: Call) async throws(HoldfastError) -> Reply {
        guard let prefix = call.query["prefix"] else {
            throw HoldfastError(
                .invalid, "prefix is missing; an empty one removes every document of the namespace")
        }
        let name = call["namespace"]
        let documents = call.store.documents(name)
        var options = try await call.writeOptions()
        var count = 0
        while true {
            let page = try await documents.scan(
                Scan(prefix: prefix, keysOnly: true), limit: 1000, try call.callOptions)
            guard !page.isEmpty else { break }
            var batch = Batch()
            for document in page { batch.delete(document.key, in: name) }
            options.timeout = try call.remaining
            try await call.store.write(batch, options)
            count += page.count
        }
        var body = JSONBody()
        body.object { body in body.member("deleted", count) }
        return .json(body)
    }

    private static func read(_ call: Call) async throws(HoldfastError) -> Reply {
        let key = call["key"]
        let answer = try await call.store.documents(call["namespace"]).get([key], try call.callOptions)
        guard let document = answer.content[0] else {
            throw HoldfastError(.notFound, "there is no document \"\(key)\" in this namespace")
        }
        return .stored(
            document.bytes, document.format, version: document.version, time: document.writtenAt,
            expiresAt: document.expiresAt, to: call, source: answer.source, answer.degradations)
    }

    private static func write(_ call: Call) async throws(HoldfastError) -> Reply {
        let condition = try call.writeCondition()
        let receipt = try await call.store.documents(call["namespace"]).put(
            call.value(), at: call["key"], if: condition, try await call.writeOptions())
        return versionReply(receipt, condition == .absent ? .created : .ok)
    }

    private static func delete(_ call: Call) async throws(HoldfastError) -> Reply {
        let receipt = try await call.store.documents(call["namespace"]).delete(
            call["key"], if: try call.writeCondition(), try await call.writeOptions())
        return versionReply(receipt, .ok)
    }

    private static func versionReply(_ receipt: Receipt, _ status: HTTPResponse.Status) -> Reply {
        var reply = Reply.receipt(receipt, status) { body in
            body.member("version", hex: receipt.id)
            body.member("time", receipt.time)
        }
        reply.note(tag: receipt.id)
        return reply
    }
}

extension DocumentRoutes {
    private static let listDescription = RouteDescription(
        method: .get, path: "/v1/documents/{namespace}", id: "listDocuments",
        summary: "Pages through the documents of a namespace in the order of their keys.", access: .read,
        parameters: [
            .namespace, .prefix, .order, .keysOnly, .limit, .cursor,
            .query(
                "key", .text,
                "Reads the documents of these keys in place of a page: null where there is none.",
                repeats: true),
        ],
        outcome: .json("A page of documents.", .page),
        examples: [
            RouteExample(target: "/v1/documents/example-documents?prefix=a&limit=10", answer: #"{"data":["#)
        ])
    private static let deleteAllDescription = RouteDescription(
        method: .delete, path: "/v1/documents/{namespace}", id: "deleteDocuments",
        summary: "Removes every document whose key begins so, a thousand in each atomic step.",
        access: .write,
        parameters: [
            .namespace, .query("prefix", .text, "Only keys that begin so; empty for all.", isRequired: true),
        ] + RouteParameter.writingInSteps,
        outcome: .json("How many were removed."),
        examples: [
            RouteExample(
                target: "/v1/documents/example-documents?prefix=nothing-begins-so", answer: #"{"deleted":0}"#)
        ])
    private static let readDescription = RouteDescription(
        method: .get, path: "/v1/documents/{namespace}/{key}", id: "getDocument",
        summary: "Reads a document: its bytes as they were written, what is known of them in headers.",
        access: .read, parameters: [.namespace, .key, .ifNoneMatchRead],
        outcome: .value("The value, byte for byte."),
        examples: [
            RouteExample(
                target: "/v1/documents/example-documents/no%2Fsuch%2Fkey", status: 404,
                answer: #"{"type":"urn:holdfast:error:not_found""#)
        ])
    private static let writeDescription = RouteDescription(
        method: .put, path: "/v1/documents/{namespace}/{key}", id: "putDocument",
        summary: "Writes a document, in place of the one that is there.", access: .write,
        parameters: [.namespace, .key, Call.ttl, .ifMatch, .ifNoneMatch] + RouteParameter.writing,
        content: .value("The value; it comes back byte for byte."),
        outcome: .json("The version of the document, which is its ETag as well.", .version),
        statuses: [200, 201],
        examples: [
            RouteExample(
                target: "/v1/documents/example-documents/a%2Fb", body: #"{"state": 1.0}"#,
                answer: #"{"version":""#),
            RouteExample(
                target: "/v1/documents/example-documents/a%2Fb", headers: [("If-None-Match", "*")],
                body: "{}",
                status: 412, answer: #"{"type":"urn:holdfast:error:conflict""#),
        ])
    private static let deleteDescription = RouteDescription(
        method: .delete, path: "/v1/documents/{namespace}/{key}", id: "deleteDocument",
        summary: "Removes a document; that there is none is not an error.", access: .write,
        parameters: [.namespace, .key, .ifMatch] + RouteParameter.writing,
        outcome: .json("The version of the removal.", .version),
        examples: [
            RouteExample(target: "/v1/documents/example-documents/a%2Fb", answer: #"{"version":""#)
        ])
}
