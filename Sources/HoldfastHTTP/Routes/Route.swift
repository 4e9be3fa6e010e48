internal import HTTPTypes
internal import HoldfastModel

/// A route: what is said of it, and what it does.
///
/// A class, since every request passes its route on, and a description has thirty fields to copy.
final class Route: Sendable {
    typealias Handler = @Sendable (Call) async throws(HoldfastError) -> Reply

    let description: RouteDescription
    /// Answers a request that was routed, allowed, read and checked.
    let handler: Handler
    /// How the family words an error, and whether the request changes nothing when it comes again; nothing is
    /// problem+json.
    let wording: (@Sendable (Problem, _ isRepeatable: Bool) -> Reply)?

    init(
        description: RouteDescription, handler: @escaping Handler,
        wording: (@Sendable (Problem, _ isRepeatable: Bool) -> Reply)? = nil
    ) {
        self.description = description
        self.handler = handler
        self.wording = wording
    }
}

/// Routes that belong together.
protocol RouteFamily: Sendable {
    /// The routes, in the order of the reference.
    static var routes: [Route] { get }
}
