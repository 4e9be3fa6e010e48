import Testing

/// Holds everything that the processes of a campaign said against what is stored.
struct LockVerdict {
    /// One write, as the store has it or as a process spoke of it.
    struct Write: Hashable {
        let owner: String
        let fence: Int64
        let number: Int64
    }

    let steps: [LockCampaign.Step]
    /// What is stored, in its order.
    let journal: [Write]
    let context: String

    private func writes(_ letter: Character) -> Set<Write> {
        Set(
            steps.filter { $0.letter == letter }.map {
                Write(owner: $0.owner, fence: $0.numbers[0], number: $0.numbers[1])
            })
    }

    var takeoverCount: Int { steps.count { $0.letter == "A" && $0.text.hasSuffix(" true") } }
    var refusedCount: Int { steps.count { $0.letter == "R" } }
    var failureCount: Int { steps.count { $0.letter == "E" } }

    /// Expects everything that is promised.
    func check(acquisitionCount: Int) {
        let taken = steps.filter { $0.letter == "A" }.sorted { $0.numbers[0] < $1.numbers[0] }
        #expect(taken.count == acquisitionCount, "\(context): acquisitions")
        #expect(Set(taken.map { $0.numbers[0] }).count == taken.count, "\(context): a fence was given twice")
        checkHolders(taken)
        checkJournal(Dictionary(uniqueKeysWithValues: taken.map { ($0.numbers[0], $0.owner) }))
    }

    /// Nobody believed to hold the lock when another was told that it does.
    private func checkHolders(_ taken: [LockCampaign.Step]) {
        var ends: [Int64: Int64] = [:]
        for step in steps where step.letter == "A" || step.letter == "N" {
            let end = step.numbers[step.letter == "A" ? 2 : 1]
            ends[step.numbers[0]] = max(ends[step.numbers[0]] ?? 0, end)
        }
        // Who gives a lock back does not hold it from then on.
        for step in steps where step.letter == "L" {
            ends[step.numbers[0]] = min(ends[step.numbers[0]] ?? 0, step.numbers[1])
        }
        for (earlier, later) in zip(taken, taken.dropFirst()) {
            let end = ends[earlier.numbers[0]] ?? 0
            #expect(
                later.numbers[1] >= end,
                "\(context): \(later.owner) was told at \(later.numbers[1]) that it holds the lock, \(earlier.owner) holds it until \(end)"
            )
        }
    }

    private func checkJournal(_ owners: [Int64: String]) {
        let stored = Set(journal)
        #expect(stored.count == journal.count, "\(context): a write is doubled")
        #expect(
            zip(journal, journal.dropFirst()).allSatisfy { $0.fence <= $1.fence },
            "\(context): a late holder's write was taken")
        #expect(journal.allSatisfy { owners[$0.fence] == $0.owner }, "\(context): a write without a lock")
        let acknowledged = writes("W")
        #expect(acknowledged.isSubset(of: stored), "\(context): an acknowledged write is lost")
        #expect(
            stored.isDisjoint(with: writes("R").union(writes("F"))), "\(context): a refused write is stored")
        #expect(
            stored.isSubset(of: acknowledged.union(writes("U"))), "\(context): a write that nobody made")
    }
}
