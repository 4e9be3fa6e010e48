/// One document (its id is zero) or one item of a list.
public struct Record: Hashable, Sendable {
    /// What a record is besides its value.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits, those of `HF_RECORD_…` in `holdfast_provider.h`.
        public let rawValue: UInt32

        /// Makes flags of their bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The value is not JSON.
        public static let bytes = Flags(rawValue: 1 << 0)
        /// A tombstone: the value is empty, readers never see it.
        public static let removed = Flags(rawValue: 1 << 1)
        /// Not a record: the version is the floor of the key.
        ///
        /// Only in raw scans.
        public static let floor = Flags(rawValue: 1 << 2)
    }

    /// 1 to 255 bytes of UTF-8 without NUL; names that begin with `~` belong to the host.
    public var namespace: Bytes
    /// 1 to 1024 bytes of UTF-8 without NUL.
    public var key: Bytes
    /// Zero for a document, else the item's place in its list.
    public var id: Version
    /// Which of two states of the record wins: the higher.
    public var version: Version
    /// Up to 16 MiB, returned byte for byte as it came.
    public var value: Bytes
    /// Unix milliseconds after which the record is not returned; 0 is never.
    public var expiresAt: Int64
    /// See ``Flags-swift.struct``.
    public var flags: Flags

    /// Makes a record.
    public init(
        namespace: Bytes, key: Bytes, id: Version = .zero, version: Version = .zero, value: Bytes = .empty,
        expiresAt: Int64 = 0, flags: Flags = []
    ) {
        self.namespace = namespace
        self.key = key
        self.id = id
        self.version = version
        self.value = value
        self.expiresAt = expiresAt
        self.flags = flags
    }

    /// Whether the record is past its expiry.
    public func isExpired(at milliseconds: Int64) -> Bool { expiresAt != 0 && expiresAt <= milliseconds }

    /// Whether a reader sees the record.
    public func isVisible(at milliseconds: Int64) -> Bool {
        flags.isDisjoint(with: [.removed, .floor]) && !isExpired(at: milliseconds)
    }

    /// Where the record lives.
    public var address: Address { Address(namespace: namespace, key: key) }
}

/// A namespace and a key: the place of one document and one list.
public struct Address: Hashable, Comparable, Sendable {
    /// See ``Record/namespace``.
    public let namespace: Bytes
    /// See ``Record/key``.
    public let key: Bytes

    /// Makes an address.
    public init(namespace: Bytes, key: Bytes) {
        self.namespace = namespace
        self.key = key
    }

    /// Orders by namespace, then by key, byte by byte.
    public static func < (left: Address, right: Address) -> Bool {
        left.namespace == right.namespace ? left.key < right.key : left.namespace < right.namespace
    }
}
