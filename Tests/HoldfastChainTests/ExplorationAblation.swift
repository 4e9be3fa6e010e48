import HoldfastChain

/// A mechanism that is switched off, and the smallest search that must notice.
struct ExplorationAblation: CustomStringConvertible {
    let description: String
    let setting: ExplorationSetting

    private init(_ name: String, _ off: Safeguards, in setting: ExplorationSetting) {
        description = name
        self.setting = setting.with { $0.policy.safeguards.remove(off) }
    }

    /// Every mechanism of `Safeguards`, and the floors of the stores.
    static let all: [ExplorationAblation] = [
        .init("log first", .logFirst, in: ExplorationSetting(.one, crashes: 1)),
        .init("only the newest put", .newestOnPut, in: ExplorationSetting(.t1, crashes: 1, deadlines: 1)),
        .init("only the newest drop", .newestOnDrop, in: ExplorationSetting(.t1)),
        .init("marks in the provider", .marks, in: ExplorationSetting(.one, outages: 1, loss: .wiped)),
        .init("supersede records", .supersede, in: ExplorationSetting(.t1, crashes: 1)),
        .init("overlay", .overlay, in: ExplorationSetting(.one, outages: 1)),
        .init("abort", .abort, in: ExplorationSetting(.one, crashes: 1, outages: 1)),
        .init(
            "nothing served before it caught up", .catchUpFirst,
            in: ExplorationSetting(.one, outages: 1, loss: .wiped)),
        .init(
            "consumers stop (case 1)", .consumersStop,
            in: ExplorationSetting(.one, accepts: true, outages: 1, loss: .wiped, backupOutages: 1)),
        .init("the overlay stops (case 2)", .overlayStops, in: ExplorationSetting(.one, outages: 1)),
        .init(
            "keys in the overlay (case 3)", .keysInOverlay,
            in: ExplorationSetting(.one, accepts: true, crashes: 1, outages: 1)),
        .init("late drops are aborted (case 4)", .abortLateDrops, in: ExplorationSetting(.t1, crashes: 1)),
        .init(
            "the tail is superseded (case 5)", .supersedeTail,
            in: ExplorationSetting(.t2, accepts: true, outages: 1)),
        .init("barrier (case 6)", .barrier, in: ExplorationSetting(.pair, outages: 1, loss: .wiped)),
        .init(
            "what was recovered is merged (case 7)", .mergeRecovered,
            in: ExplorationSetting(.pair, crashes: 1, outages: 1, loss: .wiped).with { $0.cuts = false }),
        .init(
            "writes wait before they are logged (case 8)", .waitBeforeLog,
            in: ExplorationSetting(.clearing, crashes: 1, outages: 1, loss: .wiped).with { $0.cuts = false }),
        .init("idempotency keys", .idempotency, in: ExplorationSetting(.one, crashes: 1)),
        .init("floors", [], in: ExplorationSetting(.t1, crashes: 1).with { $0.floors = false }),
    ]
}
