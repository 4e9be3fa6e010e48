import HoldfastProviderKit
import HoldfastSupport

/// The way from a directory to a log that is ready for its first append.
struct LogOpening {
    let options: FileLogOptions
    let environment: LogEnvironment
    let directory: LogDirectory
    let identity: LogIdentity
    let checkpoint: CheckpointFile
    let supply: SegmentSupply
    private(set) var writer: LogWriter
    let index: LogIndex

    /// Locks a directory and opens the log in it.
    init(_ options: FileLogOptions, _ environment: LogEnvironment) throws(ProviderError) {
        let directory = try LogDirectory(options, environment)
        do throws(ProviderError) {
            try self.init(options, environment, directory)
        } catch {
            directory.close()
            throw error
        }
    }

    /// Opens the log in a directory that this process has locked.
    init(
        _ options: FileLogOptions, _ environment: LogEnvironment, _ directory: LogDirectory
    ) throws(ProviderError) {
        self.options = options
        self.environment = environment
        self.directory = directory
        var contents = try LogContents(directory, isSynced: true)
        let analysis = LogAnalysis(contents.segments, checkpoint: contents.checkpoint)
        try contents.refuseForeign()
        identity =
            contents.identity
            ?? LogIdentity(random: environment.random.next(), environment.random.next())
        checkpoint = CheckpointFile(contents.checkpoint ?? Checkpoint(identity: identity), in: directory)
        writer = LogWriter(
            next: analysis.next, durable: analysis.next - 1,
            link: SegmentLink(previousSegment: 0, lastLSN: 0, lastChecksum: 0))
        if let last = analysis.segments.last(where: { !$0.pieces.isEmpty }), let piece = last.pieces.last {
            writer.link = SegmentLink(
                previousSegment: last.number, lastLSN: piece.last, lastChecksum: piece.lastChecksum ?? 0)
        }
        index = LogIndex(
            analysis.segments, first: min(analysis.first, analysis.next), last: analysis.next - 1)
        let free = Set(analysis.surplus + analysis.trimmed)
        supply = SegmentSupply(
            directory, environment, options, identity: identity,
            retired: contents.segments.filter { free.contains($0.number) }.map {
                SegmentSupply.Retired(number: $0.number, byteCount: $0.fileByteCount)
            }, nextNumber: contents.nextNumber, byteCount: contents.byteCount)
        if let damage = analysis.damages.first {
            writer.refusal = refusal(damage, others: analysis.damages.count - 1)
            environment.report(.error, writer.refusal?.message ?? "")
        } else {
            try prepare(&contents, analysis)
        }
    }

    private func refusal(_ damage: LogDamage, others: Int) -> ProviderError {
        let more = others == 0 ? "" : ", and \(others) more"
        return ProviderError(
            .corrupt,
            "\(directory.file(damage.file)) is damaged at offset \(damage.offset): \(damage.reason), "
                + "\(damage.range) lost\(more); the log is read-only until `holdfast log salvage`",
            vendorCode: Int64(clamping: damage.firstLSN))
    }

    /// Makes the log writable: cuts what was torn, removes what was half-made, and says in the checkpoint where it begins.
    private mutating func prepare(
        _ contents: inout LogContents, _ analysis: LogAnalysis
    ) throws(ProviderError) {
        if let torn = analysis.torn {
            LogTail(directory, environment).keep(torn)
            environment.report(
                .warning,
                "\(directory.file(LogFormat.segmentName(torn.segment))) was cut at offset \(torn.offset): "
                    + "a crash left the batch of LSN \(torn.lsn) half-written; it was never acknowledged")
        }
        for name in contents.temporaryNames { try? directory.files.unlink(directory.file(name)) }
        if let last = analysis.segments.last, !last.isSealed, last.fileByteCount == Int(last.header.byteCount)
        {
            writer.segment = LogTail(directory, environment).resume(last)
        }
        let (next, first) = (analysis.next, index.first)
        let (begin, tail) = (analysis.segments.first?.number, analysis.segments.last?.number)
        do throws(FileSystemError) {
            try checkpoint.update(isSynced: true) { checkpoint in
                checkpoint.lastDurable = next - 1
                checkpoint.firstLSN = first
                if let begin { checkpoint.firstSegment = begin }
                if let tail { checkpoint.tailSegment = tail }
            }
        } catch {
            throw ProviderError(error)
        }
    }
}
