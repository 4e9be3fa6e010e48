/// A driver that can make durable what was applied; the host asks where `durable` is not claimed.
public protocol FlushableStore: Driver {
    /// Returns when everything that was applied before the call survives a power loss.
    func flush(call: CallContext) throws(ProviderError)
}

/// A driver with metrics of its own; called from any thread, also beside other calls.
public protocol StatsStore: Driver {
    /// Reports each metric by name and value.
    func reportStats(_ report: (_ name: String, _ value: Double) -> Void) throws(ProviderError)
}

/// A driver that runs filters, order, paging, counting and grouping in its backend.
public protocol SelectStore: StoreDriver {
    /// Runs a query.
    ///
    /// - Parameters:
    ///   - query: JSON text.
    ///   - sink: takes the rows.
    ///   - call: deadline and cancellation.
    /// - Throws: `unsupported` for a query that the host should scan for itself.
    func select(_ query: BorrowedBytes, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
}

/// A driver that answers whole operations of the domain in one query of its backend.
public protocol DomainStore: StoreDriver {
    /// The operations it knows, such as `search`; at most 256 of at most 64 bytes. Asked once, after it was opened.
    ///
    /// Their names, arguments and answers are in `docs/reference/operations.md`.
    var operations: [String] { get }
    /// Runs one of ``operations``.
    ///
    /// - Parameters:
    ///   - operation: its name.
    ///   - arguments: JSON text: what the caller asked for, and the queries that the host would ask instead.
    ///   - sink: takes records, and rows whose key is the name of the query that they answer.
    ///   - call: deadline and cancellation.
    /// - Throws: `unsupported` for whatever cannot be answered exactly: the host then goes its own way.
    func invoke(
        _ operation: String, arguments: BorrowedBytes, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError)
}
