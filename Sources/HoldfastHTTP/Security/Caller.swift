internal import Holdfast

/// Who asks, and what they may do; one for all requests of a token.
final class Caller: Sendable {
    /// The name of the token; of a caller without one, how they came.
    let name: String
    /// See ``Scope``.
    let scope: Scope
    /// What the caller cannot leave; nothing for one who sees all.
    let tenant: String?
    /// What the caller may see of the store.
    let store: HistoryStore

    init(name: String, scope: Scope, tenant: String?, store: HistoryStore) {
        self.name = name
        self.scope = scope
        self.tenant = tenant
        self.store = store
    }
}

/// What a token allows; each scope includes those before it.
package enum Scope: String, Hashable, Sendable, Comparable, CaseIterable {
    case read, write, admin

    /// Less before more.
    package static func < (left: Scope, right: Scope) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .admin: 2
        }
    }

    /// Whether this is enough for a route.
    func allows(_ access: RouteDescription.Access) -> Bool {
        switch access {
        case .open, .read: true
        case .write: self >= .write
        case .admin: self >= .admin
        }
    }
}
