import HoldfastSupport

/// What stands before the payload of a record.
///
/// | offset | bytes | field | encoding |
/// |---|---|---|---|
/// | 0 | 4 | size | header and payload, at least 32; 0: no record here |
/// | 4 | 4 | CRC32C | of the size, then of everything behind this field, seeded with the segment's salt |
/// | 8 | 8 | LSN | of the entry; of the next entry for records that are none |
/// | 16 | 8 | previous durable | highest LSN known to be durable when the batch was written |
/// | 24 | 1 | type | see ``Kind-swift.enum`` |
/// | 25 | 7 | reserved | 0 |
///
/// The payload follows, then zeros up to a multiple of 8.
package struct RecordHeader: Hashable, Sendable {
    /// What a record is for.
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// An entry of the log.
        case entry = 1
        /// The first record of a segment: its LSN is the first of the segment, its payload names the predecessor.
        case link = 2
        /// Written when nothing was appended for a while: says what is durable. The next batch overwrites it.
        case mark = 3
        /// LSNs that salvage could not restore: from this record's LSN to the one in its payload.
        case gap = 4
    }

    package static let encodedByteCount = 32

    /// Header and payload, in bytes.
    var byteCount: Int
    var checksum: UInt32
    var lsn: UInt64
    var previousDurable: UInt64
    var kind: Kind

    /// Where the payload stands behind the start of the record.
    var payload: Range<Int> { Self.encodedByteCount..<byteCount }
    /// The bytes of the record with its padding.
    var paddedByteCount: Int { LogFormat.roundUp(byteCount, to: LogFormat.recordAlignment) }

    /// Reads and checks the record at an offset.
    ///
    /// - Returns: nothing where the bytes are not a whole record under this salt.
    @inline(__always)
    init?(decoding bytes: RawSpan, at offset: Int, salt: UInt32) {
        guard let header = RecordHeader(unchecked: bytes, at: offset),
            header.validates(bytes, at: offset, salt: salt)
        else { return nil }
        self = header
    }

    /// Reads the fields without looking at the checksum.
    ///
    /// - Returns: nothing where the fields contradict each other, or the record does not fit into the bytes.
    @inline(__always)
    init?(unchecked bytes: RawSpan, at offset: Int) {
        guard offset + Self.encodedByteCount <= bytes.byteCount else { return nil }
        let size = Int(bytes.littleEndian(at: offset, as: UInt32.self))
        guard size >= Self.encodedByteCount, size <= bytes.byteCount - offset else { return nil }
        let last = bytes.littleEndian(at: offset + 24, as: UInt64.self)
        guard last >> 8 == 0, let kind = Kind(rawValue: UInt8(truncatingIfNeeded: last)) else { return nil }
        byteCount = size
        checksum = bytes.littleEndian(at: offset + 4, as: UInt32.self)
        lsn = bytes.littleEndian(at: offset + 8, as: UInt64.self)
        previousDurable = bytes.littleEndian(at: offset + 16, as: UInt64.self)
        self.kind = kind
        guard lsn > previousDurable, lsn <= LogFormat.lsnMax else { return nil }
    }

    /// Whether the checksum is right.
    @inline(__always)
    func validates(_ bytes: RawSpan, at offset: Int, salt: UInt32) -> Bool {
        Self.checksum(bytes.extracting(offset..<offset + byteCount), salt: salt) == checksum
    }

    /// The checksum of a whole record, whatever stands in its checksum field.
    @inline(__always)
    static func checksum(_ record: RawSpan, salt: UInt32) -> UInt32 {
        let size = CRC32C.checksum(record.extracting(0..<4), seed: salt)
        return CRC32C.checksum(record.extracting(8..<record.byteCount), seed: size)
    }
}

/// What the first record of a segment says of the one before.
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 8 | number of the segment that holds the entry before; 0: none |
/// | 8 | 8 | LSN of that entry; 0: none |
/// | 16 | 4 | CRC32C of that entry's record; 0: none |
/// | 20 | 4 | reserved, 0 |
package struct SegmentLink: Hashable, Sendable {
    package static let encodedByteCount = 24
    var previousSegment: UInt64
    var lastLSN: UInt64
    var lastChecksum: UInt32

    init(previousSegment: UInt64, lastLSN: UInt64, lastChecksum: UInt32) {
        self.previousSegment = previousSegment
        self.lastLSN = lastLSN
        self.lastChecksum = lastChecksum
    }

    /// Reads the payload of a link.
    init?(decoding bytes: RawSpan) {
        guard bytes.byteCount == Self.encodedByteCount else { return nil }
        previousSegment = bytes.littleEndian(at: 0, as: UInt64.self)
        lastLSN = bytes.littleEndian(at: 8, as: UInt64.self)
        lastChecksum = bytes.littleEndian(at: 16, as: UInt32.self)
    }

    /// The payload of a link.
    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.encodedByteCount)
        bytes.store(previousSegment, at: 0)
        bytes.store(lastLSN, at: 8)
        bytes.store(lastChecksum, at: 16)
        return bytes
    }
}
