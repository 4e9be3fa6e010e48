/// The decision what a log holds, made of what its files say.
///
/// Pure: bytes in, verdict out, so that every flipped bit and every torn sector can be put to it. The rule:
///
/// - Entries count as long as each LSN follows the one before; the link of the next segment says where a segment ends.
/// - At the first LSN that is missing, evidence decides: where a later record, a mark or the checkpoint says that this LSN
///   was durable, acknowledged entries are **damaged**; else the batch was never acknowledged, and the log is **torn** there.
package struct LogAnalysis: Sendable {
    /// What counts, by ascending number.
    package private(set) var segments: [LiveSegment] = []
    /// What is damaged; the log must not be written where there is any.
    package private(set) var damages: [LogDamage] = []
    /// Where a crash cut the log, if it did.
    package private(set) var torn: TornTail?
    /// The first LSN that can be read.
    package private(set) var first: UInt64 = 1
    /// The LSN that the next entry gets.
    package private(set) var next: UInt64 = 1
    /// The highest LSN that anything says is durable.
    package private(set) var durable: UInt64 = 0
    /// Segments without an entry that counts.
    package private(set) var surplus: [UInt64] = []
    /// Segments that were trimmed before.
    package private(set) var trimmed: [UInt64] = []

    private let checkpoint: Checkpoint?
    private var expected: UInt64?
    private var unreadable: [ScannedSegment] = []
    private var lastScan: SegmentScan?

    /// Decides.
    ///
    /// - Parameters:
    ///   - files: all segments of the directory.
    ///   - checkpoint: its newest valid slot.
    package init(_ files: [ScannedSegment], checkpoint: Checkpoint?) {
        self.checkpoint = checkpoint
        durable = checkpoint?.lastDurable ?? 0
        for file in files.sorted(by: { $0.number < $1.number }) {
            if let checkpoint, file.number < checkpoint.firstSegment {
                trimmed.append(file.number)
            } else {
                add(file)
            }
        }
        settleUnreadable()
        settleTail()
        cutTorn()
        next = max(expected ?? checkpoint?.firstLSN ?? 1, durable + 1)
        first = checkpoint?.firstLSN ?? segments.first.flatMap { $0.linkLSN ?? $0.pieces.first?.first } ?? 1
        damages.removeAll { $0.lastLSN >= $0.firstLSN && $0.lastLSN < first }
        dropEmptySegments()
    }

    private mutating func add(_ file: ScannedSegment) {
        guard let header = file.header, let scan = file.scan else {
            unreadable.append(file)
            return
        }
        guard scan.isBegun else {
            surplus.append(file.number)
            return
        }
        durable = max(durable, scan.durable)
        lastScan = scan
        var segment = LiveSegment(
            header: header, pieces: [], linkLSN: scan.linkLSN, fileByteCount: file.fileByteCount)
        var pieces = scan.pieces
        if let checkpoint, file.number <= checkpoint.suspectSegment {
            pieces = pieces.compactMap { $0.cut(after: checkpoint.suspectLSN) }
            segment.isSealed = true
        }
        let begin = scan.linkLSN ?? pieces.first?.first ?? 1
        if expected == nil { expected = min(begin, checkpoint?.firstLSN ?? begin) }
        attach(segment, scan: scan, at: begin)
        segments.append(segment)
        for piece in pieces { accept(piece) }
    }

    /// Compares where a segment begins with where the one before it ended.
    private mutating func attach(_ segment: LiveSegment, scan: SegmentScan, at lsn: UInt64) {
        let reached = expected ?? lsn
        if lsn < reached {
            cut(after: lsn - 1)
        } else if scan.linkLSN != nil, lsn > reached {
            damages.append(missing(reached, lsn - 1, before: segment, scan.link))
        } else if let link = scan.link, let before = segments.last, !before.header.flags.contains(.salvaged),
            let checksum = before.pieces.last?.lastChecksum, before.pieces.last?.last == lsn - 1,
            link.lastLSN != lsn - 1 || link.lastChecksum != checksum
        {
            damages.append(
                LogDamage(
                    firstLSN: lsn, lastLSN: lsn - 1, segment: segment.number,
                    offset: LogFormat.blockByteCount,
                    byteCount: 0, reason: "does not follow \(before.name)", isCertain: true))
        }
        if scan.linkLSN == nil {
            // The first hole of the segment starts here, be it only that the link itself is gone.
            damages.append(
                LogDamage(
                    firstLSN: min(lsn, reached), lastLSN: lsn - 1, segment: segment.number,
                    offset: LogFormat.blockByteCount, byteCount: 0, reason: "the first record is not whole"))
        }
        for file in unreadable where !damages.contains(where: { $0.segment == file.number }) {
            surplus.append(file.number)
        }
        unreadable = []
        expected = lsn
    }

    private mutating func accept(_ piece: SegmentPiece) {
        guard let reached = expected, let index = segments.indices.last, piece.last >= reached else { return }
        if piece.first > reached {
            let offset = segments[index].end
            damages.append(
                LogDamage(
                    firstLSN: reached, lastLSN: piece.first - 1, segment: segments[index].number,
                    offset: offset, byteCount: piece.start - offset, reason: "a record is not whole"))
        } else if piece.first < reached {
            return
        }
        segments[index].pieces.append(piece)
        expected = piece.last + 1
    }

    /// Describes what is missing between two segments, in the file where it should be.
    private func missing(
        _ first: UInt64, _ last: UInt64, before segment: LiveSegment, _ link: SegmentLink?
    ) -> LogDamage {
        if let file = unreadable.last {
            return LogDamage(
                firstLSN: first, lastLSN: last, segment: file.number, offset: 0,
                byteCount: file.fileByteCount,
                reason: "neither copy of the header is whole")
        }
        if let before = segments.last, link.map({ $0.previousSegment <= before.number }) ?? true {
            return LogDamage(
                firstLSN: first, lastLSN: last, segment: before.number, offset: before.end,
                byteCount: max(0, before.fileByteCount - before.end), reason: "a record is not whole")
        }
        return LogDamage(
            firstLSN: first, lastLSN: last, segment: link?.previousSegment ?? segment.number, offset: 0,
            byteCount: 0, reason: "the file is missing", isCertain: true)
    }

    /// Decides about headers that nobody can read at the end of the log.
    private mutating func settleUnreadable() {
        let reached = expected ?? checkpoint?.firstLSN ?? 1
        for file in unreadable {
            let isTail = checkpoint.map { $0.tailSegment >= file.number || $0.lastDurable >= reached } ?? true
            guard isTail || durable >= reached else {
                surplus.append(file.number)
                continue
            }
            damages.append(
                LogDamage(
                    firstLSN: reached, lastLSN: max(durable, reached), segment: file.number, offset: 0,
                    byteCount: file.fileByteCount, reason: "neither copy of the header is whole",
                    isCertain: true))
            break
        }
    }

    /// Decides whether entries are missing behind the last one.
    private mutating func settleTail() {
        let reached = expected ?? checkpoint?.firstLSN ?? 1
        if let last = segments.last, last.fileByteCount < last.header.byteCount {
            damages.append(
                LogDamage(
                    firstLSN: reached, lastLSN: max(durable, reached), segment: last.number,
                    offset: last.fileByteCount, byteCount: 0,
                    reason: "the file has \(last.fileByteCount) bytes of \(last.header.byteCount)",
                    isCertain: true))
        }
        guard durable >= reached, !damages.contains(where: { $0.lastLSN >= durable }) else { return }
        let last = segments.last
        let tail = max(checkpoint?.tailSegment ?? 0, last?.number ?? 1)
        let isThere = last?.number == tail
        damages.append(
            LogDamage(
                firstLSN: reached, lastLSN: durable, segment: tail, offset: isThere ? last?.end ?? 0 : 0,
                byteCount: isThere ? last.map { max(0, $0.fileByteCount - $0.end) } ?? 0 : 0,
                reason: isThere ? "a record is not whole" : "the file is missing", isCertain: true))
    }

    /// Ends the log at the first hole of which nothing says that it was durable.
    private mutating func cutTorn() {
        if let hole = damages.first(where: { !$0.isCertain && $0.firstLSN > durable }) {
            torn = TornTail(segment: hole.segment, offset: hole.offset, lsn: hole.firstLSN)
            damages.removeAll { !$0.isCertain && $0.firstLSN >= hole.firstLSN }
            cut(after: hole.firstLSN - 1)
            expected = hole.firstLSN
        } else if let last = segments.last, let scan = lastScan, scan.hasFragment, damages.isEmpty {
            torn = TornTail(segment: last.number, offset: last.end, lsn: expected ?? 1)
        }
    }

    private mutating func cut(after lsn: UInt64) {
        for index in segments.indices {
            let pieces = segments[index].pieces.compactMap { $0.cut(after: lsn) }
            guard pieces != segments[index].pieces || (segments[index].linkLSN ?? 0) > lsn + 1 else {
                continue
            }
            segments[index].pieces = pieces
            segments[index].isSealed = true
        }
        damages.removeAll { !$0.isCertain && $0.firstLSN > lsn }
        for index in damages.indices { damages[index].lastLSN = min(damages[index].lastLSN, lsn) }
    }

    /// Sets segments aside of which nothing counts, except one that the next batch may be written to.
    private mutating func dropEmptySegments() {
        let last = segments.last?.number
        segments.removeAll { segment in
            guard segment.pieces.isEmpty, segment.number != last || segment.isSealed else { return false }
            surplus.append(segment.number)
            return true
        }
    }
}
