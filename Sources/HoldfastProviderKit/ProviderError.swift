internal import CHoldfastProvider

/// Why a call failed, as the host is told.
///
/// The message is one sentence for a person: what, which value, what would have been right; no secret.
public struct ProviderError: Error, Hashable, Sendable {
    /// What went wrong; the numbers are those of `HF_E_…` in `holdfast_provider.h`.
    public enum Code: Int32, Hashable, Sendable {
        /// Wrong input or configuration; the same call will never succeed.
        case invalid = -1
        /// This store cannot do it.
        case unsupported = -2
        /// A condition did not hold.
        case conflict = -3
        /// Something newer is in the way.
        case stale = -4
        /// The backend is unreachable or busy.
        case unavailable = -5
        /// The deadline passed.
        case timeout = -6
        /// A disk, a quota or a rate limit is full.
        case exhausted = -7
        /// An operator must act.
        case permission = -8
        /// Stored bytes fail validation.
        case corrupt = -9
        /// The caller took the request back.
        case cancelled = -10
        /// A defect in the plugin.
        case `internal` = -11
    }

    /// What the host may do next.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits, those of `HF_ERROR_…` in `holdfast_provider.h`.
        public let rawValue: UInt32

        /// Makes flags of their bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The same call may succeed later.
        public static let retryable = Flags(rawValue: 1 << 0)
        /// The change may be stored or not: the connection broke in mid-commit.
        public static let maybeApplied = Flags(rawValue: 1 << 1)
        /// The host must close this store and open another.
        public static let storeDead = Flags(rawValue: 1 << 2)
    }

    /// See ``Code``.
    public var code: Code
    /// One sentence, no full stop, no secret.
    public var message: String
    /// See ``Flags``.
    public var flags: Flags
    /// The backend's own number: an SQLite extended code, an `errno`.
    public var vendorCode: Int64
    /// Five characters of a backend that speaks SQL, or nothing.
    public var sqlState: String
    /// How long to wait before a retry helps, in milliseconds; 0 is unknown.
    public var retryAfterMilliseconds: UInt32

    /// Makes an error; what is busy, late or full is retryable unless `flags` say otherwise.
    public init(
        _ code: Code, _ message: String, flags: Flags? = nil, vendorCode: Int64 = 0, sqlState: String = "",
        retryAfterMilliseconds: UInt32 = 0
    ) {
        self.code = code
        self.message = message
        let isRetryable = code == .unavailable || code == .timeout || code == .exhausted
        self.flags = flags ?? (isRetryable ? .retryable : [])
        self.vendorCode = vendorCode
        self.sqlState = sqlState
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}
