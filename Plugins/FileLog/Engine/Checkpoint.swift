import HoldfastSupport

/// The side watermark: what was durable, and where the log begins.
///
/// Two slots of one block each. The one that was synced last is never written: the other one takes what comes next, so that
/// a synced one is whole whatever happens. It is written without a sync when a segment is begun and when the log idles, and
/// with one when something depends on it.
///
/// | offset | bytes | field | encoding |
/// |---|---|---|---|
/// | 0 | 8 | magic | `HFLOGCHK` |
/// | 8 | 2 | format version | 1 |
/// | 10 | 6 | reserved | 0 |
/// | 16 | 16 | identity of the log | UUID |
/// | 32 | 8 | sequence | the higher of two valid slots counts |
/// | 40 | 8 | last durable LSN | |
/// | 48 | 8 | first LSN | entries below are trimmed |
/// | 56 | 8 | first segment | segments with a lower number are trimmed |
/// | 64 | 8 | tail segment | the highest that holds a record |
/// | 72 | 8 | suspect segment | see below; 0: none |
/// | 80 | 8 | suspect LSN | in the suspect segment and those before it, entries above this LSN do not count |
/// | 88 | 4 | reserved | 0 |
/// | 92 | 4 | CRC32C | of bytes 0 to 91 |
package struct Checkpoint: Hashable, Sendable {
    package static let slotCount = 2
    package static let encodedByteCount = 96
    private static let magic: UInt64 = 0x4B48_4347_4F4C_4648  // "HFLOGCHK", little endian

    var identity: LogIdentity
    var sequence: UInt64 = 0
    var lastDurable: UInt64 = 0
    var firstLSN: UInt64 = 1
    var firstSegment: UInt64 = 1
    var tailSegment: UInt64 = 0
    var suspectSegment: UInt64 = 0
    var suspectLSN: UInt64 = 0

    init(identity: LogIdentity) { self.identity = identity }

    /// The bytes of the slot.
    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.encodedByteCount)
        bytes.store(Self.magic, at: 0)
        bytes.store(LogFormat.version, at: 8)
        identity.encode(into: &bytes, at: 16)
        bytes.store(sequence, at: 32)
        bytes.store(lastDurable, at: 40)
        bytes.store(firstLSN, at: 48)
        bytes.store(firstSegment, at: 56)
        bytes.store(tailSegment, at: 64)
        bytes.store(suspectSegment, at: 72)
        bytes.store(suspectLSN, at: 80)
        unsafe bytes.store(CRC32C.checksum(bytes.span.bytes.extracting(0..<92)), at: 92)
        return bytes
    }

    /// Reads one slot.
    ///
    /// - Returns: nothing where the slot does not validate.
    init?(decoding file: RawSpan, slot: Int) {
        let start = slot * LogFormat.blockByteCount
        guard file.byteCount >= start + Self.encodedByteCount else { return nil }
        let bytes = file.extracting(start..<start + Self.encodedByteCount)
        guard bytes.littleEndian(at: 0, as: UInt64.self) == Self.magic,
            bytes.littleEndian(at: 92, as: UInt32.self) == CRC32C.checksum(bytes.extracting(0..<92)),
            bytes.littleEndian(at: 8, as: UInt16.self) == LogFormat.version
        else { return nil }
        identity = LogIdentity(decoding: bytes, at: 16)
        sequence = bytes.littleEndian(at: 32, as: UInt64.self)
        lastDurable = bytes.littleEndian(at: 40, as: UInt64.self)
        firstLSN = bytes.littleEndian(at: 48, as: UInt64.self)
        firstSegment = bytes.littleEndian(at: 56, as: UInt64.self)
        tailSegment = bytes.littleEndian(at: 64, as: UInt64.self)
        suspectSegment = bytes.littleEndian(at: 72, as: UInt64.self)
        suspectLSN = bytes.littleEndian(at: 80, as: UInt64.self)
    }

    /// The newest valid slot of the file, if there is one.
    static func newest(_ file: RawSpan) -> Checkpoint? {
        let first = Checkpoint(decoding: file, slot: 0)
        let second = Checkpoint(decoding: file, slot: 1)
        guard let first, let second else { return first ?? second }
        return first.sequence > second.sequence ? first : second
    }
}
