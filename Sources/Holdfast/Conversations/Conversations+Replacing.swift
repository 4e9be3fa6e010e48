internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Conversations {
    /// Replaces the end of a session by other messages, if it is what the caller believes it to be.
    ///
    /// The transaction that agents use to take back a turn, or to put another in its place. Messages are compared as
    /// JSON values: order of members, blanks, and the way in which a text or a number is written make no difference. An
    /// edit of one of them in the same moment is the one thing that it may miss.
    ///
    /// - Parameters:
    ///   - expected: the newest messages, oldest first; none appends.
    ///   - session: which session.
    ///   - replacement: what comes in their place, oldest first; none removes them.
    ///   - options: how it is made safe; with an idempotency key, a retry changes nothing.
    /// - Returns: a receipt with the ids of the new messages; of a replay, those that are still there.
    /// - Throws: `conflict` where the session ends otherwise; then it is as it was. `invalid` where there is nothing to do,
    ///   or more than one request may write.
    @discardableResult
    public func replaceSuffix(
        _ expected: [Bytes], of session: String, with replacement: [Bytes],
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let wanted = try expected.map { json throws(HoldfastError) in try Self.node(json) }
        guard !expected.isEmpty || !replacement.isEmpty else {
            throw HoldfastError(.invalid, "there is neither a suffix to replace nor a replacement")
        }
        guard expected.count <= PageLimit.maximum else {
            throw HoldfastError(
                .invalid,
                "the expected suffix has \(expected.count) messages, expected at most \(PageLimit.maximum)")
        }
        let calls = CallOptions(timeout: options.timeout)
        let (earlier, answer) = try await lists.decide(on: session, options) {
            (end: Version) async throws(HoldfastError) -> Decision<Receipt?> in
            if let outcome = try await replay(in: session, options)?.outcome {
                return Decision(content: outcome.receipt)
            }
            let page = try await lists.page(of: session, .latest(max(1, expected.count)), calls)
            guard expected.isEmpty || Self.are(page.elements, wanted) else {
                throw HoldfastError(
                    .conflict, "session \"\(session)\" does not end with the messages that are expected",
                    current: page.last?.id ?? .zero)
            }
            let last = max(page.last?.id ?? .zero, end)
            var batch = Batch()
            if replacement.isEmpty {
                batch.add(.checkLast(last), session, lists.namespace)
            } else {
                let values = replacement.map { Value.json($0) }
                batch.add(.append(values, ifLast: last), session, lists.namespace)
            }
            for item in expected.isEmpty ? [] : page.elements {
                batch.add(.remove(item.id), session, lists.namespace)
            }
            return Decision(content: nil, batch: batch)
        }
        if let earlier { return earlier }
        guard let answer else { throw HoldfastError(.internal, "a suffix was not replaced") }
        return answer.receipt(versions: replacement.isEmpty ? [] : answer.results[0])
    }

    private static func are(_ items: [Item], _ wanted: [JSONNode]) -> Bool {
        items.count == wanted.count
            && zip(items, wanted).allSatisfy { item, node in
                (try? JSONNode(item.bytes.array)).map { $0.isSameValue(as: node) } ?? false
            }
    }

    private static func node(_ json: Bytes) throws(HoldfastError) -> JSONNode {
        do throws(JSONDamage) {
            return try JSONNode(json.array)
        } catch {
            throw HoldfastError(.invalid, "an expected message is not JSON: \(error)")
        }
    }
}
