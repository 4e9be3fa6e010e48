internal import HoldfastProviderKit

/// Puts entries that were visited in order together into runs: those that are whole, and what is between
/// them.
struct SQLiteLogRuns {
    private let path: String
    private var expected: UInt64
    private var whole: (first: UInt64, last: UInt64, byteCount: UInt64)?

    /// Starts behind what was let go.
    init(after trimmed: UInt64, path: String) {
        self.path = path
        expected = trimmed + 1
    }

    /// Takes note of one stored entry.
    ///
    /// - Returns: what is known now and was not before.
    mutating func visit(_ lsn: UInt64, byteCount: Int, isWhole: Bool) -> [LogFinding] {
        var findings: [LogFinding] = []
        if lsn > expected {
            if let run = finish() { findings.append(run) }
            findings.append(damage(expected, lsn - 1, "entries \(expected) to \(lsn - 1) are missing"))
        }
        expected = lsn + 1
        guard isWhole else {
            if let run = finish() { findings.append(run) }
            findings.append(damage(lsn, lsn, "entry \(lsn) does not have its checksum"))
            return findings
        }
        whole = (whole?.first ?? lsn, lsn, (whole?.byteCount ?? 0) + UInt64(byteCount))
        return findings
    }

    /// The run that has not been reported yet.
    mutating func finish() -> LogFinding? {
        guard let run = whole else { return nil }
        whole = nil
        return LogFinding(
            kind: .segment, firstLSN: run.first, lastLSN: run.last, byteCount: run.byteCount, file: path,
            message: "entries \(run.first) to \(run.last) are whole")
    }

    private func damage(_ first: UInt64, _ last: UInt64, _ message: String) -> LogFinding {
        LogFinding(kind: .damaged, firstLSN: first, lastLSN: last, file: path, message: message)
    }
}
