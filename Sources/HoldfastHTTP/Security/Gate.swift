internal import HTTPTypes
internal import Holdfast

/// Decides who may come in.
struct Gate: Sendable {
    /// The caller of a request.
    ///
    /// - Parameters:
    ///   - head: the head of the request.
    ///   - isLocal: whether it came over a Unix socket, whose mode has decided already.
    ///   - access: what the route asks for.
    /// - Returns: who asks.
    /// - Throws: 401 where a token is needed and none that is known was given, 403 where it allows less.
    func caller(
        of head: HTTPRequest, isLocal: Bool, for access: RouteDescription.Access
    ) throws(Problem) -> Caller {
        .local(isLocal ? "socket" : "loopback")
    }

    /// What a caller may see of a store.
    func store(_ store: HistoryStore, of caller: Caller) -> HistoryStore { store }
}
