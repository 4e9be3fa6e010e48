public import HoldfastChain
public import HoldfastModel

/// What a successful write answers.
public struct Receipt: Hashable, Sendable {
    /// For each thing that was written, in order, its version: for a new item, its id.
    public let versions: [Version]
    /// Whether this is the answer of an earlier write with the same idempotency key.
    public let isReplay: Bool
    /// The level that was reached, never below the one that was asked for unless a degradation says so.
    public let level: AckLevel
    /// What the write had to do without; empty when all is well.
    public let degradations: [Degradation]

    init(versions: [Version], isReplay: Bool, level: AckLevel, degradations: [Degradation]) {
        self.versions = versions
        self.isReplay = isReplay
        self.level = level
        self.degradations = degradations
    }

    /// The first answer of an earlier write, as a read has found it: without the primary only the log is certain to have it.
    init(replayOf versions: [Version], seenWith degradations: [Degradation]) {
        let isCertain = degradations.allSatisfy { degradation in
            switch degradation {
            case .primaryDown, .fallback, .hostLocal: false
            default: true
            }
        }
        self.init(
            versions: versions, isReplay: true, level: isCertain ? .primary : .log, degradations: degradations
        )
    }

    /// The version of the last thing that was written; for a new item, its id.
    public var id: Version { versions.last ?? .zero }
    /// When the last thing was written, on the clock that orders all writes.
    public var time: Timestamp { Timestamp(id) }
}
