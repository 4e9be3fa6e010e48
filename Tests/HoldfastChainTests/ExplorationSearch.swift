import HoldfastChain

/// Goes through every state that a setting allows, breadth first, so that the first trace of a violation is a shortest.
struct ExplorationSearch {
    /// What was found.
    struct Outcome {
        var setting: ExplorationSetting
        var stateCount = 0
        var transitionCount = 0
        var restCount = 0
        var residualCount = 0
        var isWhole = true
        /// By sentence: how often, and a shortest way there.
        var violations: [String: (count: Int, trace: [String])] = [:]

        var sentences: Set<String> { Set(violations.keys) }

        /// The figures on one line, then each violation with its trace.
        var report: String {
            var lines = [
                "\(setting): \(stateCount) states, \(transitionCount) transitions, \(restCount) at rest, "
                    + "\(residualCount) accepted\(isWhole ? "" : ", NOT WHOLE"), "
                    + "\(violations.isEmpty ? "clean" : "VIOLATIONS")"
            ]
            for (sentence, found) in violations.sorted(by: { $0.key < $1.key }) {
                lines.append("  \(sentence) (\(found.count)):")
                lines += found.trace.map { "    \($0)" }
            }
            return lines.joined(separator: "\n")
        }
    }

    /// How a state was reached first.
    private struct Origin {
        var parent: Int32
        var move: ExplorationMove
    }

    let setting: ExplorationSetting
    /// Where to stop.
    var stateCountMax = Int.max
    /// For an ablation one violation is enough.
    var stopsAtFirst = false

    /// Searches.
    func run() -> Outcome {
        var outcome = Outcome(setting: setting)
        var start = ExplorationState(setting)
        var known: Set<Int> = [start.fingerprint]
        var origins = [Origin(parent: -1, move: .copiesPrimary)]
        var level = [(index: Int32(0), state: start)]
        note(start.check(), at: 0, &outcome, origins)
        while !level.isEmpty {
            var next: [(index: Int32, state: ExplorationState)] = []
            for (index, state) in level {
                var isStuck = true
                let own = state.fingerprint
                for move in state.moves {
                    outcome.transitionCount += 1
                    var child = state.after(move)
                    let findings = child.check()
                    let fingerprint = child.fingerprint
                    guard known.insert(fingerprint).inserted else {
                        if !move.isFault, fingerprint != own { isStuck = false }
                        continue
                    }
                    if !move.isFault { isStuck = false }
                    let number = Int32(origins.count)
                    origins.append(Origin(parent: index, move: move))
                    note(findings, at: number, &outcome, origins)
                    if findings.violations.isEmpty { next.append((number, child)) }
                }
                if isStuck { noteStuck(state, at: index, &outcome, origins) }
                if outcome.isOver(stopsAtFirst) || known.count >= stateCountMax { break }
            }
            if outcome.isOver(stopsAtFirst) { break }
            if known.count >= stateCountMax {
                outcome.isWhole = false
                break
            }
            level = next
        }
        outcome.stateCount = known.count
        return outcome
    }

    private func note(
        _ findings: ExplorationState.Findings, at index: Int32, _ outcome: inout Outcome, _ origins: [Origin]
    ) {
        if findings.isAtRest { outcome.restCount += 1 }
        if !findings.residuals.isEmpty { outcome.residualCount += 1 }
        for sentence in findings.violations {
            if outcome.violations[sentence] == nil {
                outcome.violations[sentence] = (0, trace(to: index, origins))
            }
            outcome.violations[sentence]?.count += 1
        }
    }

    /// A state from which nothing goes on by itself must be one where everything is done.
    private func noteStuck(
        _ state: ExplorationState, at index: Int32, _ outcome: inout Outcome, _ origins: [Origin]
    ) {
        var state = state
        guard !state.check().isAtRest else { return }
        note(.init(violations: ["stuck before everything is done"]), at: index, &outcome, origins)
    }

    private func trace(to index: Int32, _ origins: [Origin]) -> [String] {
        var moves: [ExplorationMove] = []
        var index = index
        while index > 0 {
            moves.append(origins[Int(index)].move)
            index = origins[Int(index)].parent
        }
        var state = ExplorationState(setting)
        _ = state.check()
        var words: [String] = []
        for move in moves.reversed() {
            words.append(move.words(in: state))
            state = state.after(move)
            _ = state.check()
            words[words.count - 1] += "   → \(state.words)"
        }
        return words
    }
}

extension ExplorationSearch.Outcome {
    fileprivate func isOver(_ stopsAtFirst: Bool) -> Bool { stopsAtFirst && !violations.isEmpty }
}

extension ExplorationState {
    /// What the providers hold and the hosts think, for a trace.
    fileprivate var words: String {
        let lists = [primary, backup].map { store in
            let marks = store.marks.map {
                $0.map { "\($0.lsn)\($0.phase == .serving ? "" : "(\($0.phase))")" } ?? "-"
            }
            return String(decoding: store.messages, as: UTF8.self) + "/" + marks.joined(separator: ",")
        }
        let phases = hosts.map { $0.core.map { "\($0.primary.phase)" } ?? "crashed" }
        return "P \(lists[0]) B \(lists[1]) \(phases.joined(separator: ", "))"
            + " saw \(String(decoding: history.seen, as: UTF8.self))"
    }
}
