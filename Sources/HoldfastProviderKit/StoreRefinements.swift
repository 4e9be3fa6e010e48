/// A driver that can make durable what was applied; the host asks where `durable` is not claimed.
public protocol FlushableStore: Driver {
    /// Returns when everything that was applied before the call survives a power loss.
    func flush(call: CallContext) throws(ProviderError)
}

/// A driver that grants leases on names; the fence rises with every acquisition of a name.
public protocol LockStore: Driver {
    /// Takes a name that nobody holds.
    ///
    /// - Parameters:
    ///   - name: what is locked.
    ///   - owner: who asks; the same owner may take a name again.
    ///   - leaseMilliseconds: how long the lock lasts unless it is renewed.
    ///   - call: deadline and cancellation.
    /// - Returns: the fence, above every earlier one of this name.
    /// - Throws: `conflict` while another holds the name.
    func acquire(
        _ name: BorrowedBytes, owner: BorrowedBytes, leaseMilliseconds: Int64, call: CallContext
    ) throws(ProviderError) -> UInt64
    /// Prolongs a lock; `conflict` when it is no longer the owner's.
    func renew(
        _ name: BorrowedBytes, owner: BorrowedBytes, leaseMilliseconds: Int64, fence: UInt64,
        call: CallContext
    ) throws(ProviderError)
    /// Gives a lock back; `conflict` when it is no longer the owner's.
    func release(
        _ name: BorrowedBytes, owner: BorrowedBytes, fence: UInt64, call: CallContext
    ) throws(ProviderError)
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
    /// The operations it knows, such as `search`.
    var operations: [String] { get }
    /// Runs one of ``operations``.
    func invoke(
        _ operation: String, arguments: BorrowedBytes, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError)
}
