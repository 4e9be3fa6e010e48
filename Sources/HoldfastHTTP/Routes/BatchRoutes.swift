internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Several writes, all or none.
enum BatchRoutes: RouteFamily {
    static let routes: [Route] = [Route(description: batchDescription, handler: write)]

    private static let members = [
        "op", "namespace", "key", "value", "base64", "values", "id", "ttl", "ifVersion", "ifAbsent", "ifLast",
        "ifEmpty", "upTo",
    ]

    private static func write(_ call: Call) async throws(HoldfastError) -> Reply {
        let body = try BodyObject(call.body.bytes, members: ["steps"])
        var batch = Batch()
        for (position, step) in try body.objects("steps", "step", members: members).enumerated() {
            try add(step, position + 1, to: &batch)
        }
        let receipt = try await call.store.write(batch, try await call.writeOptions())
        var answer = JSONBody()
        answer.object { answer in
            answer.member("results") { answer in
                answer.array { answer in
                    for versions in receipt.results {
                        answer.array { answer in for version in versions { answer.value(hex: version) } }
                    }
                }
            }
        }
        var reply = Reply.json(answer)
        reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        return reply
    }

    private static func add(
        _ step: BodyObject, _ position: Int, to batch: inout Batch
    ) throws(HoldfastError) {
        let namespace = try step.required("namespace")
        let key = try step.required("key")
        switch try step.required("op") {
        case "put": batch.put(try step.value(), at: key, in: namespace, if: try condition(step))
        case "delete": batch.delete(key, in: namespace, if: try condition(step))
        case "check":
            guard let condition = try condition(step) else {
                throw HoldfastError(
                    .invalid, "step \(position) checks nothing, expected ifVersion or ifAbsent")
            }
            batch.check(key, in: namespace, is: condition)
        case "checkLast":
            guard let last = try last(step) else {
                throw HoldfastError(.invalid, "step \(position) checks nothing, expected ifLast or ifEmpty")
            }
            batch.checkLast(last, of: key, in: namespace)
        case "append":
            let expiry = try step.seconds("ttl").map { Expiry.after($0) }
            let values: [Value] =
                if let elements = try step.elements("values") {
                    elements.map { .json($0, expiry: expiry) }
                } else { [try step.value()] }
            batch.append(values, to: key, in: namespace, ifLast: try last(step))
        case "edit": batch.edit(try id(step, "id"), of: key, in: namespace, to: try step.value())
        case "remove": batch.remove(try id(step, "id"), from: key, in: namespace)
        case "clear": batch.clear(key, in: namespace)
        case "trim": batch.trim(key, in: namespace, upTo: try id(step, "upTo"))
        case "erase": batch.erase(key, in: namespace)
        case let other:
            throw HoldfastError(
                .invalid,
                "op of step \(position) is \"\(other.prefix(40))\", expected put, delete, check, checkLast, append, edit, remove, clear, trim or erase"
            )
        }
    }

    private static func condition(_ step: BodyObject) throws(HoldfastError) -> Condition? {
        if try step.flag("ifAbsent") { return .absent }
        return try step.version("ifVersion").map { .version($0) }
    }

    private static func last(_ step: BodyObject) throws(HoldfastError) -> Version? {
        if try step.flag("ifEmpty") { return .zero }
        return try step.version("ifLast")
    }

    private static func id(_ step: BodyObject, _ name: String) throws(HoldfastError) -> Version {
        guard let id = try step.version(name) else {
            throw HoldfastError(.invalid, "\(name) of a step is missing, expected the id of an item")
        }
        return id
    }

    private static let batchDescription = RouteDescription(
        method: .post, path: "/v1/batch", id: "writeBatch",
        summary: "Carries out steps in order, all of them or nothing; each sees those before it.",
        access: .write, parameters: RouteParameter.writing,
        content: .json(
            "`steps`: objects with `op` (put, delete, check, checkLast, append, edit, remove, clear, trim, erase), `namespace`, `key` and what the op takes: `value` or `base64` or `values`, `ttl`, `id`, `upTo`, and the conditions `ifVersion`, `ifAbsent`, `ifLast`, `ifEmpty`."
        ), shape: .object,
        outcome: .json("For each step, the versions of what it wrote."),
        examples: [
            RouteExample(
                target: "/v1/batch",
                body:
                    #"{"steps":[{"op":"put","namespace":"example-jobs","key":"7","value":{"state":"done"}},{"op":"append","namespace":"example-events","key":"7","values":[{"n":1},{"n":2}]}]}"#,
                answer: #"{"results":[[""#)
        ])
}
