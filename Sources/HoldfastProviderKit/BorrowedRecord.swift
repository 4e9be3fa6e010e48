internal import CHoldfastProvider

/// A namespace and a key, lent for one call: the place of one document and one list.
public struct BorrowedAddress: Hashable {
    /// 1 to 255 bytes of UTF-8 without NUL.
    public let namespace: BorrowedBytes
    /// 1 to 1024 bytes of UTF-8 without NUL; any character is data, never a path or a pattern.
    public let key: BorrowedBytes

    /// Makes an address of two lent texts.
    public init(namespace: BorrowedBytes, key: BorrowedBytes) {
        self.namespace = namespace
        self.key = key
    }
}

@available(*, unavailable) extension BorrowedAddress: Sendable {}

extension BorrowedBytes: Hashable {
    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        unsafe withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

/// What a record is besides its value.
public struct RecordFlags: OptionSet, Hashable, Sendable {
    /// The bits, those of `HF_RECORD_…` in `holdfast_provider.h`.
    public let rawValue: UInt32

    /// Makes flags of their bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The value is not JSON.
    public static let bytes = RecordFlags(rawValue: 1 << 0)
    /// A tombstone: the value is empty, readers never see it.
    public static let removed = RecordFlags(rawValue: 1 << 1)
    /// Not a record, but the floor of the key as its version; only in answers to raw scans.
    public static let floor = RecordFlags(rawValue: 1 << 2)
}

/// A record in the memory of the host, lent for one call.
@safe public struct BorrowedRecord {
    private let record: UnsafePointer<hf_record>

    init(_ record: UnsafePointer<hf_record>) { unsafe self.record = record }

    /// Where the record lives.
    public var address: BorrowedAddress { BorrowedAddress(namespace: namespace, key: key) }
    /// 1 to 255 bytes of UTF-8 without NUL.
    public var namespace: BorrowedBytes { unsafe BorrowedBytes(record.pointee.ns) }
    /// 1 to 1024 bytes of UTF-8 without NUL.
    public var key: BorrowedBytes { unsafe BorrowedBytes(record.pointee.key) }
    /// Zero for a document, else the item's place in its list.
    public var id: Version { unsafe Version(record.pointee.id) }
    /// The 16 bytes of ``id`` where they lie, to bind them without copying.
    public var idBytes: BorrowedBytes { bytes(at: Self.idOffset) }
    /// Which of two states of the record wins: the higher.
    public var version: Version { unsafe Version(record.pointee.version) }
    /// The 16 bytes of ``version`` where they lie, to bind them without copying.
    public var versionBytes: BorrowedBytes { bytes(at: Self.versionOffset) }
    /// To be returned byte for byte as it came.
    public var value: BorrowedBytes { unsafe BorrowedBytes(record.pointee.value) }
    /// Unix milliseconds after which the record is not returned; 0 is never.
    public var expiresAt: Int64 { unsafe record.pointee.expires_ms }
    /// See ``RecordFlags``.
    public var flags: RecordFlags { unsafe RecordFlags(rawValue: record.pointee.flags) }

    private func bytes(at offset: Int) -> BorrowedBytes {
        unsafe BorrowedBytes(start: UnsafeRawPointer(record) + offset, count: Version.byteCount)
    }

    // The layout is pinned by static assertions in `check.c`.
    private static let idOffset = 40
    private static let versionOffset = 56
}

@available(*, unavailable) extension BorrowedRecord: Sendable {}

/// A record on its way to a sink, its bytes lent by the plugin for the push.
@safe public struct OutgoingRecord {
    let record: hf_record

    /// Describes a record.
    ///
    /// - Parameters:
    ///   - address: the namespace and the key.
    ///   - id: zero for a document.
    ///   - version: of the stored record.
    ///   - value: byte for byte as it came; empty for tombstones and scans of keys only.
    ///   - expiresAt: Unix milliseconds, 0 for never.
    ///   - flags: as they came.
    public init(
        _ address: BorrowedAddress, id: Version = .zero, version: Version, value: BorrowedBytes = .empty,
        expiresAt: Int64 = 0, flags: RecordFlags = []
    ) {
        unsafe record = hf_record(
            struct_size: UInt32(MemoryLayout<hf_record>.size), flags: flags.rawValue,
            ns: address.namespace.crossing, key: address.key.crossing, id: id.crossing,
            version: version.crossing, value: value.crossing, expires_ms: expiresAt)
    }
}

@available(*, unavailable) extension OutgoingRecord: Sendable {}

extension BorrowedRecord {
    /// The record as it crosses the boundary.
    var crossing: hf_record { unsafe record.pointee }
}

extension OutgoingRecord {
    /// Lends the record as one that came in.
    func withBorrowed<Result>(
        _ body: (BorrowedRecord) throws(ProviderError) -> Result
    ) throws(ProviderError) -> Result {
        try unsafe withUnsafePointer(to: record) { record throws(ProviderError) in
            try unsafe body(BorrowedRecord(record))
        }
    }
}
