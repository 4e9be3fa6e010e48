import HoldfastSupport

/// What a segment's bytes say, read from front to back.
///
/// Says only what is there. Whether a place without a whole record is a torn tail or damage depends on the other segments
/// and on what is known to be durable; ``LogAnalysis`` decides that.
package struct SegmentScan: Hashable, Sendable {
    /// The first LSN of the segment, by its link, or nothing where the link is not whole.
    var linkLSN: UInt64?
    /// What the link says of the predecessor.
    var link: SegmentLink?
    /// What is whole, in the order of offsets.
    ///
    /// Two pieces meet without a hole only around a gap.
    var pieces: [SegmentPiece] = []
    /// The highest LSN that any record here says is durable.
    var durable: UInt64 = 0
    /// Whether the bytes behind the last piece hold a record that begins there but is not whole.
    var hasFragment = false

    /// Whether the segment holds a record of this life of the file.
    var isBegun: Bool { linkLSN != nil || !pieces.isEmpty }
    /// Just behind the last entry, or behind the link.
    var end: Int {
        pieces.last?.end
            ?? LogFormat.blockByteCount + RecordHeader.encodedByteCount + SegmentLink.encodedByteCount
    }

    /// Scans a segment.
    ///
    /// - Parameters:
    ///   - bytes: the whole file, or as much as there is of it.
    ///   - salt: from the segment's header.
    package init(_ bytes: RawSpan, salt: UInt32) {
        var search = RecordSearch(salt: salt, budget: bytes.byteCount * RecordSearch.budgetFactor)
        var position = LogFormat.blockByteCount
        var expected: UInt64?
        if let record = RecordHeader(decoding: bytes, at: position, salt: salt), record.kind == .link,
            let link = SegmentLink(
                decoding: bytes.extracting(
                    position + record.payload.lowerBound..<position + record.payload.upperBound))
        {
            self.link = link
            linkLSN = record.lsn
            expected = record.lsn
            durable = record.previousDurable
            position += record.paddedByteCount
        }
        while true {
            if expected != nil || search.isHit(position) {
                position = take(bytes, from: position, salt: salt, expected: &expected)
            }
            let minimum = expected ?? 1
            if expected != nil { noteFragment(bytes, at: position, lsn: minimum) }
            guard let hit = search.next(in: bytes, from: position, minimum: minimum) else { break }
            position = hit
            expected = nil
        }
    }

    /// Takes records in for as long as each follows the one before.
    ///
    /// - Returns: where the first record that does not is expected.
    private mutating func take(
        _ bytes: RawSpan, from start: Int, salt: UInt32, expected: inout UInt64?
    ) -> Int {
        var position = start
        var isOpen = false
        while true {
            var offset = position
            var found = Self.record(bytes, at: offset, salt: salt, expected: expected)
            if found == nil {
                // The rest of the block is padding where a batch has ended.
                offset = LogFormat.roundUp(position, to: LogFormat.blockByteCount)
                if offset != position {
                    found = Self.record(bytes, at: offset, salt: salt, expected: expected)
                }
            }
            guard let record = found else { return position }
            durable = max(durable, record.previousDurable)
            switch record.kind {
            case .entry:
                if !isOpen { pieces.append(SegmentPiece(first: record.lsn, offset: offset)) }
                isOpen = true
                pieces[pieces.count - 1].extend(
                    offset: offset, byteCount: record.paddedByteCount, checksum: record.checksum)
                expected = record.lsn + 1
            case .gap:
                let payload = bytes.littleEndian(at: offset + record.payload.lowerBound, as: UInt64.self)
                var piece = SegmentPiece(first: record.lsn, offset: offset)
                piece.isGap = true
                piece.last = payload
                piece.end = offset + record.paddedByteCount
                pieces.append(piece)
                isOpen = false
                expected = payload + 1
            case .mark, .link: expected = record.lsn
            }
            position = offset + record.paddedByteCount
        }
    }

    @inline(__always)
    private static func record(
        _ bytes: RawSpan, at offset: Int, salt: UInt32, expected: UInt64?
    ) -> RecordHeader? {
        guard let header = RecordHeader(unchecked: bytes, at: offset), header.kind != .link,
            expected == nil || header.lsn == expected, header.isConsistent(bytes, at: offset),
            header.validates(bytes, at: offset, salt: salt)
        else { return nil }
        return header
    }

    private mutating func noteFragment(_ bytes: RawSpan, at position: Int, lsn: UInt64) {
        for offset in [position, LogFormat.roundUp(position, to: LogFormat.blockByteCount)]
        where offset + RecordHeader.encodedByteCount <= bytes.byteCount {
            // Only the header need have reached the disk; its size may point behind what did.
            hasFragment = hasFragment || bytes.littleEndian(at: offset + 8, as: UInt64.self) == lsn
        }
    }
}

extension RecordHeader {
    /// Whether the payload is one that this kind of record has.
    func isConsistent(_ bytes: RawSpan, at offset: Int) -> Bool {
        guard kind == .gap else { return true }
        guard payload.count == 8 else { return false }
        let last = bytes.littleEndian(at: offset + payload.lowerBound, as: UInt64.self)
        return last >= lsn && last <= LogFormat.lsnMax
    }
}
