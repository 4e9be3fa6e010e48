import DequeModule
import HoldfastModel

/// Which pending entries readers see: a list that somebody has read only grows at its end.
extension ChainCore {
    /// What a reader must not see although the log holds it: what may yet be taken back, and what stands behind that in
    /// the same list and was not acknowledged, since the former would be put in front of it later.
    var excludedFromOverlay: Set<LogSequenceNumber> {
        var excluded = ledger.voided
        guard policy.safeguards.contains(.overlayStops) else { return excluded }
        var hidden: Set<Address> = []
        for entry in ledger.pending {
            let isHidden =
                entry.mayBeAborted
                || !entry.isAcknowledged && !hidden.isEmpty && entry.touches(hidden)
            guard isHidden else { continue }
            excluded.insert(entry.lsn)
            hidden.formUnion(entry.addresses)
        }
        return excluded
    }

    /// Makes visible, and so irrevocable, what stands in front of entries that were acknowledged in this step: readers
    /// see those from now on, and nothing may be put in front of them later.
    mutating func exposeBeforeAcknowledged() {
        guard let last = acknowledgedNow.max() else { return }
        let acknowledged = Set(acknowledgedNow)
        acknowledgedNow.removeAll()
        var shown: Set<Address> = []
        var exposed: [LogSequenceNumber] = []
        for position in (0..<ledger.position(of: last + 1)).reversed() {
            let entry = ledger.pending[position]
            if acknowledged.contains(entry.lsn) {
                shown.formUnion(entry.addresses)
            } else if entry.mayBeAborted, !entry.isConditional, entry.state != .aborting, entry.touches(shown)
            {
                exposed.append(entry.lsn)
                shown.formUnion(entry.addresses)
            }
        }
        for lsn in exposed { ledger.update(lsn) { $0.isExposed = true } }
    }

    /// Whether something before an entry in its list is still to be decided by the primary: showing the entry would
    /// decide its place before that.
    func isBehindCondition(_ lsn: LogSequenceNumber) -> Bool {
        guard ledger.conditionalCount > 0, let addresses = ledger[lsn]?.addresses else { return false }
        return ledger.pending.prefix(ledger.position(of: lsn)).contains {
            $0.isConditional && $0.touches(addresses)
        }
    }
}

extension PendingEntry {
    /// Where the entry changes something.
    fileprivate var addresses: Set<Address> {
        Set(changes.lazy.filter { $0.kind != .check }.map(\.address))
    }

    fileprivate func touches(_ addresses: Set<Address>) -> Bool {
        changes.contains { $0.kind != .check && addresses.contains($0.address) }
    }
}
