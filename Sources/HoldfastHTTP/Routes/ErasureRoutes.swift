internal import HTTPTypes
internal import Holdfast
internal import HoldfastChain
internal import HoldfastModel

/// The erasure of a user.
enum ErasureRoutes: RouteFamily {
    static let routes: [Route] = [Route(description: eraseDescription, handler: erase)]

    private static let eraseDescription = RouteDescription(
        method: .delete, path: "/v1/admin/users/{user}", id: "eraseUser",
        summary: "Removes everything that is stored of a user, on every backend, and answers a receipt.",
        access: .admin,
        parameters: [.path("user", "The name of the user, percent-encoded.")]
            + RouteParameter.writingInSteps,
        outcome: .json("What was removed of each family, and which backends have done so."),
        examples: [
            RouteExample(target: "/v1/admin/users/nobody", answer: #"{"user":"nobody","isComplete":true,"#)
        ])

    private static func erase(_ call: Call) async throws(HoldfastError) -> Reply {
        let receipt = try await call.store.erase(user: call["user"], try await call.writeOptions())
        let erased = receipt.erased
        call.audit(
            "erase user \"\(receipt.user)\": \(erased.documentCount) documents, \(erased.itemCount) items")
        var body = JSONBody()
        body.object { body in
            body.member("user", receipt.user)
            body.member("isComplete", receipt.isComplete)
            body.member("time", receipt.time)
            body.member("families") { body in
                body.array { body in for family in receipt.families { body.value(family) } }
            }
            body.member("backends") { body in
                body.array { body in for backend in receipt.backends { body.value(backend) } }
            }
        }
        var reply = Reply.json(body)
        reply.note(source: "", receipt.degradations)
        return reply
    }
}

extension JSONBody {
    fileprivate mutating func value(_ family: ErasureReceipt.Family) {
        object { body in
            body.member("name", family.name)
            body.member("documents", family.erased.documentCount)
            body.member("items", family.erased.itemCount)
            body.member("shared", family.erased.sharedCount)
        }
    }

    fileprivate mutating func value(_ backend: ErasureReceipt.Backend) {
        object { body in
            body.member("name", backend.name)
            body.member("type", backend.type)
            body.member("role", backend.role)
            body.member("isErased", backend.isErased)
            body.member("lag", backend.lag)
            body.member("state", backend.state)
        }
    }
}
