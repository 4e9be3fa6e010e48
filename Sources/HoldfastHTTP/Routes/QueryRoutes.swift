internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

/// Questions by what records hold.
enum QueryRoutes: RouteFamily {
    static let routes: [Route] = [Route(description: queryDescription, handler: query)]

    private static let members = [
        "scope", "key", "prefix", "where", "order", "offset", "limit", "cursor", "answer",
    ]

    /// A question, read and not yet asked.
    private struct Question {
        var selection = Selection()
        let offset: Int
        let limit: Int?
        let cursor: Cursor?
        let isOfItems: Bool
    }

    private static func query(_ call: Call) async throws(HoldfastError) -> Reply {
        let body = try BodyObject(call.body.bytes, members: members)
        let scope = try body.string("scope") ?? "documents"
        guard scope == "documents" || scope == "items" else {
            throw HoldfastError(
                .invalid, "scope is \"\(scope.prefix(40))\", expected documents or items")
        }
        var question = Question(
            offset: try body.integer("offset") ?? 0, limit: try body.integer("limit"),
            cursor: try body.string("cursor").map { Cursor($0) }, isOfItems: scope == "items")
        question.selection = Selection(
            key: try body.string("key"), prefix: try body.string("prefix") ?? "",
            where: body.has("where") ? body.json("where").map { Predicate(json: $0) } : nil,
            order: try order(body))
        let groups = body.json("answer").flatMap { $0.hasPrefix("{") ? $0 : nil }
        if groups != nil { return try await self.groups(call, question, body) }
        switch try body.string("answer") ?? "records" {
        case "records": break
        case "keys": question.selection.keysOnly = true
        case "count": return try await count(call, question)
        case let other:
            throw HoldfastError(
                .invalid,
                "answer is \"\(other.prefix(40))\", expected records, keys, count or an object with by and aggregates"
            )
        }
        return try await records(call, question)
    }

    private static func order(_ body: BodyObject) throws(HoldfastError) -> [Selection.Order] {
        guard body.has("order") else { return [] }
        return try body.objects("order", "part of the order", members: ["by", "descending"]).map {
            part throws(HoldfastError) in
            let operand = Operand.pointer(try part.required("by"))
            return try part.flag("descending") ? .descending(operand) : .ascending(operand)
        }
    }

    private static func records(_ call: Call, _ question: Question) async throws(HoldfastError) -> Reply {
        if question.isOfItems {
            let page = try await call.store.lists(call["namespace"]).select(
                question.selection, offset: question.offset, limit: question.limit, after: question.cursor,
                try call.callOptions)
            return .page(page, next: page.next?.description, byteCount: { $0.bytes.count + 220 }) {
                body, item in body.keyedValue(item)
            }
        }
        let page = try await call.store.documents(call["namespace"]).select(
            question.selection, offset: question.offset, limit: question.limit, after: question.cursor,
            try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.bytes.count + 220 }) {
            body, document in body.value(document)
        }
    }

    private static func count(_ call: Call, _ question: Question) async throws(HoldfastError) -> Reply {
        let options = try call.callOptions
        let answer =
            question.isOfItems
            ? try await call.store.lists(call["namespace"]).count(question.selection, options)
            : try await call.store.documents(call["namespace"]).count(question.selection, options)
        var body = JSONBody()
        body.object { body in body.member("count", answer.content) }
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func groups(
        _ call: Call, _ question: Question, _ body: BodyObject
    ) async throws(HoldfastError) -> Reply {
        guard let grouping = try body.object("answer", members: ["by", "aggregates"]) else {
            throw HoldfastError(.invalid, "answer is missing")
        }
        let by = try (grouping.elements("by") ?? []).map { text throws(HoldfastError) in
            Operand.pointer(try string(text, "by"))
        }
        let aggregates = try aggregates(grouping)
        let options = try call.callOptions
        let answer =
            question.isOfItems
            ? try await call.store.lists(call["namespace"]).groups(
                question.selection, by: by, aggregates, limit: question.limit, options)
            : try await call.store.documents(call["namespace"]).groups(
                question.selection, by: by, aggregates, limit: question.limit, options)
        var text = JSONBody()
        text.object { text in
            text.member("groups") { text in
                text.array { text in for group in answer.content { text.value(group) } }
            }
        }
        var reply = Reply.json(text)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func aggregates(_ grouping: BodyObject) throws(HoldfastError) -> [Aggregate] {
        guard grouping.has("aggregates") else { return [] }
        return try grouping.objects("aggregates", "aggregate", members: ["sum", "avg", "min", "max"]).map {
            aggregate throws(HoldfastError) in
            guard let (name, pointer) = aggregate.strings.first, aggregate.strings.count == 1 else {
                throw HoldfastError(
                    .invalid, "an aggregate is not one of sum, avg, min and max with an operand")
            }
            let operand = Operand.pointer(pointer)
            return switch name {
            case "sum": .sum(of: operand)
            case "avg": .average(of: operand)
            case "min": .minimum(of: operand)
            default: .maximum(of: operand)
            }
        }
    }

    private static func string(_ json: Bytes, _ noun: String) throws(HoldfastError) -> String {
        guard let text = (try? JSONNode(json.array))?.string else {
            throw HoldfastError(.invalid, "an element of \(noun) is no string, expected an operand")
        }
        return text
    }

    private static let queryDescription = RouteDescription(
        method: .post, path: "/v1/query/{namespace}", id: "query",
        summary: "Finds records by what they hold, in any order; counts them, or groups them.", access: .read,
        parameters: [.namespace],
        content: .optionalJSON(
            "The members of docs/reference/queries.md: `scope` (documents or items), `key`, `prefix`, `where`, `order`, `offset`, `limit`, `answer` (records, keys, count, or an object with `by` and `aggregates`); and `cursor`, the `next` of the page before."
        ), shape: .object,
        outcome: .json("A page of records, a count, or groups."),
        examples: [
            RouteExample(
                target: "/v1/query/example-jobs",
                body:
                    #"{"where":{"eq":["/state","done"]},"order":[{"by":"@time","descending":true}],"limit":5}"#,
                answer: #"{"data":[{"key":"7","version":""#),
            RouteExample(
                target: "/v1/query/example-events",
                body: #"{"scope":"items","answer":{"by":["@key"],"aggregates":[{"sum":"/n"}]}}"#,
                answer: #"{"groups":[{"by":[["7"]],"count":2,"figures":[3]}]}"#),
        ])
}

extension JSONBody {
    /// Writes a group: what is missing is an empty array, so that it differs from null.
    fileprivate mutating func value(_ group: RecordGroup) {
        object { body in
            body.member("by") { body in
                body.array { body in
                    for scalar in group.by {
                        body.array { body in if let scalar { body.value(json: scalar.json) } }
                    }
                }
            }
            body.member("count", group.count)
            body.member("figures") { body in
                body.array { body in
                    for figure in group.figures {
                        if let figure { body.value(json: figure.json) } else { body.null() }
                    }
                }
            }
        }
    }
}
