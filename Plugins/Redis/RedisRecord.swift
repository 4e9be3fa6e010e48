internal import HoldfastProviderKit

/// A record as it lies in the server, taken apart; its bytes live as long as the answer.
struct RedisRecord {
    /// Zero for a document.
    let id: Version
    let version: Version
    let flags: RecordFlags
    /// Unix milliseconds, 0 for never.
    let expiresAt: Int64
    let value: BorrowedBytes

    /// Whether a reader sees the record.
    func isVisible(at milliseconds: Int64) -> Bool {
        !flags.contains(.removed) && (expiresAt == 0 || expiresAt > milliseconds)
    }

    /// Reads an item: id, kind, version unless it is the id, expiry if there is one, value.
    ///
    /// - Throws: `corrupt` for bytes that this plugin did not write.
    init(item: BorrowedBytes) throws(ProviderError) {
        var rest = item
        guard let id = Version(try rest.take(Version.byteCount)), let kind = try rest.take(1).array.first,
            kind < 16
        else { throw Self.damage }
        var version = id
        if kind & 4 != 0 { version = Version(try rest.take(Version.byteCount)) ?? id }
        self.id = id
        self.version = version
        flags = RecordFlags(rawValue: UInt32(kind & 3))
        expiresAt = kind & 8 == 0 ? 0 : try rest.take(8).bigEndian
        value = rest
    }

    /// Reads a document: version, flags, expiry; its value lies beside it.
    init(document meta: BorrowedBytes, value: BorrowedBytes) throws(ProviderError) {
        var rest = meta
        guard let version = Version(try rest.take(Version.byteCount)),
            let flags = try rest.take(1).array.first
        else { throw Self.damage }
        id = .zero
        self.version = version
        self.flags = RecordFlags(rawValue: UInt32(flags & 3))
        expiresAt = try rest.take(8).bigEndian
        guard rest.isEmpty else { throw Self.damage }
        self.value = value
    }

    /// The record as it is handed to the host.
    func outgoing(_ address: BorrowedAddress, isBare: Bool = false) -> OutgoingRecord {
        OutgoingRecord(
            address, id: id, version: version, value: isBare ? .empty : value, expiresAt: expiresAt,
            flags: flags)
    }

    fileprivate static let damage = ProviderError(
        .corrupt, "a stored record is not what this plugin writes: its first bytes are damaged")
}

@available(*, unavailable) extension RedisRecord: Sendable {}

extension BorrowedBytes {
    /// Takes so many bytes off the front.
    fileprivate mutating func take(_ byteCount: Int) throws(ProviderError) -> BorrowedBytes {
        guard count >= byteCount, let start = unsafe start else { throw RedisRecord.damage }
        let front = unsafe BorrowedBytes(start: start, count: byteCount)
        self = unsafe BorrowedBytes(start: start + byteCount, count: count - byteCount)
        return front
    }

    /// The bytes as a number, the highest first.
    fileprivate var bigEndian: Int64 {
        unsafe withUnsafeBytes { bytes in unsafe bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) } }
    }
}
