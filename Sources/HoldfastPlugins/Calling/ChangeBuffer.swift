internal import CHoldfastProvider
internal import HoldfastModel

/// A reusable array of `hf_change` and `hf_record` that point into the values of changes, which are not copied.
@safe final class ChangeBuffer {
    private(set) var start: UnsafeMutablePointer<hf_change>
    private var capacity: Int
    /// A status that no plugin answers with: what it leaves is what it forgot.
    static let unset: hf_status = .min

    init() {
        capacity = 64
        unsafe start = .allocate(capacity: capacity)
    }

    deinit { unsafe start.deallocate() }

    /// Fills the array; the changes must outlive the call.
    ///
    /// - Parameters:
    ///   - changes: what is applied.
    ///   - keepsConditions: false for a merge in which the host has decided the conditions.
    func fill(_ changes: some Collection<Change>, keepsConditions: Bool) {
        if changes.count > capacity {
            unsafe start.deallocate()
            while capacity < changes.count { capacity *= 2 }
            unsafe start = .allocate(capacity: capacity)
        }
        for (position, change) in changes.enumerated() {
            unsafe (start + position).initialize(to: Self.foreign(change, keepsConditions: keepsConditions))
        }
    }

    private static func foreign(_ change: Change, keepsConditions: Bool) -> hf_change {
        var result = unsafe hf_change()
        unsafe result.kind = change.kind.rawValue
        unsafe result.record = hf_record(change.record)
        // A check of a list names no item; the contract tells a list from a document by an id.
        if change.isItem, change.record.id.isZero { unsafe result.record.id = hf_version(.max) }
        unsafe result.status = unset
        guard keepsConditions else { return unsafe result }
        switch change.condition {
        case .none: break
        case .version(let expected):
            unsafe result.flags = UInt32(HF_IF_VERSION) | (change.kind == .put ? UInt32(HF_IF_NEWEST) : 0)
            unsafe result.expected = hf_version(expected)
        case .newest: unsafe result.flags = UInt32(HF_IF_NEWEST)
        case .exists: unsafe result.flags = UInt32(HF_IF_EXISTS)
        }
        return unsafe result
    }
}

extension hf_record {
    /// Lends a record to a plugin; the caller keeps it alive.
    init(_ record: Record) {
        unsafe self.init()
        unsafe struct_size = UInt32(MemoryLayout<hf_record>.size)
        unsafe flags = record.flags.rawValue
        unsafe ns = hf_bytes(record.namespace)
        unsafe key = hf_bytes(record.key)
        unsafe id = hf_version(record.id)
        unsafe version = hf_version(record.version)
        unsafe value = hf_bytes(record.value)
        unsafe expires_ms = record.expiresAt
    }
}
