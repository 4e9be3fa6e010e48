/// How a chain decides where storage.yaml leaves it a choice.
package struct ChainPolicy: Hashable, Sendable {
    /// `on_primary_failure: accept`: writes are taken into the log while the primary is down.
    package var acceptsWhileDown = false
    /// `hosts: many`: several hosts use the primary.
    package var isShared = false
    /// How often in a row the primary may fail before requests are refused, from 1.
    package var failureCountMax = 3
    /// How often a backup may refuse an entry before the entry is set aside, from 1.
    package var poisonAttemptCountMax = 5
    /// `resync: auto`: a provider that lacks what the log no longer holds is copied from another.
    package var resyncsByItself = true
    /// `on_log_full: drop_backup`: an unreachable backup no longer holds the log.
    package var dropsBackupWhenFull = false
    /// The most changes in one batch.
    package var batchChangeCountMax = 512
    /// The most bytes of values in one batch.
    package var batchByteCountMax = 1 << 20
    /// How many entries a backup lets gather while more are on their way and nobody waits for it.
    package var backupGatherCountMax: UInt64 = 256
    /// `flush_interval`: how long it does so at most, in milliseconds.
    package var backupGatherTimeMax: UInt64 = 5000
    /// The most bytes of values that wait in memory for a primary.
    package var pendingByteCountMax = 256 << 20
    /// How far ahead of this clock a version may be, in milliseconds.
    package var clockDriftMax: UInt64 = 60_000
    /// See ``Safeguards``.
    package var safeguards = Safeguards.all

    /// The defaults.
    package init() {}
}

/// The mechanisms of a chain, each of which the exploration switches off once to see that its loss is noticed.
package struct Safeguards: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// An entry is durable in the log before the primary sees it.
    package static let logFirst = Safeguards(rawValue: 1 << 0)
    /// Live puts are refused when something newer is there.
    package static let newestOnPut = Safeguards(rawValue: 1 << 1)
    /// Live drops are refused when something newer is there.
    package static let newestOnDrop = Safeguards(rawValue: 1 << 2)
    /// The mark is kept in the provider.
    package static let marks = Safeguards(rawValue: 1 << 3)
    /// A re-versioned entry says which one it replaces.
    package static let supersede = Safeguards(rawValue: 1 << 4)
    /// Reads from a backup are overlaid with the log.
    package static let overlay = Safeguards(rawValue: 1 << 5)
    /// A refused entry is aborted in the log.
    package static let abort = Safeguards(rawValue: 1 << 6)
    /// Nothing is served from a primary that has not caught up.
    package static let catchUpFirst = Safeguards(rawValue: 1 << 7)
    /// Backups stop at an entry that may still be aborted.
    ///
    /// Case 1.
    package static let consumersStop = Safeguards(rawValue: 1 << 8)
    /// The overlay leaves out an entry that may still be aborted.
    ///
    /// Case 2.
    package static let overlayStops = Safeguards(rawValue: 1 << 9)
    /// Reads and consumers skip an entry whose idempotency key the store holds under another version.
    ///
    /// Case 3.
    package static let keysInOverlay = Safeguards(rawValue: 1 << 10)
    /// On a shared primary a pending drop for which nobody waits is aborted.
    ///
    /// Case 4.
    package static let abortLateDrops = Safeguards(rawValue: 1 << 11)
    /// One stale entry supersedes all later ones of the list.
    ///
    /// Case 5.
    package static let supersedeTail = Safeguards(rawValue: 1 << 12)
    /// A primary that lost data is detected, and served only after every host has replayed.
    ///
    /// Case 6.
    package static let barrier = Safeguards(rawValue: 1 << 13)
    /// After lost data, what a restarted host cannot tell is merged with its ids kept.
    ///
    /// Case 7.
    package static let mergeRecovered = Safeguards(rawValue: 1 << 14)
    /// New writes wait before they are logged.
    ///
    /// Case 8.
    package static let waitBeforeLog = Safeguards(rawValue: 1 << 15)
    /// Idempotency keys are decided on the primary.
    package static let idempotency = Safeguards(rawValue: 1 << 16)

    /// How a chain runs.
    package static let all = Safeguards(rawValue: (1 << 17) - 1)
}
