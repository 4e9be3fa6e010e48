package import HoldfastModel

/// The bytes of a log entry.
///
/// | offset | bytes | field | encoding |
/// |---|---|---|---|
/// | 0 | 1 | format | 1 |
/// | 1 | 1 | kind | 1 changes, 2 abort |
/// | 2 | 2 | reserved | 0 |
/// | 4 | 4 | change count | little endian |
/// | 8 | 8 | resolved through | LSN, little endian |
/// | 16 | 8 | supersedes, or aborts | LSN, little endian, 0 for none |
/// | 24 | … | changes | one after the other |
///
/// A change:
///
/// | offset | bytes | field | encoding |
/// |---|---|---|---|
/// | 0 | 1 | kind | as in the ABI |
/// | 1 | 1 | condition | 0 none, 1 version, 2 newest, 3 exists |
/// | 2 | 1 | is about an item | 0 or 1 |
/// | 3 | 1 | reserved | 0 |
/// | 4 | 4 | record flags | little endian |
/// | 8 | 16 | id | as `memcmp` orders |
/// | 24 | 16 | version | as `memcmp` orders |
/// | 40 | 16 | expected version | as `memcmp` orders |
/// | 56 | 8 | expiry | Unix ms, little endian |
/// | 64 | 4 | value size | little endian |
/// | 68 | 2 | key size | little endian |
/// | 70 | 2 | namespace size | little endian |
/// | 72 | … | namespace, key, value | bytes |
package enum LogEntryCodec: Sendable {
    private static let format: UInt8 = 1
    private static let headerByteCount = 24
    private static let changeByteCount = 72
    /// More changes than this in one entry are taken for damage.
    private static let changeCountMax: UInt32 = 1 << 24

    /// Writes an entry: the one copy that its values meet between the caller and the disk buffer.
    package static func encode(_ entry: LogEntry) -> Bytes {
        var changes: [Change] = []
        var kind: UInt8 = 2
        var reference: LogSequenceNumber = 0
        switch entry.body {
        case .abort(let lsn): reference = lsn
        case .changes(let list, let supersedes):
            changes = list
            kind = 1
            reference = supersedes ?? 0
        }
        let size = changes.reduce(headerByteCount) { size, change in
            let record = change.record
            return size + changeByteCount + record.namespace.count + record.key.count + record.value.count
        }
        return unsafe Bytes(count: size) { target in
            var writer = unsafe ByteWriter(target)
            writer.write(format)
            writer.write(kind)
            writer.write(UInt16(0))
            writer.write(UInt32(changes.count))
            writer.write(entry.resolvedThrough)
            writer.write(reference)
            for change in changes { encode(change, into: &writer) }
        }
    }

    private static func encode(_ change: Change, into writer: inout ByteWriter) {
        let record = change.record
        let (condition, expected) = code(of: change.condition)
        writer.write(UInt8(truncatingIfNeeded: change.kind.rawValue))
        writer.write(condition)
        writer.write(UInt8(change.isItem ? 1 : 0))
        writer.write(UInt8(0))
        writer.write(record.flags.rawValue)
        writer.write(record.id)
        writer.write(record.version)
        writer.write(expected)
        writer.write(record.expiresAt)
        writer.write(UInt32(record.value.count))
        writer.write(UInt16(record.key.count))
        writer.write(UInt16(record.namespace.count))
        writer.write(record.namespace)
        writer.write(record.key)
        writer.write(record.value)
    }

    private static func code(of condition: Change.Condition) -> (UInt8, Version) {
        switch condition {
        case .none: (0, .zero)
        case .version(let expected): (1, expected)
        case .newest: (2, .zero)
        case .exists: (3, .zero)
        }
    }

    /// Reads an entry; its values share the storage of the bytes.
    ///
    /// - Throws: `corrupt` for anything that ``encode(_:)`` does not write, `unsupported` for a later format.
    package static func decode(_ bytes: Bytes) throws(HoldfastError) -> LogEntry {
        var reader = ByteReader(bytes)
        let found = try reader.read(UInt8.self)
        guard found == format else {
            throw HoldfastError(
                .unsupported,
                "an entry of the log has format \(found), this version of Holdfast reads \(format)")
        }
        let kind = try reader.read(UInt8.self)
        _ = try reader.read(UInt16.self)
        let count = try reader.read(UInt32.self)
        let resolved = try reader.read(UInt64.self)
        let reference = try reader.read(UInt64.self)
        guard count <= changeCountMax else {
            throw HoldfastError(.corrupt, "an entry of the log claims \(count) changes")
        }
        switch kind {
        case 1:
            var changes: [Change] = []
            for _ in 0..<count { changes.append(try decodeChange(from: &reader)) }
            guard reader.remaining == 0 else {
                throw HoldfastError(.corrupt, "an entry of the log has bytes to spare")
            }
            return LogEntry(
                .changes(changes, supersedes: reference == 0 ? nil : reference), resolvedThrough: resolved)
        case 2: return LogEntry(.abort(reference), resolvedThrough: resolved)
        default: throw HoldfastError(.corrupt, "an entry of the log has the unknown kind \(kind)")
        }
    }

    private static func decodeChange(from reader: inout ByteReader) throws(HoldfastError) -> Change {
        let kind = try reader.read(UInt8.self)
        let condition = try reader.read(UInt8.self)
        let isItem = try reader.read(UInt8.self) == 1
        _ = try reader.read(UInt8.self)
        let flags = Record.Flags(rawValue: try reader.read(UInt32.self))
        let id = try reader.readVersion()
        let version = try reader.readVersion()
        let expected = try reader.readVersion()
        let expiresAt = try reader.read(Int64.self)
        let valueSize = Int(try reader.read(UInt32.self))
        let keySize = Int(try reader.read(UInt16.self))
        let namespaceSize = Int(try reader.read(UInt16.self))
        let namespace = try reader.readBytes(namespaceSize)
        let key = try reader.readBytes(keySize)
        let value = try reader.readBytes(valueSize)
        guard let kind = Change.Kind(rawValue: UInt32(kind)) else {
            throw HoldfastError(.corrupt, "a change in the log has the unknown kind \(kind)")
        }
        let record = Record(
            namespace: namespace, key: key, id: id, version: version, value: value, expiresAt: expiresAt,
            flags: flags)
        return Change(kind, record, if: try decodeCondition(condition, expected), isItem: isItem)
    }

    private static func decodeCondition(
        _ code: UInt8, _ expected: Version
    ) throws(HoldfastError) -> Change.Condition {
        switch code {
        case 0: .none
        case 1: .version(expected)
        case 2: .newest
        case 3: .exists
        default: throw HoldfastError(.corrupt, "a change in the log has the unknown condition \(code)")
        }
    }
}
