/// What went wrong, where, and what would have been right.
public struct HoldfastError: Error, Hashable, Sendable {
    /// What went wrong, as a stable word that callers may switch over.
    ///
    /// A struct around a private enum, so that a new code does not break sources.
    public struct Code: Hashable, Sendable, CustomStringConvertible, CaseIterable {
        private enum Storage: String, CaseIterable {
            case invalid, notFound, conflict, stale, unsupported, unavailable, timeout, exhausted, permission,
                corrupt
            case cancelled, `internal`
        }
        private let storage: Storage
        private init(_ storage: Storage) { self.storage = storage }

        /// Wrong input or configuration.
        ///
        /// Never worth a retry.
        public static let invalid = Code(.invalid)
        /// What was asked for is not there.
        ///
        /// Never worth a retry.
        public static let notFound = Code(.notFound)
        /// A condition did not hold.
        ///
        /// Worth a retry after reading again.
        public static let conflict = Code(.conflict)
        /// Something newer is in the way.
        ///
        /// Worth a retry after reading again.
        public static let stale = Code(.stale)
        /// This backend or this chain cannot do it.
        ///
        /// Never worth a retry.
        public static let unsupported = Code(.unsupported)
        /// No provider took the request.
        ///
        /// Worth a retry.
        public static let unavailable = Code(.unavailable)
        /// The deadline passed.
        ///
        /// Worth a retry, with an idempotency key.
        public static let timeout = Code(.timeout)
        /// A disk, a quota or the log is full.
        ///
        /// Worth a retry after ``HoldfastError/retryAfter``.
        public static let exhausted = Code(.exhausted)
        /// An operator must act.
        ///
        /// Never worth a retry.
        public static let permission = Code(.permission)
        /// Stored bytes fail validation.
        ///
        /// Never worth a retry.
        public static let corrupt = Code(.corrupt)
        /// The caller took the request back.
        public static let cancelled = Code(.cancelled)
        /// A defect in Holdfast or in a plugin.
        ///
        /// Worth a report.
        public static let `internal` = Code(.internal)

        /// Every code there is.
        public static var allCases: [Code] { Storage.allCases.map(Code.init) }

        /// The word used in logs, in JSON and in the C API, such as `not_found`.
        public var description: String { storage == .notFound ? "not_found" : storage.rawValue }
    }

    /// What a caller may do next.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits, those of `HF_ERROR_…` in `holdfast_provider.h`.
        public let rawValue: UInt32

        /// Makes flags of their bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The same call may succeed later.
        public static let retryable = Flags(rawValue: 1 << 0)
        /// The change may be stored or not; a retry with the same idempotency key is safe.
        public static let maybeApplied = Flags(rawValue: 1 << 1)
        /// The connection is of no more use; open another.
        public static let providerDead = Flags(rawValue: 1 << 2)
    }

    /// See ``Code-swift.struct``.
    public var code: Code
    /// One sentence for a person, no full stop, no secret.
    public var message: String
    /// See ``Flags-swift.struct``.
    public var flags: Flags
    /// How long to wait before a retry helps.
    public var retryAfter: Duration?
    /// Where in a file.
    public var location: FileLocation?
    /// The backend's own number: an SQLite extended code, an `errno`.
    public var vendorCode: Int64
    /// With ``Code-swift.struct/conflict``: the version that is stored, zero where there is none.
    public var current: Version?

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, flags: Flags? = nil, retryAfter: Duration? = nil,
        at location: FileLocation? = nil, vendorCode: Int64 = 0, current: Version? = nil
    ) {
        self.code = code
        self.message = message
        let isRetryable = code == .unavailable || code == .timeout || code == .exhausted
        self.flags = flags ?? (isRetryable ? .retryable : [])
        self.retryAfter = retryAfter
        self.location = location
        self.vendorCode = vendorCode
        self.current = current
    }
}

extension HoldfastError: CustomStringConvertible {
    /// `storage.yaml:12:5: invalid: unknown key "primry", expected one of primary, backups`.
    public var description: String {
        let place = location.map { "\($0): " } ?? ""
        return "\(place)\(code): \(message)"
    }
}
