internal import HoldfastModel
internal import HoldfastSupport

/// Lets plans for the same key be made one after the other.
///
/// A plan is right only while nobody else writes what it has read, so plans of one process for one key would spoil each
/// other again and again. A turn only saves that: what decides is the condition of the write, and hosts do not see each
/// other's turns.
final class Turns: Sendable {
    /// Who waits for each key that somebody has the turn of.
    private let waiting = Guarded<[Address: [CheckedContinuation<Void, Never>]]>([:])

    /// Waits for the turn.
    ///
    /// ``pass(_:toAll:)`` must follow, once.
    func take(_ address: Address) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[address] == nil else {
                    waiting[address]?.append(continuation)
                    return false
                }
                waiting[address] = []
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    /// Passes the turn on.
    ///
    /// - Parameters:
    ///   - address: whose turn it was.
    ///   - toAll: lets everybody go on at once: where one write has waited for its deadline, those behind it must not
    ///     wait for theirs one after the other.
    func pass(_ address: Address, toAll: Bool) {
        let next = waiting.withLock { waiting -> [CheckedContinuation<Void, Never>] in
            guard let queue = waiting[address], !queue.isEmpty, !toAll else {
                return waiting.removeValue(forKey: address) ?? []
            }
            waiting[address] = Array(queue.dropFirst())
            return [queue[0]]
        }
        for continuation in next { continuation.resume() }
    }
}
