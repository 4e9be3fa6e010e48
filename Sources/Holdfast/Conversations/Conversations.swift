public import HoldfastModel

/// The conversations of agents: for each session, its messages in the order of their arrival.
///
/// A message is one JSON value, which comes back byte for byte. A session begins to be with its first message. This is
/// a view of the ``Lists`` of its namespace: what one writes, the other reads.
public struct Conversations: Sendable {
    /// The namespace that is used unless another is named.
    public static let standardNamespace = "conversations"
    /// Where the daemon keeps OpenAI's conversations: the document with the metadata, and the list of the items.
    package static let openAINamespace = "openai-conversations"

    /// The lists that hold the messages, for what is not here: trimming, replacing, paging.
    public let lists: Lists

    /// Appends one message.
    ///
    /// - Parameters:
    ///   - message: one JSON value; its bytes are checked and kept as they are.
    ///   - session: 1 to 1024 bytes of UTF-8 without NUL.
    ///   - options: how it is made safe; with an idempotency key, a retry stores the message once.
    /// - Returns: a receipt with the message's id and time.
    /// - Throws: `invalid` for what is not JSON or beyond the limits; `unavailable`, `timeout` or `exhausted` when it
    ///   could not be made safe.
    @discardableResult
    public func append(
        _ message: Bytes, to session: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await lists.append(.json(message), to: session, options)
    }

    /// Appends many messages, all or none, next to each other.
    ///
    /// - Parameters:
    ///   - messages: oldest first; 1 to ``RequestLimits/changeCountMax``.
    ///   - session: 1 to 1024 bytes of UTF-8 without NUL.
    ///   - options: how it is made safe.
    /// - Returns: a receipt with one id for each message.
    /// - Throws: as for one.
    @discardableResult
    public func append(
        _ messages: [Bytes], to session: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await lists.append(messages.map { .json($0) }, to: session, options)
    }

    /// Replaces the JSON of one message, which keeps its place.
    ///
    /// - Throws: `notFound` when the message is not there, or not any more.
    @discardableResult
    public func edit(
        _ id: Version, of session: String, to message: Bytes, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await lists.edit(id, in: session, to: .json(message), options)
    }

    /// Removes one message.
    ///
    /// - Throws: `notFound` when the message is not there, or not any more.
    @discardableResult
    public func remove(
        _ id: Version, from session: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await lists.remove(id, from: session, options)
    }

    /// Removes every message that arrived before; a document at the session's key stays.
    @discardableResult
    public func clear(_ session: String, _ options: WriteOptions = .standard) async throws(HoldfastError)
        -> Receipt
    {
        try await lists.clear(session, options)
    }

    /// Removes a session whole: every message, its archive, and the document at its key.
    @discardableResult
    public func delete(_ session: String, _ options: WriteOptions = .standard) async throws(HoldfastError)
        -> Receipt
    {
        var batch = Batch()
        batch.add(.erase, session, lists.namespace)
        batch.add(.erase, session, archive.namespace)
        let answer = try await lists.store.write(batch, options)
        // What was popped is of no use without the session, and would keep what it said.
        let receipt = answer.receipt(versions: answer.results[0])
        // A retry finds what was popped since as well, and a retry of that must find it.
        try await erasePopped(of: session, before: receipt.isReplay ? receipt.id : nil, options)
        return receipt
    }
}
