internal import HoldfastModel

/// Where the JSON of something says to whom it belongs: a member with one of some names, at its top or inside others.
struct UserNaming: Sendable {
    /// What such a member is called.
    let names: [String]
    /// The members of the outermost object in which it may stand, too.
    let containers: [String]

    /// As the ways are in which agents write it.
    static let standard = UserNaming()

    init(
        names: [String] = ["user", "user_id", "userId"], inside containers: [String] = ["metadata"]
    ) {
        self.names = names
        self.containers = containers
    }

    /// Whether it names a user.
    func isOf(_ user: String) -> Predicate {
        .any(places.map { $0.equals(Filter.Scalar(user)) })
    }

    /// Whether it names anybody else.
    func isOfOther(than user: String) -> Predicate {
        .any(
            places.map { place in
                place.isKind(.string) && !place.isIn([Filter.Scalar(user), Filter.Scalar("")])
            })
    }

    private var places: [Operand] {
        names.map { Operand.member($0) }
            + containers.flatMap { container in names.map { Operand.path([container, $0]) } }
    }
}

extension Documents {
    /// Looks for documents that a function removes, again and again, until none is left.
    ///
    /// Each look begins anew, so that nothing is passed over that is written meanwhile, and what a failure has left is
    /// found by the next call.
    func forEachUntilGone(
        _ selection: Selection, _ options: CallOptions,
        _ remove: (Document) async throws(HoldfastError) -> Void
    ) async throws(HoldfastError) {
        while true {
            let page = try await select(selection, limit: PageLimit.standard, options)
            guard !page.isEmpty else { return }
            for document in page { try await remove(document) }
        }
    }
}
