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
    static let all: [UserFamily] = [.chats, .conversations, .openAIConversations, .agents, .runs, .threads]
}

extension UserFamily {
    /// The chats of the user with every agent, their archives, and what was popped from them.
    static let chats = UserFamily(Chats.standardNamespace) {
        (store, user, options) async throws(HoldfastError) in
        try await store.chats().conversations.erase(prefix: CompositeKey(user).prefix, options)
    }

    /// The sessions whose document names the user, as the ways are in which agents write it.
    static let conversations = sessions(of: Conversations.standardNamespace, .standard)

    /// OpenAI's conversations whose metadata names the user.
    static let openAIConversations = sessions(
        of: Conversations.openAINamespace,
        UserNaming(names: UserNaming.standard.names + ["safety_identifier"]))

    /// Sessions whose document names the user, with their messages and archives, and what was popped from them.
    private static func sessions(of namespace: String, _ naming: UserNaming) -> UserFamily {
        UserFamily(namespace) { (store, user, options) async throws(HoldfastError) in
            let conversations = store.conversations(namespace)
            let calls = CallOptions(timeout: options.timeout)
            var erased = ErasedCount()
            let selection = Selection(where: naming.isOf(user), keysOnly: true)
            try await store.documents(namespace).forEachUntilGone(selection, calls) {
                (document) async throws(HoldfastError) in
                erased.documentCount += 1
                for lists in [conversations.lists, conversations.archive] {
                    erased.itemCount += try await lists.summary(of: document.key, calls).itemCount
                }
                // Found by the document, so that goes last.
                try await conversations.erasePopped(of: document.key, options)
                try await conversations.delete(document.key, options.unkeyed)
            }
            return erased
        }
    }
}
