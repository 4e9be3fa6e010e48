/// One file of the log, read.
package struct ScannedSegment: Sendable {
    /// From the name of the file.
    var number: UInt64
    /// How large the file is.
    var fileByteCount: Int
    /// Nothing where neither copy validates, or where it belongs to another segment.
    var header: SegmentHeader?
    /// Whether one of the two copies does not validate.
    var isHeaderHurt = false
    /// What the file holds, read with the salt of the header.
    var scan: SegmentScan?

    /// The name of the file.
    var name: String { LogFormat.segmentName(number) }

    /// Reads a segment.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - number: from its name.
    package init(_ bytes: RawSpan, number: UInt64) {
        self.number = number
        fileByteCount = bytes.byteCount
        let copies = SegmentHeader.decode(bytes)
        header = copies.first ?? copies.second
        isHeaderHurt = copies.first != copies.second
        if let header, header.number == number {
            scan = SegmentScan(bytes, salt: header.salt)
        } else {
            header = nil
        }
    }
}

/// A segment whose entries count.
package struct LiveSegment: Sendable {
    /// From its header.
    var header: SegmentHeader
    /// What counts of it.
    var pieces: [SegmentPiece]
    /// What stands in its link, or nothing where that is not whole.
    var linkLSN: UInt64?
    /// How large the file is.
    var fileByteCount: Int
    /// Whether the file holds records that do not count, or may not be written any more.
    var isSealed = false

    /// From the name of the file.
    var number: UInt64 { header.number }
    /// The name of the file.
    var name: String { LogFormat.segmentName(header.number) }
    /// Just behind the last entry that counts, or behind the link.
    var end: Int {
        pieces.last?.end
            ?? LogFormat.blockByteCount + RecordHeader.encodedByteCount + SegmentLink.encodedByteCount
    }
}

/// Entries that were acknowledged, or may have been, and cannot be read.
package struct LogDamage: Hashable, Sendable {
    /// The first LSN that is lost.
    package var firstLSN: UInt64
    /// The last LSN that is lost; below ``firstLSN`` where no entry is.
    package var lastLSN: UInt64
    /// The number of the segment; there need be no such file any more.
    package var segment: UInt64
    /// Where in the file.
    package var offset: Int
    /// How many bytes, 0 where that is not known.
    package var byteCount: Int
    /// What is wrong, to stand behind the name of the file.
    package var reason: String
    /// Whether it is damage whatever is known to be durable: no crash leaves this behind.
    var isCertain = false

    /// The name of the file.
    package var file: String { LogFormat.segmentName(segment) }
    /// `LSN 12 to 17`, `LSN 12`, or `no LSN`.
    package var range: String {
        if lastLSN < firstLSN { return "no LSN" }
        return firstLSN == lastLSN ? "LSN \(firstLSN)" : "LSN \(firstLSN) to \(lastLSN)"
    }
}

/// The end of the log, where a crash left a batch half-written.
package struct TornTail: Hashable, Sendable {
    /// The segment that it is in.
    package var segment: UInt64
    /// Behind the last entry that counts.
    package var offset: Int
    /// The first LSN that does not count.
    package var lsn: UInt64
}
