/// Where the entries of a log are; all in memory, a few words for each 64 KiB of log.
struct LogIndex: Sendable {
    /// A place to read from, and the segment that is held for it.
    struct Place: Sendable {
        /// The segment, which stays until it is released.
        var segment: UInt64
        var salt: UInt32
        /// The LSN at ``offset``, not above the first one wanted.
        var lsn: UInt64
        var offset: Int
        /// The first LSN to hand out.
        var first: UInt64
        /// The last LSN to hand out.
        var last: UInt64
        /// Where the last of them ends.
        var end: Int
    }

    /// By ascending number.
    private(set) var segments: [LiveSegment] = []
    /// The lowest LSN that is handed out.
    private(set) var first: UInt64
    /// The highest LSN.
    private(set) var last: UInt64
    private var readers: [UInt64: Int] = [:]

    init(_ segments: [LiveSegment], first: UInt64, last: UInt64) {
        self.segments = segments
        self.first = first
        self.last = last
    }

    /// What the log takes: whole segments, and what is used of the last.
    var byteCount: Int {
        guard let tail = segments.last else { return 0 }
        return segments.dropLast().reduce(tail.end) { $0 + $1.fileByteCount }
    }

    /// Takes a batch in.
    mutating func add(_ piece: SegmentPiece, to header: SegmentHeader) {
        if segments.last?.number != header.number {
            segments.append(
                LiveSegment(
                    header: header, pieces: [], linkLSN: piece.first, fileByteCount: Int(header.byteCount)))
        }
        last = piece.last
        segments[segments.count - 1].append(piece)
    }

    /// Finds the first entry at or above an LSN, and holds its segment.
    mutating func hold(from lsn: UInt64) -> Place? {
        let wanted = max(lsn, first)
        guard wanted <= last, let index = segments.firstIndex(where: { ($0.last ?? 0) >= wanted }) else {
            return nil
        }
        for segment in segments[index...] {
            for piece in segment.pieces where !piece.isGap && piece.last >= wanted {
                readers[segment.number, default: 0] += 1
                let first = max(wanted, piece.first)
                let point = piece.point(for: first)
                return Place(
                    segment: segment.number, salt: segment.header.salt, lsn: point.lsn, offset: point.offset,
                    first: first, last: piece.last, end: piece.end)
            }
        }
        return nil
    }

    /// Lets a segment go.
    mutating func release(_ segment: UInt64) {
        readers[segment, default: 1] -= 1
        if readers[segment] == 0 { readers[segment] = nil }
    }

    /// Whether somebody reads a segment.
    func isHeld(_ segment: UInt64) -> Bool { readers[segment] != nil }

    /// What would go if every entry below an LSN went, the segment that is written left out.
    func trimmable(before lsn: UInt64) -> [LiveSegment] {
        Array(segments.dropLast().prefix { ($0.last ?? 0) < lsn })
    }

    /// Forgets what is below an LSN.
    mutating func trim(before lsn: UInt64) {
        let count = trimmable(before: lsn).count
        segments.removeFirst(count)
        first = max(first, lsn)
    }
}

extension LiveSegment {
    /// The last LSN of the segment, or nothing where it has none.
    var last: UInt64? { pieces.last?.last }

    /// Takes a batch in that follows what is there.
    mutating func append(_ piece: SegmentPiece) {
        guard let tail = pieces.last, !tail.isGap, !piece.isGap, tail.last + 1 == piece.first else {
            pieces.append(piece)
            return
        }
        pieces[pieces.count - 1].absorb(piece)
    }
}

extension SegmentPiece {
    /// Joins a piece that follows this one in the same segment.
    mutating func absorb(_ piece: SegmentPiece) {
        last = piece.last
        end = piece.end
        lastChecksum = piece.lastChecksum
        for point in piece.points {
            guard let latest = points.last, point.offset - latest.offset >= Self.pointDistance else {
                continue
            }
            points.append(point)
        }
    }
}
