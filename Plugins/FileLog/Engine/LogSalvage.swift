import HoldfastProviderKit
import HoldfastSupport

/// The rescue of a damaged log.
///
/// Every file with damage is copied into `damaged-<Unix ms>`, then written anew: the entries that are whole, and for the
/// LSNs between them a gap, so that the chain of LSNs is closed again and none is ever given out twice.
struct LogSalvage {
    private let directory: LogDirectory
    private let environment: LogEnvironment
    private let options: FileLogOptions

    init(_ directory: LogDirectory, _ environment: LogEnvironment, _ options: FileLogOptions) {
        self.directory = directory
        self.environment = environment
        self.options = options
    }

    /// Rescues.
    func run() throws(ProviderError) {
        let contents = try LogContents(directory, isSynced: true)
        let analysis = LogAnalysis(contents.segments, checkpoint: contents.checkpoint)
        guard !analysis.damages.isEmpty, let identity = contents.identity else {
            if analysis.damages.isEmpty { return }
            throw ProviderError(
                .corrupt, "nothing in \(directory.path) says which log it is; no file of it is whole")
        }
        do throws(FileSystemError) {
            let aside = directory.file("damaged-\(environment.clock.unixMilliseconds)")
            try directory.files.makeDirectory(aside)
            let numbers = Set(analysis.damages.map(\.segment)).sorted()
            for number in numbers + (contents.checkpoint == nil ? [0] : []) {
                let name = number == 0 ? LogFormat.checkpointName : LogFormat.segmentName(number)
                try copy(name, to: aside)
            }
            try directory.files.syncDirectory(aside)
            try directory.sync()
            for number in numbers { try rewrite(number, analysis, identity, contents) }
            try rewriteCheckpoint(analysis, identity, contents)
        } catch {
            throw ProviderError(error)
        }
    }

    private func copy(_ name: String, to aside: String) throws(FileSystemError) {
        let bytes: [UInt8]
        do throws(FileSystemError) {
            bytes = try directory.contents(name)
        } catch {
            if error.isNotFound { return }
            throw error
        }
        let target = try directory.files.open("\(aside)/\(name)", .create)
        defer { directory.files.close(target) }
        try unsafe directory.files.writeAll(bytes.span.bytes, to: target, at: 0)
        try directory.files.sync(target)
    }

    /// Writes a segment anew: what counts of it, and gaps for what is lost in it.
    private func rewrite(
        _ number: UInt64, _ analysis: LogAnalysis, _ identity: LogIdentity, _ contents: LogContents
    ) throws(FileSystemError) {
        let old = analysis.segments.first { $0.number == number }
        let lost = analysis.damages.filter { $0.segment == number && $0.lastLSN >= $0.firstLSN }
        let source = old == nil ? [] : try directory.contents(LogFormat.segmentName(number))
        var parts: [(first: UInt64, last: UInt64, piece: SegmentPiece?)] =
            lost.map { ($0.firstLSN, $0.lastLSN, nil) }
        parts += (old?.pieces ?? []).map { ($0.first, $0.last, $0.isGap ? nil : $0) }
        parts.sort { $0.first < $1.first }
        guard let begin = parts.first?.first ?? old?.linkLSN else { return }
        let salt = UInt32(truncatingIfNeeded: environment.random.next())
        var buffer = BatchBuffer()
        buffer.begin(
            salt: salt, origin: LogFormat.blockByteCount, previousDurable: begin - 1, capacity: source.count)
        let link = contents.segments.first { $0.number == number }?.scan?.link
        let before = analysis.segments.last { $0.number < number }
        // What the old link said may be what was wrong; only the first segment has nobody else to ask.
        let predecessor =
            before.map {
                SegmentLink(
                    previousSegment: $0.number, lastLSN: begin - 1,
                    lastChecksum: $0.pieces.last?.lastChecksum ?? 0)
            } ?? link ?? SegmentLink(previousSegment: 0, lastLSN: begin - 1, lastChecksum: 0)
        buffer.add(.link, lsn: begin, payload: predecessor.encoded())
        for part in parts {
            if let piece = part.piece, let old {
                unsafe copyEntries(piece, of: source.span.bytes, salt: old.header.salt, into: &buffer)
            } else {
                var payload = [UInt8](repeating: 0, count: 8)
                payload.store(part.last, at: 0)
                buffer.add(.gap, lsn: part.first, payload: payload)
            }
        }
        buffer.pad()
        let size = max(
            options.segmentByteCount, LogFormat.blockByteCount + buffer.bytes.count, old?.fileByteCount ?? 0)
        let header = SegmentHeader(
            flags: [.zeroed, .salvaged], salt: salt, identity: identity, number: number,
            byteCount: LogFormat.roundUp(size, to: LogFormat.blockByteCount),
            madeAt: environment.clock.unixMilliseconds)
        var bytes = header.encodedBlock() + buffer.bytes
        bytes.append(contentsOf: repeatElement(0, count: Int(header.byteCount) - bytes.count))
        try directory.replace(LogFormat.segmentName(number), with: bytes)
    }

    private func copyEntries(
        _ piece: SegmentPiece, of source: RawSpan, salt: UInt32, into buffer: inout BatchBuffer
    ) {
        var offset = piece.start
        var lsn = piece.first
        while lsn <= piece.last {
            var record = RecordHeader(decoding: source, at: offset, salt: salt)
            if record?.lsn != lsn || record?.kind != .entry {
                offset = LogFormat.roundUp(offset, to: LogFormat.blockByteCount)
                record = RecordHeader(decoding: source, at: offset, salt: salt)
            }
            guard let record, record.lsn == lsn else { return }
            let payload = source.extracting(
                offset + record.payload.lowerBound..<offset + record.payload.upperBound)
            unsafe payload.withUnsafeBytes { bytes in
                _ = unsafe buffer.add(entry: BorrowedBytes(bytes), lsn: lsn)
            }
            offset += record.paddedByteCount
            lsn += 1
        }
    }

    private func rewriteCheckpoint(
        _ analysis: LogAnalysis, _ identity: LogIdentity, _ contents: LogContents
    ) throws(FileSystemError) {
        let file = CheckpointFile(contents.checkpoint ?? Checkpoint(identity: identity), in: directory)
        defer { file.close() }
        let (next, first) = (analysis.next, analysis.first)
        try file.update(isSynced: true) { checkpoint in
            checkpoint.lastDurable = next - 1
            checkpoint.firstLSN = first
        }
    }
}
