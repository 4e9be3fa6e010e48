/// One open handle of a plugin, in whatever role.
///
/// The host makes one call at a time, from any thread; calls overlap only on a driver whose ``info`` has
/// `concurrent`, which must then guard its state. `close` and the end of the driver never run beside a call.
public protocol Driver: AnyObject {
    /// What the driver can do; asked once, after it was opened.
    var info: StoreInfo { get }
    /// Asks the backend whether it answers.
    ///
    /// - Parameters:
    ///   - integrity: also validate what is stored, which may take long.
    ///   - call: deadline and cancellation.
    /// - Throws: `unavailable` when it does not answer, `corrupt` when what it holds is damaged.
    func ping(integrity: Bool, call: CallContext) throws(ProviderError)
    /// Closes the backend; nothing is called after it.
    func close()
}

extension Driver {
    /// Answers at once: a driver without a backend of its own has nobody to ask.
    public func ping(integrity: Bool, call: CallContext) throws(ProviderError) {}
    /// Does nothing.
    public func close() {}
}

/// Whether a write changed what is stored.
public enum MergeResult: Hashable, Sendable {
    /// It is stored.
    case applied
    /// The merge rule kept what was there: a replay, or an older version.
    case unchanged
}

/// A driver in the store role: the six primitives, from which the host builds everything else.
///
/// What a store holds is a function of the set of changes it was given, not of their order or number; the merge
/// rule at the top of `holdfast_provider.h` says how. Tombstones and expired records are never returned.
public protocol StoreDriver: Driver {
    /// Pushes the document of an address, or nothing where there is none.
    func get(_ address: BorrowedAddress, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    /// Stores a document, unless its version is not above the stored one and the floor.
    func set(_ document: BorrowedRecord, call: CallContext) throws(ProviderError) -> MergeResult
    /// Removes the document up to a version and every item whose id is at or below it, and raises the floor.
    func drop(
        _ address: BorrowedAddress, upTo version: Version, call: CallContext
    ) throws(ProviderError) -> MergeResult
    /// Stores an item, unless its id is not above the floor or its version not above the stored one.
    func append(_ item: BorrowedRecord, call: CallContext) throws(ProviderError) -> MergeResult
    /// Pushes a page of a list in the order of its ids.
    func list(
        _ address: BorrowedAddress, range: ListRange, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError)
    /// Pushes the records of one namespace that match, in the order of (key, id).
    func query(_ query: ScanQuery, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
}

/// A store that takes many changes in one call: the group-commit path.
///
/// With it `set`, `drop` and `append` are made of `apply`.
public protocol BatchStore: StoreDriver {
    /// How many changes a batch should have for the best throughput; 0 leaves it to the host.
    var preferredChangeCount: UInt32 { get }
    /// Applies changes in order and says of each what became of it.
    ///
    /// An atomic batch is all or none: one refused change refuses the batch, and still every change is told what
    /// it met, conditions seeing the changes before it. Otherwise each change stands alone.
    ///
    /// - Throws: nothing was applied, unless the error has the flag `maybeApplied`.
    func apply(_ changes: ChangeBuffer, call: CallContext) throws(ProviderError)
    /// Answers many questions about single addresses in one round trip.
    func read(_ requests: ReadBuffer, call: CallContext) throws(ProviderError)
}

extension BatchStore {
    /// Leaves it to the host.
    public var preferredChangeCount: UInt32 { 0 }

    /// Asks one question after the other.
    public func read(_ requests: ReadBuffer, call: CallContext) throws(ProviderError) {
        for index in requests.indices {
            let request = requests[index]
            var sink = requests.sink(at: index)
            if let range = request.range {
                try list(request.address, range: range, into: &sink, call: call)
            } else {
                try get(request.address, into: &sink, call: call)
            }
        }
    }

    /// Applies a batch of one.
    public func set(_ document: BorrowedRecord, call: CallContext) throws(ProviderError) -> MergeResult {
        try applyOne(.put, document, call)
    }

    /// Applies a batch of one.
    public func append(_ item: BorrowedRecord, call: CallContext) throws(ProviderError) -> MergeResult {
        try applyOne(.put, item, call)
    }

    /// Applies a batch of one.
    public func drop(
        _ address: BorrowedAddress, upTo version: Version, call: CallContext
    ) throws(ProviderError) -> MergeResult {
        try OutgoingRecord(address, version: version).withBorrowed { record throws(ProviderError) in
            try applyOne(.drop, record, call)
        }
    }

    private func applyOne(
        _ kind: Change.Kind, _ record: BorrowedRecord, _ call: CallContext
    ) throws(ProviderError) -> MergeResult {
        try ChangeBuffer.withOne(kind, record) { changes throws(ProviderError) in
            try apply(changes, call: call)
        }
    }
}
