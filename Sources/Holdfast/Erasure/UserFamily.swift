public import HoldfastModel

/// A part of what is stored that holds things of users, and how they are removed.
///
/// Every family of the domain that knows users is one of ``all``. A program that keeps things of users in namespaces of its
/// own makes families of them, and gives these to ``HistoryStore/erase(user:also:_:)``.
public struct UserFamily: Sendable {
    /// Removes everything of a user that arrived before the call.
    ///
    /// Called again, goes on where it failed.
    public typealias Erase =
        @Sendable (HistoryStore, _ user: String, WriteOptions) async throws(HoldfastError) -> ErasedCount

    /// What the receipt calls it.
    public let name: String
    let erase: Erase

    /// Makes a family.
    ///
    /// - Parameters:
    ///   - name: what the receipt calls it.
    ///   - erase: removes everything of a user.
    public init(_ name: String, erase: @escaping Erase) {
        self.name = name
        self.erase = erase
    }

    /// Every family of the domain.
    static let all: [UserFamily] = [.chats, .conversations, .agents]
}

extension UserFamily {
    /// The chats of the user with every agent, their archives, and what was popped from them.
    static let chats = UserFamily(Chats.standardNamespace) {
        (store, user, options) async throws(HoldfastError) in
        try await store.chats().conversations.erase(prefix: CompositeKey(user).prefix, options)
    }

    /// The sessions whose document names the user, as the ways are in which agents write it.
    static let conversations = UserFamily(Conversations.standardNamespace) {
        (store, user, options) async throws(HoldfastError) in
        let conversations = store.conversations()
        let calls = CallOptions(timeout: options.timeout)
        var erased = ErasedCount()
        // What was found goes, so that the next page is the first again.
        while true {
            let selection = Selection(where: isOf(user), keysOnly: true)
            let page = try await store.documents(Conversations.standardNamespace).select(
                selection, limit: PageLimit.standard, calls)
            for document in page {
                erased.documentCount += 1
                for lists in [conversations.lists, conversations.archive] {
                    erased.itemCount += try await lists.summary(of: document.key, calls).itemCount
                }
                try await conversations.delete(document.key, options.unkeyed)
            }
            guard page.next != nil else { return erased }
        }
    }

    /// Whether a document names a user as the one to whom it belongs.
    static func isOf(_ user: String) -> Predicate {
        let names = ["user", "user_id", "userId"]
        let name = Filter.Scalar(user)
        return .any(
            names.map { Operand.member($0).equals(name) }
                + names.map { Operand.path(["metadata", $0]).equals(name) })
    }
}
