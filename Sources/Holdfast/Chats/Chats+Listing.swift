internal import HoldfastChain
public import HoldfastModel

extension Chats {
    /// Lists users in the order of their keys, with what there is of each.
    ///
    /// That is the order of their names, but that `a` comes behind `a#` and all else that goes on with less than `0`.
    /// Counts by reading every id: a page costs as much as its chats are long, without their messages.
    ///
    /// - Parameters:
    ///   - prefix: only names that begin so; empty is all.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long each step of it may take.
    /// - Returns: users with at least one message.
    /// - Throws: `invalid` for a limit below zero or a cursor of another question.
    public func users(
        prefix: String = "", limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<ChatGroup, Cursor> {
        try await groups(below: [], prefix: prefix, limit: limit, after: cursor, options)
    }

    /// Lists the sessions of a user in the order of their keys; as ``users(prefix:limit:after:_:)``.
    public func sessions(
        of user: String, prefix: String = "", limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<ChatGroup, Cursor> {
        try await groups(below: [user], prefix: prefix, limit: limit, after: cursor, options)
    }

    /// Lists the agents of a session in the order of their keys; as ``users(prefix:limit:after:_:)``.
    public func agents(
        of user: String, session: String, prefix: String = "", limit: Int? = nil,
        after cursor: Cursor? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<ChatGroup, Cursor> {
        try await groups(below: [user, session], prefix: prefix, limit: limit, after: cursor, options)
    }

    private func groups(
        below names: [String], prefix: String, limit: Int?, after cursor: Cursor?, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<ChatGroup, Cursor> {
        let tally = ChatTally(depth: names.count, limit: try PageLimit.checked(limit))
        let beginning = (names.isEmpty ? "" : CompositeKey(names).prefix) + CompositeKey(prefix).text
        let question = try ScanQuestion(
            Scan(prefix: beginning, keysOnly: true), of: .items, in: lists.namespace)
        return try await lists.store.page(question, into: tally, after: cursor, options)
    }
}

/// Groups of chats in the making, from records in the order of key and id.
///
/// A key that is no chat's belongs to no group, and is left out.
private struct ChatTally: RecordTally {
    let limit: Int
    private let depth: Int
    private var groups: [ChatGroup] = []
    private var lastKey: Bytes?
    private var lastNames: [String] = []
    private var foreignKey: Bytes?

    init(depth: Int, limit: Int) {
        self.depth = depth
        self.limit = limit
    }

    /// Counts a record, unless it belongs to a group beyond the limit: then no more are wanted.
    mutating func add(_ record: Record) throws(HoldfastError) -> Bool {
        if record.key == foreignKey { return true }
        if record.key != lastKey {
            guard let names = CompositeKey.names(of: try record.keyText, count: 3) else {
                foreignKey = record.key
                return true
            }
            guard begin(record.key, names) else { return false }
        }
        count(1, from: Timestamp(record.id), to: Timestamp(record.id))
        return true
    }

    /// Counts a whole chat.
    mutating func add(_ list: ListSummary) throws(HoldfastError) -> Bool {
        guard let first = list.firstAppendedAt, let last = list.lastAppendedAt else { return true }
        guard let names = CompositeKey.names(of: list.key, count: 3) else { return true }
        guard begin(Bytes(list.key), names) else { return false }
        count(list.itemCount, from: first, to: last)
        return true
    }

    /// Goes on to another chat, unless it belongs to a group beyond the limit.
    private mutating func begin(_ key: Bytes, _ names: [String]) -> Bool {
        if groups.isEmpty || !names[depth].isSameBytes(as: lastNames[depth]) {
            guard groups.count < limit else { return false }
            groups.append(ChatGroup(name: names[depth]))
        }
        groups[groups.count - 1].chatCount += 1
        lastKey = key
        lastNames = names
        return true
    }

    private mutating func count(_ messages: Int, from first: Timestamp, to last: Timestamp) {
        let group = groups[groups.count - 1]
        groups[groups.count - 1].messageCount += messages
        groups[groups.count - 1].firstMessageAt = min(group.firstMessageAt ?? first, first)
        groups[groups.count - 1].lastMessageAt = max(group.lastMessageAt ?? last, last)
    }

    var elements: [ChatGroup] { groups }

    /// Behind every key of the last group: `0` comes next after `/`, and no chat has such a key itself.
    func next(_ question: ScanQuestion) -> Cursor? {
        guard let lastKey else { return nil }
        let end = CompositeKey(Array(lastNames.prefix(depth + 1))).text + "0"
        let key = depth == 2 ? lastKey : Bytes(end)
        return question.cursor(afterKeyOf: Record(namespace: .empty, key: key))
    }
}
