internal import HTTPTypes
internal import HoldfastModel

/// A route: what is said of it, and what it does.
struct Route: Sendable {
    typealias Handler = @Sendable (Call) async throws(HoldfastError) -> Reply

    let description: RouteDescription
    /// Answers a request that was routed, allowed, read and checked.
    let handler: Handler
    /// How the family words an error; nothing is problem+json.
    var wording: (@Sendable (Problem) -> Reply)?
}

/// Routes that belong together.
protocol RouteFamily: Sendable {
    /// The routes, in the order of the reference.
    static var routes: [Route] { get }
}
