/// One backend of storage.yaml, from which connections are made.
///
/// A plugin is one, a chain is one. Connecting is explicit because what a backend holds may have changed meanwhile:
/// whoever uses it reads the mark and the incarnation of each new ``Store`` before anything else.
public protocol Provider: Sendable {
    /// The name in storage.yaml, for messages and metrics.
    var name: String { get }
    /// The `type:` in storage.yaml.
    var type: String { get }
    /// Opens the backend in the store role.
    ///
    /// - Parameter context: deadline and cancellation.
    /// - Returns: an open store, which its owner closes.
    /// - Throws: `unavailable` or `timeout` when it cannot be reached now; `invalid`, `permission`, `corrupt`
    ///   or `unsupported` when trying again is of no use.
    func connect(_ context: CallContext) async throws(HoldfastError) -> any Store
    /// What it has done and is doing, by name, for metrics.
    var figures: [String: Double] { get }
}

extension Provider {
    /// Nothing is counted.
    public var figures: [String: Double] { [:] }
}

/// One backend of storage.yaml in the log role.
public protocol LogProvider: Sendable {
    /// The name in storage.yaml, for messages and metrics.
    var name: String { get }
    /// The `type:` in storage.yaml.
    var type: String { get }
    /// Opens the log; it is this process's alone until it is closed.
    func open(_ context: CallContext) async throws(HoldfastError) -> any LogStore
    /// What it has done and is doing, by name, for metrics.
    var figures: [String: Double] { get }
}

extension LogProvider {
    /// Nothing is counted.
    public var figures: [String: Double] { [:] }
}

/// A connection to a backend: pools and lanes are behind it, one incarnation in front.
///
/// Once a call has thrown with the flag `providerDead`, or the backend shows another incarnation, every later call
/// throws `unavailable` with that flag; the owner connects anew. All functions may be called from any task at once.
public protocol Store: Sendable {
    /// What the open store can do.
    var info: StoreInfo { get }
    /// Applies changes in order.
    ///
    /// - Parameters:
    ///   - changes: with their versions assigned.
    ///   - atomic: all or none, also in one commit; without it, each change stands alone. A store without
    ///     `atomicBatch` throws `unsupported` for it.
    ///   - context: deadline and cancellation.
    /// - Returns: one outcome for each change. In an atomic batch any outcome that does not stand means that nothing
    ///   was applied.
    /// - Throws: nothing was applied, unless the error has the flag `maybeApplied`.
    func apply(
        _ changes: [Change], atomic: Bool, _ context: CallContext
    ) async throws(HoldfastError) -> [ChangeOutcome]
    /// Answers many questions in one round trip: for each, the visible records in the order asked for.
    func read(_ requests: [ReadRequest], _ context: CallContext) async throws(HoldfastError) -> [[Record]]
    /// Scans a namespace.
    func query(_ query: Query, _ context: CallContext) async throws(HoldfastError) -> [Record]
    /// Answers a query with filters, order, paging, counts and groups in the backend itself.
    ///
    /// - Parameters:
    ///   - query: JSON text of the language of `docs/reference/queries.md`.
    ///   - context: deadline and cancellation.
    /// - Returns: the records in the order asked for, or rows as the values of records; nothing where the backend leaves
    ///   the query to the host, which then scans.
    /// - Throws: as ``query(_:_:)``; `exhausted` for more groups than the language allows.
    func select(_ query: Bytes, _ context: CallContext) async throws(HoldfastError) -> [Record]?
    /// Answers an operation of the domain whole.
    ///
    /// - Parameters:
    ///   - call: one of those in ``StoreInfo/operations``.
    ///   - context: deadline and cancellation.
    /// - Returns: for each part its records or rows; nothing where the backend leaves this one to the host.
    /// - Throws: as ``query(_:_:)``; `corrupt` or `internal` for an answer that is not one of this call.
    func invoke(_ call: DomainCall, _ context: CallContext) async throws(HoldfastError) -> [[Record]]?
    /// Makes what was applied durable; a store with `durable` has nothing to do.
    func flush(_ context: CallContext) async throws(HoldfastError)
    /// Asks the backend whether it answers, and with `integrity` whether what it holds is whole.
    func ping(integrity: Bool, _ context: CallContext) async throws(HoldfastError)
    /// Finishes the calls that run, and closes.
    func close() async
}

extension Store {
    /// Leaves every query to the host.
    public func select(_ query: Bytes, _ context: CallContext) async throws(HoldfastError) -> [Record]? {
        nil
    }

    /// Leaves every operation to the host.
    public func invoke(
        _ call: DomainCall, _ context: CallContext
    ) async throws(HoldfastError) -> [[Record]]? {
        nil
    }
}

/// An open write-ahead log.
///
/// LSNs are dense and start at 1. One `append` at a time keeps the order of its callers.
public protocol LogStore: Sendable {
    /// What the open log can do; its incarnation is the identity of the log.
    var info: StoreInfo { get }
    /// Appends entries; they are durable on return.
    ///
    /// - Returns: the LSN of the first; the others follow densely.
    /// - Throws: `exhausted` when full, `corrupt` when the log is damaged and read-only. Nothing was appended, unless
    ///   the error has the flag `maybeApplied`.
    func append(_ entries: [Bytes], _ context: CallContext) async throws(HoldfastError) -> UInt64
    /// Reads whole entries, in order.
    ///
    /// - Parameters:
    ///   - lsn: the first entry wanted.
    ///   - byteCountMax: stop after so many bytes; at least one entry is returned if there is one.
    ///   - context: deadline and cancellation.
    /// - Returns: the entries from that one on; none when it lies behind the last.
    /// - Throws: `corrupt` for an entry that cannot be read, never an empty answer in its place.
    func read(from lsn: UInt64, byteCountMax: Int, _ context: CallContext) async throws(HoldfastError)
        -> [LogRecord]
    /// What the log holds.
    func bounds(_ context: CallContext) async throws(HoldfastError) -> LogBounds
    /// Lets go of every entry before an LSN.
    func trim(before lsn: UInt64, _ context: CallContext) async throws(HoldfastError)
    /// Reads everything and reports what it finds; a log that cannot be damaged reports nothing.
    func verify(_ context: CallContext) async throws(HoldfastError) -> [LogFinding]
    /// Sets damaged files aside and makes the log writable again.
    ///
    /// - Returns: the LSN that the next append gets.
    func salvage(_ context: CallContext) async throws(HoldfastError) -> UInt64
    /// Finishes the calls that run, and closes.
    func close() async
}

/// Deadline and cancellation of one call.
public struct CallContext: Sendable {
    /// Monotonic nanoseconds on the host's clock after which the call fails with `timeout`; 0 is never.
    public var deadline: Int64
    /// W3C trace context, or empty.
    public var traceParent: Bytes

    /// Makes a context.
    public init(deadline: Int64 = 0, traceParent: Bytes = .empty) {
        self.deadline = deadline
        self.traceParent = traceParent
    }

    /// No deadline.
    public static let unbounded = CallContext()
}
