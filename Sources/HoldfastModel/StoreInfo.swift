/// What an open store can do, and which life of its backend it is connected to.
public struct StoreInfo: Hashable, Sendable {
    /// What an open store can do.
    public struct Capabilities: OptionSet, Hashable, Sendable {
        /// The bits, those of `HF_CAP_…` in `holdfast_provider.h`.
        public let rawValue: UInt64

        /// Makes capabilities of their bits.
        public init(rawValue: UInt64) { self.rawValue = rawValue }

        /// Calls may overlap on one handle.
        public static let concurrent = Capabilities(rawValue: 1 << 0)
        /// It can be opened again with the same options.
        public static let multiOpen = Capabilities(rawValue: 1 << 1)
        /// No I/O, no waiting.
        public static let nonblocking = Capabilities(rawValue: 1 << 2)
        /// Batches that are all or none.
        public static let atomicBatch = Capabilities(rawValue: 1 << 3)
        /// A write that returned survives a power loss.
        public static let durable = Capabilities(rawValue: 1 << 4)
        /// Conditions are decided by the backend itself, so several hosts may race.
        public static let conditions = Capabilities(rawValue: 1 << 5)
        /// Several hosts at once.
        public static let shared = Capabilities(rawValue: 1 << 6)
        /// Raw scans: a source for resync.
        public static let rawScan = Capabilities(rawValue: 1 << 7)
    }

    /// See ``Capabilities-swift.struct``.
    public var capabilities: Capabilities
    /// Another one when the backend may have lost writes that it had answered.
    public var incarnation: String
    /// The largest value in bytes; 0 is no limit.
    public var valueByteCountMax: UInt64
    /// The most changes in one batch; 0 is no limit.
    public var batchChangeCountMax: UInt64
    /// The largest batch in bytes; 0 is no limit.
    public var batchByteCountMax: UInt64
    /// The operations of the domain that it answers whole, by name; see ``DomainCall``.
    public var operations: Set<String>

    /// Makes an info.
    public init(
        capabilities: Capabilities, incarnation: String, valueByteCountMax: UInt64 = 0,
        batchChangeCountMax: UInt64 = 0, batchByteCountMax: UInt64 = 0, operations: Set<String> = []
    ) {
        self.capabilities = capabilities
        self.incarnation = incarnation
        self.valueByteCountMax = valueByteCountMax
        self.batchChangeCountMax = batchChangeCountMax
        self.batchByteCountMax = batchByteCountMax
        self.operations = operations
    }
}

/// One entry as a log returns it.
public struct LogRecord: Hashable, Sendable {
    /// Its position.
    public let lsn: UInt64
    /// What was appended.
    public let payload: Bytes

    /// Makes a record.
    public init(lsn: UInt64, payload: Bytes) {
        self.lsn = lsn
        self.payload = payload
    }
}

/// What a log holds.
public struct LogBounds: Hashable, Sendable {
    /// The lowest LSN that can be read; one above ``last`` when the log is empty.
    public let first: UInt64
    /// The highest LSN, 0 when nothing was ever appended.
    public let last: UInt64
    /// Bytes on disk.
    public let byteCount: UInt64

    /// Makes bounds.
    public init(first: UInt64, last: UInt64, byteCount: UInt64) {
        self.first = first
        self.last = last
        self.byteCount = byteCount
    }
}

/// What `verify` says of one part of a log.
public struct LogFinding: Hashable, Sendable {
    /// How the part is.
    public enum Kind: UInt32, Hashable, Sendable {
        /// Whole.
        case segment = 0
        /// Cut by a crash; nothing acknowledged was behind it.
        case torn = 1
        /// Acknowledged entries cannot be read.
        case damaged = 2
    }

    /// See ``Kind-swift.enum``.
    public let kind: Kind
    /// The entries it is about; 0 is unknown.
    public let firstLSN: UInt64
    /// The entries it is about; 0 is unknown.
    public let lastLSN: UInt64
    /// Where in the file, in bytes.
    public let offset: UInt64
    /// How much of the file, in bytes.
    public let byteCount: UInt64
    /// Which file.
    public let file: String
    /// One sentence.
    public let message: String

    /// Makes a finding.
    public init(
        kind: Kind, firstLSN: UInt64, lastLSN: UInt64, offset: UInt64, byteCount: UInt64, file: String,
        message: String
    ) {
        self.kind = kind
        self.firstLSN = firstLSN
        self.lastLSN = lastLSN
        self.offset = offset
        self.byteCount = byteCount
        self.file = file
        self.message = message
    }
}
