internal import HoldfastModel
internal import HoldfastSupport

/// Entries that were appended together, as one item of a list: written whole or not at all on every store.
///
/// | offset | bytes | field | encoding |
/// |---|---|---|---|
/// | 0 | 4 | magic | `HLG1` |
/// | 4 | 4 | checksum | CRC32C of all that follows, seeded with the low half of the first LSN, little endian |
/// | 8 | 4 | count | of the entries, little endian |
/// | 12 | 4 × count | lengths | of the entries, little endian |
/// | … | … | entries | one behind the other |
struct PrimitiveLogGroup {
    private static let magic: UInt32 = 0x3147_4C48
    private static let headerByteCount = 12

    /// The LSN of the first entry.
    let first: UInt64
    /// The entries.
    let entries: [Bytes]

    /// The LSN of the last entry.
    var last: UInt64 { first + UInt64(entries.count) - 1 }

    /// The place of a group in the list: its first LSN, as the version whose order is that of the numbers.
    static func id(_ lsn: UInt64) -> Version {
        Version(milliseconds: lsn >> 26, counter: lsn & Version.counterMax, node: 0)
    }

    /// The first LSN of the group at a place, or nothing for an id that is none.
    static func lsn(_ id: Version) -> UInt64? {
        let lsn = id.milliseconds << 26 | id.counter
        return lsn > 0 && Self.id(lsn) == id ? lsn : nil
    }

    /// The bytes that an entry takes up in a group.
    static func byteCount(of entry: Bytes) -> Int { 4 + entry.count }

    /// The bytes of a group.
    static func encode(_ entries: some Collection<Bytes>, first: UInt64) -> Bytes {
        let byteCount = entries.reduce(headerByteCount) { $0 + Self.byteCount(of: $1) }
        return unsafe Bytes(count: byteCount) { target in
            unsafe target.storeBytes(of: magic.littleEndian, as: UInt32.self)
            unsafe target.storeBytes(of: UInt32(entries.count).littleEndian, toByteOffset: 8, as: UInt32.self)
            var lengthOffset = headerByteCount
            var offset = headerByteCount + 4 * entries.count
            for entry in entries {
                unsafe target.storeBytes(
                    of: UInt32(entry.count).littleEndian, toByteOffset: lengthOffset, as: UInt32.self)
                unsafe entry.withUnsafeBytes { source in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + source.count])
                        .copyMemory(from: source)
                }
                lengthOffset += 4
                offset += entry.count
            }
            let content = unsafe UnsafeRawBufferPointer(rebasing: target[8...])
            let checksum = unsafe CRC32C.checksum(content, seed: UInt32(truncatingIfNeeded: first))
            unsafe target.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
        }
    }

    /// Reads a group, whose entries share its bytes, or nothing when it is damaged.
    init?(_ bytes: Bytes, first: UInt64) {
        guard bytes.count >= Self.headerByteCount else { return nil }
        let isWhole = unsafe bytes.withUnsafeBytes { buffer in
            let content = unsafe UnsafeRawBufferPointer(rebasing: buffer[8...])
            return unsafe Self.number(buffer, at: 0) == Self.magic
                && Self.number(buffer, at: 4)
                    == CRC32C.checksum(content, seed: UInt32(truncatingIfNeeded: first))
        }
        guard isWhole else { return nil }
        let count = unsafe bytes.withUnsafeBytes { unsafe Int(Self.number($0, at: 8)) }
        guard count > 0, bytes.count - Self.headerByteCount >= 4 * count else { return nil }
        var offset = Self.headerByteCount + 4 * count
        var entries: [Bytes] = []
        for position in 0..<count {
            let length = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Int(Self.number(buffer, at: Self.headerByteCount + 4 * position))
            }
            guard length <= bytes.count - offset else { return nil }
            entries.append(bytes[offset..<offset + length])
            offset += length
        }
        guard offset == bytes.count else { return nil }
        self.first = first
        self.entries = entries
    }

    private static func number(_ buffer: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        unsafe UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
