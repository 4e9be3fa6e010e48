internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

/// Decides who may come in, and what they see of the store.
final class Gate: Sendable {
    private struct State {
        /// Nothing where no token is needed.
        var tokens: TokenFile?
        /// Those of the tokens, in the same order.
        var callers: [Caller] = []
        /// One for each tenant, for as long as the daemon runs.
        var stores: [String: HistoryStore] = [:]
    }

    private let store: HistoryStore
    /// Whoever comes over a Unix socket.
    private let socket: Caller
    /// Whoever comes where no token is needed.
    private let local: Caller
    /// Whoever comes without a token where one is needed.
    private let anybody: Caller
    private let isInsecure: Bool
    private let state: Guarded<State>

    /// Makes a gate.
    ///
    /// - Parameters:
    ///   - store: what there is to see.
    ///   - tokens: nothing lets everybody in who reaches the socket.
    ///   - isInsecure: whether that is meant for other machines as well, which know this one by any name.
    /// - Throws: `invalid` for a tenant whose name is none.
    init(_ store: HistoryStore, tokens: TokenFile?, isInsecure: Bool = false) throws(HoldfastError) {
        self.store = store
        self.isInsecure = isInsecure
        socket = Caller(name: "socket", scope: .admin, tenant: nil, store: store)
        local = Caller(name: "local", scope: .admin, tenant: nil, store: store)
        anybody = Caller(name: "anybody", scope: .read, tenant: nil, store: store, isStranger: true)
        state = Guarded(State())
        try replace(tokens)
    }

    /// Lets other tokens in from now on.
    ///
    /// - Throws: `invalid` for a tenant whose name is none; then everything is as it was.
    func replace(_ tokens: TokenFile?) throws(HoldfastError) {
        var stores = state.withLock { $0.stores }
        for tenant in (tokens?.entries ?? []).compactMap(\.tenant) where stores[tenant] == nil {
            stores[tenant] = try store.confined(to: tenant)
        }
        let callers = (tokens?.entries ?? []).map { entry in
            Caller(
                name: entry.name, scope: entry.scope, tenant: entry.tenant,
                store: entry.tenant.flatMap { stores[$0] } ?? store)
        }
        state.withLock { $0 = State(tokens: tokens, callers: callers, stores: stores) }
    }

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
        if isLocal { return socket }
        let (tokens, callers) = state.withLock { ($0.tokens, $0.callers) }
        guard let tokens else {
            try refuseBrowsers(head)
            return local
        }
        guard let text = head.headerFields.value(of: .authorization) else {
            guard access != .open else {
                return anybody
            }
            throw Self.unknown("this route needs a bearer token in Authorization")
        }
        guard let token = Self.token(in: text), let index = tokens.index(of: token) else {
            throw Self.unknown("Authorization has no bearer token that this daemon knows")
        }
        let caller = callers[index]
        guard caller.scope.allows(access) else {
            throw Problem(
                .forbidden, .permission,
                "token \"\(caller.name)\" has the scope \(caller.scope), this route needs \(access.rawValue)")
        }
        return caller
    }

    /// Where no token is needed, a page in a browser of this machine must not come in: neither from its own site, which
    /// the browser says, nor from one whose name was made to lead here, which it does not say when it reads.
    private func refuseBrowsers(_ head: HTTPRequest) throws(Problem) {
        guard head.headerFields.value(of: .origin) == nil else {
            throw Problem(
                .forbidden, .permission,
                "requests of pages (with Origin) need a token, and this daemon has none")
        }
        guard !isInsecure, let authority = head.authority, !Self.isOwn(authority) else { return }
        throw Problem(
            .forbidden, .permission,
            "Host is \"\(authority.prefix(80))\", expected localhost or an address where no token is needed")
    }

    /// Whether a `Host` is an address, `localhost`, or a name of one word, none of which the world's name servers hand
    /// out.
    static func isOwn(_ authority: String) -> Bool {
        if authority.hasPrefix("[") { return true }
        let host = authority.prefix { $0 != ":" }.lowercased()
        let labels = host.split(separator: ".")
        if labels.count < 2 || labels.last == "localhost" { return true }
        return labels.count == 4 && labels.allSatisfy { UInt8($0) != nil }
    }

    private static func unknown(_ detail: String) -> Problem {
        var problem = Problem(.unauthorized, .permission, detail)
        problem.headers.append(HTTPField(name: .wwwAuthenticate, value: "Bearer realm=\"holdfast\""))
        return problem
    }

    /// `Bearer TOKEN`, the first word in any case.
    private static func token(in text: String) -> String? {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].drop { $0 == " " })
    }
}
