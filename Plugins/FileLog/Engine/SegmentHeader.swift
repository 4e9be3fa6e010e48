import HoldfastSupport

/// The first block of a segment: whose it is, and the salt of its checksums.
///
/// Written and made durable before the file gets its final name, and never touched while the segment holds entries. So a
/// header that does not validate is always damage, never a torn write. It stands twice in the block, in sectors 0 and 7.
///
/// | offset | bytes | field | encoding |
/// |---|---|---|---|
/// | 0 | 8 | magic | `HFLOGSEG` |
/// | 8 | 2 | format version | unsigned, little endian, as all integers; 1 |
/// | 10 | 2 | flags | bit 0: filled with zeros when it was made; bit 1: written by salvage |
/// | 12 | 4 | salt | random for each life of the file |
/// | 16 | 16 | identity of the log | UUID |
/// | 32 | 8 | segment number | from 1, as in the name of the file |
/// | 40 | 8 | size of the file | bytes, a multiple of 4096 |
/// | 48 | 8 | made at | Unix milliseconds |
/// | 56 | 4 | reserved | 0 |
/// | 60 | 4 | CRC32C | of bytes 0 to 59 |
package struct SegmentHeader: Hashable, Sendable {
    /// What is special about a segment.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        /// Every block but the first held zeros when the segment was made: what is not zero was written in this life.
        static let zeroed = Flags(rawValue: 1 << 0)
        /// Written by salvage: its records are copies, under another salt.
        static let salvaged = Flags(rawValue: 1 << 1)
    }

    package static let encodedByteCount = 64
    /// Where the header stands in the block.
    package static let offsets = [0, 3584]
    private static let magic: UInt64 = 0x4745_5347_4F4C_4648  // "HFLOGSEG", little endian

    var flags: Flags
    var salt: UInt32
    var identity: LogIdentity
    var number: UInt64
    var byteCount: UInt64
    var madeAt: Int64

    /// The first block of the file.
    func encodedBlock() -> [UInt8] {
        var block = [UInt8](repeating: 0, count: LogFormat.blockByteCount)
        for start in Self.offsets {
            block.store(Self.magic, at: start)
            block.store(LogFormat.version, at: start + 8)
            block.store(flags.rawValue, at: start + 10)
            block.store(salt, at: start + 12)
            identity.encode(into: &block, at: start + 16)
            block.store(number, at: start + 32)
            block.store(byteCount, at: start + 40)
            block.store(UInt64(bitPattern: madeAt), at: start + 48)
            unsafe block.store(Self.checksum(block.span.bytes, at: start), at: start + 60)
        }
        return block
    }

    /// Reads the block.
    ///
    /// - Returns: what each of the two copies says, nothing where a copy does not validate.
    static func decode(_ block: RawSpan) -> (first: SegmentHeader?, second: SegmentHeader?) {
        (SegmentHeader(decoding: block, at: offsets[0]), SegmentHeader(decoding: block, at: offsets[1]))
    }

    private init?(decoding bytes: RawSpan, at start: Int) {
        guard bytes.byteCount >= start + Self.encodedByteCount,
            bytes.littleEndian(at: start, as: UInt64.self) == Self.magic,
            bytes.littleEndian(at: start + 60, as: UInt32.self) == Self.checksum(bytes, at: start),
            bytes.littleEndian(at: start + 8, as: UInt16.self) == LogFormat.version
        else { return nil }
        flags = Flags(rawValue: bytes.littleEndian(at: start + 10, as: UInt16.self))
        salt = bytes.littleEndian(at: start + 12, as: UInt32.self)
        identity = LogIdentity(decoding: bytes, at: start + 16)
        number = bytes.littleEndian(at: start + 32, as: UInt64.self)
        byteCount = bytes.littleEndian(at: start + 40, as: UInt64.self)
        madeAt = Int64(bitPattern: bytes.littleEndian(at: start + 48, as: UInt64.self))
    }

    init(flags: Flags, salt: UInt32, identity: LogIdentity, number: UInt64, byteCount: Int, madeAt: Int64) {
        self.flags = flags
        self.salt = salt
        self.identity = identity
        self.number = number
        self.byteCount = UInt64(byteCount)
        self.madeAt = madeAt
    }

    /// The format version of a header whose checksum is right although this code cannot read it.
    static func foreignVersion(_ block: RawSpan) -> UInt16? {
        for start in offsets where block.byteCount >= start + encodedByteCount {
            let version = block.littleEndian(at: start + 8, as: UInt16.self)
            if version != LogFormat.version, block.littleEndian(at: start, as: UInt64.self) == magic,
                block.littleEndian(at: start + 60, as: UInt32.self) == checksum(block, at: start)
            {
                return version
            }
        }
        return nil
    }

    private static func checksum(_ bytes: RawSpan, at start: Int) -> UInt32 {
        CRC32C.checksum(bytes.extracting(start..<start + 60))
    }
}
