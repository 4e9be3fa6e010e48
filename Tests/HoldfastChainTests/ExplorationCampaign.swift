import Glibc
import HoldfastChain

/// Which settings are searched.
enum ExplorationCampaign {
    /// A search that would go further is cut and says so.
    static let stateCountMax = 12_000_000

    /// Searched with every change: about two minutes on two cores.
    static let gate: [ExplorationSetting] = {
        var settings: [ExplorationSetting] = []
        for accepts in [false, true] {
            let one = ExplorationSetting(.one, accepts: accepts)
            settings += [
                one.with { ($0.crashes, $0.outages, $0.loss) = (1, 1, .wiped) },
                one.with { ($0.crashes, $0.outages, $0.loss) = (1, 1, .setBackUnnoticed) },
                one.with { ($0.outages, $0.backupOutages, $0.deadlines) = (1, 1, 1) },
                one.with { ($0.crashes, $0.logFaults) = (1, 1) },
                one.with { $0.logFaults = 3 },
                ExplorationSetting(.t4, accepts: accepts).with { $0.logFaults = 2 },
                one.with { ($0.outages, $0.trims, $0.loss) = (1, true, .wiped) },
            ]
            for program in [ExplorationProgram.pair, .clearing] {
                let two = ExplorationSetting(program, accepts: accepts, crashes: 1, outages: 1, loss: .wiped)
                settings.append(two.with { $0.cuts = false })
            }
            for program in [ExplorationProgram.t1, .t2, .t3, .t4] {
                let two = ExplorationSetting(program, accepts: accepts)
                settings += [
                    two.with { ($0.crashes, $0.deadlines) = (1, 1) },
                    two.with { ($0.outages, $0.loss) = (1, .wiped) },
                ]
            }
        }
        return settings
    }()

    /// Searched when `HOLDFAST_EXPLORE=full`: about an hour on two cores.
    static let full: [ExplorationSetting] = {
        var settings: [ExplorationSetting] = []
        for accepts in [false, true] {
            for loss in [ExplorationSetting.Loss.none, .wiped, .setBack, .setBackUnnoticed] {
                let one = ExplorationSetting(.one, accepts: accepts, outages: 1, loss: loss)
                settings += [
                    one.with { ($0.crashes, $0.backupOutages, $0.deadlines) = (1, 1, 1) },
                    one.with { ($0.crashes, $0.trims) = (1, true) },
                    one.with { $0.outages = 2 },
                ]
            }
            let one = ExplorationSetting(.one, accepts: accepts)
            settings += [
                one.with { ($0.crashes, $0.logFaults) = (1, 2) },
                one.with { ($0.outages, $0.logFaults) = (1, 2) },
                one.with { ($0.deadlines, $0.logFaults) = (1, 2) },
            ]
            settings.append(ExplorationSetting(.t1, accepts: accepts).with { $0.logFaults = 2 })
            for program in [ExplorationProgram.t1, .t2, .t3, .t4] {
                for loss in [ExplorationSetting.Loss.none, .wiped, .setBack] {
                    let two = ExplorationSetting(program, accepts: accepts, outages: 1, loss: loss)
                    settings += [
                        two.with { $0.crashes = 1 }, two.with { ($0.backupOutages, $0.deadlines) = (1, 1) },
                    ]
                }
            }
        }
        return settings
    }()

    static var isFull: Bool { getenv("HOLDFAST_EXPLORE").map { String(cString: $0) } == "full" }

    /// Of the full campaign only the settings whose description contains this.
    static var chosen: [ExplorationSetting] {
        guard let word = getenv("HOLDFAST_EXPLORE_ONLY").map({ String(cString: $0) }) else { return full }
        return full.filter { "\($0)".contains(word) }
    }
}
