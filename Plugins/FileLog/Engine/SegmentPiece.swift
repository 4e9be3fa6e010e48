/// Consecutive LSNs in one segment: entries that are whole, or numbers that salvage gave up.
package struct SegmentPiece: Hashable, Sendable {
    /// Where one entry begins, so that a read need not begin at the start of the segment.
    package struct Point: Hashable, Sendable {
        var lsn: UInt64
        var offset: Int
    }

    /// How far apart points are at least, in bytes.
    static let pointDistance = 64 << 10

    /// The first LSN.
    var first: UInt64
    /// The last LSN.
    var last: UInt64
    /// Where the first record begins in the file.
    var start: Int
    /// Just behind the last record and its padding to 8 bytes.
    var end: Int
    /// The checksum of the last entry, or nothing where it is not known.
    var lastChecksum: UInt32?
    /// Whether these numbers were given up: there are no entries.
    var isGap = false
    /// Ascending; the first is the first entry.
    var points: [Point]

    init(first: UInt64, offset: Int) {
        self.first = first
        last = first &- 1
        start = offset
        end = offset
        points = [Point(lsn: first, offset: offset)]
    }

    /// Takes the next entry in.
    @inline(__always)
    mutating func extend(offset: Int, byteCount: Int, checksum: UInt32) {
        last &+= 1
        end = offset + byteCount
        lastChecksum = checksum
        if let point = points.last, offset - point.offset >= Self.pointDistance {
            points.append(Point(lsn: last, offset: offset))
        }
    }

    /// Leaves only what is at or below an LSN; nothing, where that is nothing.
    func cut(after lsn: UInt64) -> SegmentPiece? {
        guard first <= lsn else { return nil }
        guard last > lsn else { return self }
        var piece = self
        piece.last = lsn
        piece.lastChecksum = nil
        piece.points.removeAll { $0.lsn > lsn }
        return piece
    }

    /// The last point at or before an LSN.
    func point(for lsn: UInt64) -> Point {
        var low = 0
        var high = points.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle].lsn <= lsn { low = middle } else { high = middle }
        }
        return points[low]
    }
}
