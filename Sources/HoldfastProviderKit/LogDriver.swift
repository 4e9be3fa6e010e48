/// A driver in the log role.
///
/// LSNs are dense and start at 1.
public protocol LogDriver: Driver {
    /// Appends entries in order; they are durable on return.
    ///
    /// - Returns: the LSN of the first.
    /// - Throws: nothing was appended, unless the error has the flag `maybeApplied`.
    func append(_ entries: EntryBuffer, call: CallContext) throws(ProviderError) -> UInt64
    /// Pushes whole entries in order.
    ///
    /// - Parameters:
    ///   - lsn: the first entry wanted; where it was trimmed, the first that is held.
    ///   - byteCountMax: stop after so many bytes; at least one entry is pushed if there is one.
    ///   - sink: takes the entries.
    ///   - call: deadline and cancellation.
    /// - Throws: `corrupt` where the next entry wanted cannot be read.
    func read(
        from lsn: UInt64, byteCountMax: UInt64, into sink: inout EntrySink, call: CallContext
    ) throws(ProviderError)
    /// Says what the log holds.
    func bounds(call: CallContext) throws(ProviderError) -> LogBounds
    /// Lets go of every entry before an LSN; what is in use may stay longer.
    func trim(before lsn: UInt64, call: CallContext) throws(ProviderError)
}

/// A log that can be damaged.
///
/// It opens also then: `append` throws `corrupt`, `read` gives what is whole.
public protocol SalvageableLog: LogDriver {
    /// Reads everything and reports each finding.
    func verify(into sink: inout FindingSink, call: CallContext) throws(ProviderError)
    /// Sets the damaged files aside, keeps whatever is whole, and makes the log writable again.
    ///
    /// - Returns: the LSN that the next append gets.
    func salvage(call: CallContext) throws(ProviderError) -> UInt64
}

/// What a log holds.
public struct LogBounds: Hashable, Sendable {
    /// The lowest LSN that can be read; one above ``last`` when the log is empty.
    public var first: UInt64
    /// The highest LSN, 0 when nothing was ever appended.
    public var last: UInt64
    /// Bytes that the log takes.
    public var byteCount: UInt64

    /// Makes bounds.
    public init(first: UInt64, last: UInt64, byteCount: UInt64) {
        self.first = first
        self.last = last
        self.byteCount = byteCount
    }
}

/// What `verify` says of one part of a log.
public struct LogFinding: Hashable, Sendable {
    /// How the part is; the numbers are those of `HF_FINDING_…` in `holdfast_provider.h`.
    public enum Kind: UInt32, Hashable, Sendable {
        /// Whole.
        case segment = 0
        /// Cut by a crash; nothing acknowledged was behind it.
        case torn = 1
        /// Acknowledged entries cannot be read.
        case damaged = 2
    }

    /// See ``Kind-swift.enum``.
    public var kind: Kind
    /// The entries it is about; 0 is unknown.
    public var firstLSN: UInt64
    /// The entries it is about; 0 is unknown.
    public var lastLSN: UInt64
    /// Where in the file, in bytes.
    public var offset: UInt64
    /// How much of the file, in bytes.
    public var byteCount: UInt64
    /// Which file.
    public var file: String
    /// One sentence.
    public var message: String

    /// Makes a finding.
    public init(
        kind: Kind, firstLSN: UInt64 = 0, lastLSN: UInt64 = 0, offset: UInt64 = 0, byteCount: UInt64 = 0,
        file: String, message: String
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
