internal import CHoldfastProvider

/// One change of a batch, in the memory of the host: read it, then say what became of it.
@safe public struct Change {
    /// What a change does; the numbers are those of `HF_CHANGE_…` in `holdfast_provider.h`.
    public enum Kind: UInt32, Hashable, Sendable {
        /// Stores the record.
        case put = 1
        /// Removes the document up to `record.version`, and every item whose id is at or below it.
        case drop = 2
        /// Writes nothing; the batch applies only if the condition holds.
        case check = 3
    }

    /// What must hold for the change to be applied.
    public struct Conditions: OptionSet, Hashable, Sendable {
        /// The bits, those of `HF_IF_…` in `holdfast_provider.h`.
        public let rawValue: UInt32

        /// Makes conditions of their bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The document's version is the expected one (zero: no document is visible), or the list's last id is.
        ///
        /// Else ``Outcome/conflict(seen:)``.
        public static let version = Conditions(rawValue: 1 << 0)
        /// Nothing newer is in the way, else ``Outcome/stale(seen:)``.
        public static let newest = Conditions(rawValue: 1 << 1)
        /// The item is there and visible, else ``Outcome/notFound``.
        public static let exists = Conditions(rawValue: 1 << 2)
    }

    /// What became of a change.
    public enum Outcome: Hashable, Sendable {
        /// It is stored.
        case applied
        /// The merge rule kept what was there: a replay, or an older version.
        case unchanged
        /// `version` did not hold; `seen` is what is there.
        case conflict(seen: Version)
        /// `newest` did not hold; `seen` is the highest version in the way.
        case stale(seen: Version)
        /// `exists` did not hold.
        case notFound
        /// This store can never hold it; say why with `CallContext.report`.
        case invalid
    }

    private let change: UnsafeMutablePointer<hf_change>

    init(_ change: UnsafeMutablePointer<hf_change>) { unsafe self.change = change }

    /// What the change does, or nothing for a kind that this kit does not know: then it is ``Outcome/invalid``.
    public var kind: Kind? { unsafe Kind(rawValue: change.pointee.kind) }
    /// What must hold.
    public var conditions: Conditions { unsafe Conditions(rawValue: change.pointee.flags) }
    /// What is put, or the address and version of a drop or check.
    public var record: BorrowedRecord {
        unsafe BorrowedRecord(
            UnsafeRawPointer(change).advanced(by: Self.recordOffset).assumingMemoryBound(to: hf_record.self))
    }
    /// Whether the change is about an item, not a document.
    public var isItem: Bool { unsafe !Version(change.pointee.record.id).isZero }
    /// With the condition `version`: what must be there.
    public var expected: Version { unsafe Version(change.pointee.expected) }

    /// Says what became of the change; each change of a batch must be told once.
    public func resolve(_ outcome: Outcome) {
        var seen = Version.zero
        let status: hf_status
        switch outcome {
        case .applied: status = hf_status(HF_OK)
        case .unchanged: status = hf_status(HF_UNCHANGED)
        case .conflict(let current):
            status = hf_status(HF_E_CONFLICT)
            seen = current
        case .stale(let highest):
            status = hf_status(HF_E_STALE)
            seen = highest
        case .notFound: status = hf_status(HF_NOT_FOUND)
        case .invalid: status = hf_status(HF_E_INVALID)
        }
        unsafe change.pointee.status = status
        unsafe change.pointee.seen = seen.crossing
    }

    // The layout is pinned by static assertions in `check.c`.
    private static let recordOffset = 8
}

@available(*, unavailable) extension Change: Sendable {}

/// The changes of one batch, lent for one call.
@safe public struct ChangeBuffer: RandomAccessCollection {
    private let start: UnsafeMutableRawPointer?
    private let stride: Int
    /// How many there are.
    public let count: Int
    /// All or none.
    public let isAtomic: Bool

    init(start: UnsafeMutablePointer<hf_change>?, count: Int, stride: Int, isAtomic: Bool) {
        unsafe self.start = UnsafeMutableRawPointer(start)
        self.count = unsafe start == nil ? 0 : count
        self.stride = stride
        self.isAtomic = isAtomic
    }

    /// Zero.
    public var startIndex: Int { 0 }
    /// The same as ``count``.
    public var endIndex: Int { count }

    /// One change.
    public subscript(index: Int) -> Change {
        precondition(index >= 0 && index < count, "change \(index) of \(count)")
        let address = unsafe start.unsafelyUnwrapped + index * stride
        return unsafe Change(address.assumingMemoryBound(to: hf_change.self))
    }

    /// Marks every change as not told, so that a driver that forgets one does not report it as stored.
    func clear() {
        for index in 0..<count {
            let address = unsafe start.unsafelyUnwrapped + index * stride
            unsafe address.assumingMemoryBound(to: hf_change.self).pointee.status = hf_status(HF_E_INTERNAL)
        }
    }

    /// A batch of one change that has no condition.
    static func withOne(
        _ kind: Change.Kind, _ record: BorrowedRecord,
        _ body: (ChangeBuffer) throws(ProviderError) -> Void
    ) throws(ProviderError) -> MergeResult {
        var change = unsafe hf_change()
        unsafe change.kind = kind.rawValue
        unsafe change.record = record.crossing
        unsafe change.status = hf_status(HF_E_INTERNAL)
        try unsafe withUnsafeMutablePointer(to: &change) { change throws(ProviderError) in
            try unsafe body(
                ChangeBuffer(start: change, count: 1, stride: MemoryLayout<hf_change>.stride, isAtomic: false)
            )
        }
        switch unsafe change.status {
        case hf_status(HF_OK): return .applied
        case hf_status(HF_UNCHANGED): return .unchanged
        case hf_status(HF_E_INVALID): throw ProviderError(.invalid, "this store cannot hold the record")
        case let status: throw ProviderError(.internal, "a change without a condition was answered \(status)")
        }
    }
}

@available(*, unavailable) extension ChangeBuffer: Sendable {}
