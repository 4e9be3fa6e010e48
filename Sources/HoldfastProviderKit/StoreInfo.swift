/// What one open store can do, which depends on its options.
public struct StoreInfo: Hashable, Sendable {
    /// What an open store can do.
    public struct Capabilities: OptionSet, Hashable, Sendable {
        /// The bits, those of `HF_CAP_…` in `holdfast_provider.h`.
        public let rawValue: UInt64

        /// Makes capabilities of their bits.
        public init(rawValue: UInt64) { self.rawValue = rawValue }

        /// Calls may overlap on one driver, which guards its own state.
        public static let concurrent = Capabilities(rawValue: 1 << 0)
        /// Opening again with the same options gives one more member of a pool.
        public static let multiOpen = Capabilities(rawValue: 1 << 1)
        /// No I/O, no waiting: the host may call inline.
        public static let nonblocking = Capabilities(rawValue: 1 << 2)
        /// Batches that are all or none; needs ``BatchStore``.
        public static let atomicBatch = Capabilities(rawValue: 1 << 3)
        /// A write that returned survives a power loss; else the host asks ``FlushableStore``.
        public static let durable = Capabilities(rawValue: 1 << 4)
        /// Conditions of changes are decided here; needs ``BatchStore``.
        public static let conditions = Capabilities(rawValue: 1 << 5)
        /// Several hosts at once; needs ``atomicBatch`` and ``conditions``.
        public static let shared = Capabilities(rawValue: 1 << 6)
        /// Raw scans: tombstones, expired records and floors, a source for resync.
        public static let rawScan = Capabilities(rawValue: 1 << 7)
    }

    /// The most bytes of an incarnation.
    public static let incarnationByteCountMax = 63

    /// See ``Capabilities``.
    public var capabilities: Capabilities
    /// Another text when the backend may have lost writes that it had answered; at most 63 bytes.
    public var incarnation: String
    /// The most drivers that may be open at once; 0 is no limit.
    public var storeCountMax: UInt32
    /// The largest value in bytes; 0 is no limit.
    public var valueByteCountMax: UInt64
    /// The most changes in one batch; 0 is no limit.
    public var batchChangeCountMax: UInt64
    /// The largest batch in bytes; 0 is no limit.
    public var batchByteCountMax: UInt64

    /// Makes an info.
    public init(
        capabilities: Capabilities, incarnation: String, storeCountMax: UInt32 = 0,
        valueByteCountMax: UInt64 = 0, batchChangeCountMax: UInt64 = 0, batchByteCountMax: UInt64 = 0
    ) {
        self.capabilities = capabilities
        self.incarnation = incarnation
        self.storeCountMax = storeCountMax
        self.valueByteCountMax = valueByteCountMax
        self.batchChangeCountMax = batchChangeCountMax
        self.batchByteCountMax = batchByteCountMax
    }
}
