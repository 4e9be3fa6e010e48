internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Locks: leases with fences, which writes carry in `Holdfast-Fence`.
enum LockRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: listDescription, handler: list),
        Route(description: readDescription, handler: read),
        Route(description: acquireDescription, handler: acquire),
        Route(description: renewDescription, handler: renew),
        Route(description: releaseDescription, handler: release),
    ]

    private static func list(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.locks.list(
            prefix: call.query["prefix"] ?? "", limit: call.query.integer("limit"),
            after: call.query["cursor"],
            try call.callOptions)
        return .page(page, next: page.next, byteCount: { $0.name.utf8.count + 200 }) { body, state in
            body.value(state)
        }
    }

    private static func read(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.locks.state(of: call["name"], try call.callOptions)
        var body = JSONBody()
        body.value(answer.content)
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func acquire(_ call: Call) async throws(HoldfastError) -> Reply {
        let body = try BodyObject(call.body.bytes, members: ["owner", "lease", "wait"])
        // What is still to be written and answered when the wait is over needs time as well.
        let longest = max(.zero, try call.remaining - .seconds(1))
        let wait = min(try body.seconds("wait") ?? .zero, longest)
        let lock = try await call.store.lock(
            call["name"], lease: try body.seconds("lease") ?? .seconds(30), wait: wait,
            owner: try body.string("owner") ?? call.caller.name)
        return held(lock)
    }

    private static func renew(_ call: Call) async throws(HoldfastError) -> Reply {
        let lock = try await call.store.locks.held(
            call["name"], fence: try fence(call), try call.callOptions)
        try await lock.renew(try call.callOptions)
        return held(lock)
    }

    private static func release(_ call: Call) async throws(HoldfastError) -> Reply {
        let holder: LockState.Holder?
        if call.query.flag("break") {
            guard call.caller.scope == .admin else {
                return Problem(
                    .forbidden, .permission, "breaking a lock needs a token with the scope admin"
                ).reply(requestID: call.requestID)
            }
            holder = try await call.store.locks.breakLock(call["name"], try call.callOptions)
            call.audit("break lock \"\(call["name"])\", held by \(holder?.owner ?? "nobody")")
        } else {
            let lock = try await call.store.locks.held(
                call["name"], fence: try fence(call), try call.callOptions)
            try await lock.unlock(try call.callOptions)
            holder = nil
        }
        var body = JSONBody()
        body.object { body in
            body.member("name", call["name"])
            body.member("brokenFrom", holder?.owner)
        }
        return .json(body)
    }

    private static func fence(_ call: Call) throws(HoldfastError) -> UInt64 {
        guard let number = call.query["fence"].flatMap({ UInt64($0) }) else {
            throw HoldfastError(
                .invalid, "fence is missing, expected the number that the lock was taken with")
        }
        return number
    }

    private static func held(_ lock: LeaseLock) -> Reply {
        var body = JSONBody()
        body.object { body in
            body.member("name", lock.name)
            body.member("fence", lock.fence.number)
            body.member("owner", lock.owner)
            body.name("lease")
            body.value(seconds: lock.lease)
            body.member("isTakenOver", lock.isTakenOver)
            body.member("header", "\(PercentText.encode(lock.name));\(lock.fence.number)")
        }
        return .json(body)
    }
}

extension JSONBody {
    /// Writes a number of seconds, to the millisecond.
    mutating func value(seconds duration: Duration) {
        let milliseconds = duration / .milliseconds(1)
        value(
            json: Array(
                milliseconds.truncatingRemainder(dividingBy: 1000) == 0
                    ? "\(Int64(milliseconds / 1000))".utf8 : "\(milliseconds / 1000)".utf8))
    }

    fileprivate mutating func value(_ state: LockState) {
        object { body in
            body.member("name", state.name)
            body.member("fence", state.fence)
            body.member("holder") { body in
                guard let holder = state.holder else { return body.null() }
                body.object { body in
                    body.member("owner", holder.owner)
                    body.name("lease")
                    body.value(seconds: holder.lease)
                    body.member("since", holder.since)
                    body.member("renewedAt", holder.renewedAt)
                }
            }
        }
    }
}

extension LockRoutes {
    private static let name = RouteParameter.path("name", "1 to 1024 bytes of UTF-8 without NUL.")
    private static let fence = RouteParameter.query(
        "fence", .integer, "The number that the lock was taken with; not needed to break it.")
    private static let ownFence = RouteParameter.query(
        "fence", .integer, "The number that the lock was taken with.", isRequired: true)

    private static let listDescription = RouteDescription(
        method: .get, path: "/v1/locks", id: "listLocks",
        summary: "Lists locks that are held, or were not long ago, in the order of their names.",
        access: .read,
        parameters: [
            .query("prefix", .text, "Only names that begin so."), .limit,
            .query("cursor", .text, "The `next` of the page before."),
        ],
        outcome: .json("A page of locks.", .page),
        examples: [RouteExample(target: "/v1/locks", answer: #"{"data":["#)])
    private static let readDescription = RouteDescription(
        method: .get, path: "/v1/locks/{name}", id: "getLock", summary: "Says how a lock is.", access: .read,
        parameters: [name], outcome: .json("A lock; `holder` is null when it is free."),
        examples: [
            RouteExample(
                target: "/v1/locks/example-free", answer: #"{"name":"example-free","fence":0,"holder":null}"#)
        ])
    private static let acquireDescription = RouteDescription(
        method: .post, path: "/v1/locks/{name}", id: "takeLock", summary: "Takes a lock.", access: .write,
        parameters: [name],
        content: .optionalJSON(
            "`owner`: what others are told; `lease`: seconds without a renewal until the lock is free, 30 if nothing is said; `wait`: how many seconds to wait for it, 0 if nothing is said."
        ), shape: .object,
        outcome: .json("The lock: `fence` renews and releases it, `header` is what writes carry."),
        examples: [
            RouteExample(
                target: "/v1/locks/example%2Fjob", body: #"{"owner":"worker-1","lease":30}"#,
                answer: #"{"name":"example/job","fence":"#),
            RouteExample(
                target: "/v1/locks/example%2Fjob", status: 409,
                answer: #"{"type":"urn:holdfast:error:conflict""#),
        ])
    private static let renewDescription = RouteDescription(
        method: .put, path: "/v1/locks/{name}", id: "renewLock",
        summary: "Extends the lease of a lock to its full length from now.", access: .write,
        parameters: [name, ownFence], outcome: .json("The lock."),
        examples: [
            RouteExample(
                target: "/v1/locks/example%2Fjob?fence=1", status: 409,
                answer: #"{"type":"urn:holdfast:error:conflict""#)
        ])
    private static let releaseDescription = RouteDescription(
        method: .delete, path: "/v1/locks/{name}", id: "releaseLock",
        summary: "Gives a lock back; or takes it from its holder, whoever that is.", access: .write,
        parameters: [
            name, fence,
            .query("break", .flag, "Takes it from its holder; needs the scope admin.", fallback: "false"),
        ],
        outcome: .json("Who held the lock that was broken, as `brokenFrom`."),
        examples: [
            RouteExample(
                target: "/v1/locks/example%2Fjob?break=true",
                answer: #"{"name":"example/job","brokenFrom":"worker-1"}"#)
        ])
}
