package import HoldfastProviderKit
import HoldfastSupport

extension FileLog {
    /// Reads everything and reports each finding: one for each segment, and one for each thing that is wrong.
    ///
    /// Appends and the background's work on segments wait, so that the files hold still.
    ///
    /// - Parameter take: takes a finding, and says whether more are wanted.
    /// - Throws: the failure of the disk; damage is a finding, not an error.
    package func verify(_ take: (LogFinding) -> Bool) throws(ProviderError) {
        let found = try writer.withLock {
            (writer: inout sending LogWriter) throws(ProviderError) -> [LogFinding] in
            if let refusal = writer.refusal, refusal.code != .corrupt { throw refusal }
            return try supply.whilePaused { () throws(ProviderError) -> [LogFinding] in
                self.findings(try LogContents(directory, isSynced: false))
            }
        }
        for finding in found where !take(finding) { return }
    }

    private func findings(_ contents: LogContents) -> [LogFinding] {
        let analysis = LogAnalysis(contents.segments, checkpoint: contents.checkpoint)
        var findings: [LogFinding] = []
        for segment in analysis.segments {
            let entries = segment.pieces.filter { !$0.isGap }
            let gaps = segment.pieces.filter(\.isGap).map { "LSN \($0.first) to \($0.last) were given up" }
            findings.append(
                LogFinding(
                    kind: .segment, firstLSN: entries.first?.first ?? 0, lastLSN: entries.last?.last ?? 0,
                    offset: 0, byteCount: UInt64(segment.fileByteCount), file: directory.file(segment.name),
                    message: (["whole up to offset \(segment.end)"] + gaps).joined(separator: "; ")))
        }
        for damage in analysis.damages {
            findings.append(
                LogFinding(
                    kind: .damaged, firstLSN: damage.firstLSN, lastLSN: damage.lastLSN,
                    offset: UInt64(damage.offset), byteCount: UInt64(damage.byteCount),
                    file: directory.file(damage.file), message: "\(damage.reason): \(damage.range) lost"))
        }
        if let torn = analysis.torn {
            findings.append(
                LogFinding(
                    kind: .torn, firstLSN: torn.lsn, offset: UInt64(torn.offset),
                    file: directory.file(LogFormat.segmentName(torn.segment)),
                    message:
                        "a crash left the batch of LSN \(torn.lsn) half-written; it was never acknowledged"))
        }
        return findings + sideFindings(contents, analysis)
    }

    /// What is wrong although no entry depends on it: the other copy is whole.
    private func sideFindings(_ contents: LogContents, _ analysis: LogAnalysis) -> [LogFinding] {
        var findings: [LogFinding] = []
        for segment in contents.segments where segment.isHeaderHurt && segment.header != nil {
            findings.append(
                LogFinding(
                    kind: .damaged, byteCount: UInt64(LogFormat.blockByteCount),
                    file: directory.file(segment.name),
                    message: "one of the two copies of the header is not whole: no LSN lost"))
        }
        for slot in contents.hurtSlots {
            findings.append(
                LogFinding(
                    kind: .damaged, offset: UInt64(slot * LogFormat.blockByteCount),
                    byteCount: UInt64(Checkpoint.encodedByteCount),
                    file: directory.file(LogFormat.checkpointName),
                    message: "slot \(slot) of the checkpoint is not whole: no LSN lost"))
        }
        if contents.checkpoint == nil, contents.hurtSlots.isEmpty {
            findings.append(
                LogFinding(
                    kind: .damaged, file: directory.file(LogFormat.checkpointName),
                    message: "the file is missing: no LSN lost, but nothing tells where the log ended"))
        }
        return findings
    }
}
