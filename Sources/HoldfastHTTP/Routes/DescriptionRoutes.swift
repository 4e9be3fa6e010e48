internal import HTTPTypes
internal import HoldfastModel
internal import NIOCore

/// What the daemon says of itself.
enum DescriptionRoutes: RouteFamily {
    static let routes: [Route] = [Route(description: openAPIDescription, handler: openAPI)]

    private static func openAPI(_ call: Call) async throws(HoldfastError) -> Reply {
        Reply(.ok, .buffer(document), type: Reply.MediaType.json)
    }

    /// Written once: routes do not change while a daemon runs.
    private static let document = ByteBuffer(bytes: OpenAPI.document(of: AllRoutes.routes.map(\.description)))

    private static let openAPIDescription = RouteDescription(
        method: .get, path: "/openapi.json", id: "openAPI", summary: "Describes every route in OpenAPI 3.1.",
        access: .open, outcome: .json("An OpenAPI document."),
        examples: [RouteExample(target: "/openapi.json", answer: #"{"openapi":"3.1.0""#)])
}
