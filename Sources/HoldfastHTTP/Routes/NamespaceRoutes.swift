internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// The namespaces that hold something.
enum NamespaceRoutes: RouteFamily {
    static let routes: [Route] = [Route(description: listDescription, handler: list)]

    private static func list(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.namespaces(
            prefix: call.query["prefix"] ?? "", limit: call.query.integer("limit"),
            after: call.query["cursor"],
            try call.callOptions)
        return .page(page, next: page.next, byteCount: { $0.utf8.count + 20 }) { body, name in
            body.object { body in body.member("namespace", name) }
        }
    }

    private static let listDescription = RouteDescription(
        method: .get, path: "/v1/namespaces", id: "listNamespaces",
        summary: "Lists the namespaces that hold something, in the order of their names.", access: .read,
        parameters: [
            .query("prefix", .text, "Only names that begin so."), .limit,
            .query("cursor", .text, "The `next` of the page before."),
        ],
        outcome: .json("A page of namespaces.", .page),
        examples: [RouteExample(target: "/v1/namespaces?prefix=example", answer: #"{"data":[{"namespace":""#)]
    )
}
