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

    private let isStranger: Bool

    /// Makes a caller; a stranger is one who came without a token where others need one.
    init(name: String, scope: Scope, tenant: String?, store: HistoryStore, isStranger: Bool = false) {
        self.name = name
        self.isStranger = isStranger
        self.scope = scope
        self.tenant = tenant
        self.store = store
    }
}

extension Caller {
    /// How much of the backends is shown.
    enum Sight: Int, Sendable {
        /// Whether they are up: the positions of a log tell how much others write.
        case states
        /// And how far each is.
        case marks
        /// And every figure, and what they say of their errors, which may name hosts and files.
        case errors
    }

    /// How much of the backends the caller sees; all of it is for those who run the daemon, who have no tenant.
    var sight: Sight { isStranger || tenant != nil ? .states : scope == .admin ? .errors : .marks }
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
