public import HoldfastChain
public import HoldfastModel

/// What a successful batch answers.
public struct BatchReceipt: Hashable, Sendable {
    /// For each step, in order, the versions of what it wrote: the ids of new items; nothing for a check.
    public let results: [[Version]]
    /// Whether this is the answer of an earlier batch with the same idempotency key.
    public let isReplay: Bool
    /// The level that was reached, never below the one that was asked for unless a degradation says so.
    public let level: AckLevel
    /// What the write had to do without; empty when all is well.
    public let degradations: [Degradation]

    init(results: [[Version]], of receipt: Receipt) {
        self.results = results
        isReplay = receipt.isReplay
        level = receipt.level
        degradations = receipt.degradations
    }

    /// The same answer, of everything that was written.
    var receipt: Receipt { receipt(versions: results.flatMap(\.self)) }

    func receipt(versions: [Version]) -> Receipt {
        Receipt(versions: versions, isReplay: isReplay, level: level, degradations: degradations)
    }
}
