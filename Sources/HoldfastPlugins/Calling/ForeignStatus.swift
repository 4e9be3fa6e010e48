internal import CHoldfastProvider
internal import HoldfastModel

/// A status as a plugin answered it: one of the contract's, or a foreign number.
enum ForeignStatus: Equatable {
    /// Done.
    case ok
    /// A result: there is nothing.
    case notFound
    /// The sink asked to stop.
    case stopped
    /// The merge rule kept what was there.
    case unchanged
    /// A failure of the contract.
    case failed(HoldfastError.Code)
    /// A number that the contract does not know.
    case foreign(Int32)

    init(_ status: hf_status) {
        switch Int(status) {
        case HF_OK: self = .ok
        case HF_NOT_FOUND: self = .notFound
        case HF_STOPPED: self = .stopped
        case HF_UNCHANGED: self = .unchanged
        case HF_E_INVALID: self = .failed(.invalid)
        case HF_E_UNSUPPORTED: self = .failed(.unsupported)
        case HF_E_CONFLICT: self = .failed(.conflict)
        case HF_E_STALE: self = .failed(.stale)
        case HF_E_UNAVAILABLE: self = .failed(.unavailable)
        case HF_E_TIMEOUT: self = .failed(.timeout)
        case HF_E_EXHAUSTED: self = .failed(.exhausted)
        case HF_E_PERMISSION: self = .failed(.permission)
        case HF_E_CORRUPT: self = .failed(.corrupt)
        case HF_E_CANCELLED: self = .failed(.cancelled)
        case HF_E_INTERNAL: self = .failed(.internal)
        default: self = .foreign(status)
        }
    }
}
