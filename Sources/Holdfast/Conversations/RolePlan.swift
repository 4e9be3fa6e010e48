internal import HoldfastModel

/// What a policy makes of messages in whose place in a history nobody else writes.
struct RolePlan: Sendable {
    /// What is to be stored, oldest first.
    private(set) var kept: [Bytes] = []
    /// Whether the first of them takes the place of the stored message before it.
    private(set) var replacesLast = false
    private(set) var mergedCount = 0
    private(set) var droppedCount = 0

    /// Decides about messages one after the other.
    ///
    /// - Parameters:
    ///   - messages: oldest first.
    ///   - last: the stored message before them, or nothing.
    ///   - sameRole: the policy.
    /// - Throws: `conflict` under `reject`.
    init(
        _ messages: [Bytes], after last: Bytes?, _ sameRole: AppendPolicy.SameRole
    ) throws(HoldfastError) {
        guard sameRole != .allow else {
            kept = messages
            return
        }
        var previous = last
        for message in messages {
            guard let before = previous, let role = Self.sharedRole(before, message) else {
                add(message, &previous)
                continue
            }
            switch sameRole {
            case .allow: add(message, &previous)
            case .drop: droppedCount += 1
            case .reject:
                throw HoldfastError(
                    .conflict,
                    "the message has the role \"\(role)\" of the message before it, expected another role")
            case .merge:
                guard let merged = MessageMerge.merged(before, message) else {
                    add(message, &previous)
                    continue
                }
                merge(merged, &previous)
            }
        }
    }

    private mutating func add(_ message: Bytes, _ previous: inout Bytes?) {
        kept.append(message)
        previous = message
    }

    private mutating func merge(_ merged: Bytes, _ previous: inout Bytes?) {
        mergedCount += 1
        if kept.isEmpty {
            kept = [merged]
            replacesLast = true
        } else {
            kept[kept.count - 1] = merged
        }
        previous = merged
    }

    /// The role that two messages have in common, unless one of them has to do with tools.
    private static func sharedRole(_ first: Bytes, _ second: Bytes) -> String? {
        let first = MessageShape(first)
        let second = MessageShape(second)
        guard let role = second.role, first.role == role, !first.hasTools, !second.hasTools else {
            return nil
        }
        return role
    }
}
