internal import HoldfastProviderKit

extension ProviderError {
    /// How long a caller that met a lock should wait, in milliseconds.
    private static let busyRetryMilliseconds: UInt32 = 20
    /// How long a caller that met a full disk should wait, in milliseconds.
    private static let fullRetryMilliseconds: UInt32 = 1000

    /// Says a failure of SQLite in the words of the host.
    ///
    /// - Parameters:
    ///   - error: what SQLite reported.
    ///   - verdict: why the call was to stop, where it was: then that is the failure, and the lock only its
    ///     occasion.
    init(_ error: SQLiteError, verdict: Code? = nil) {
        let vendorCode = Int64(error.code)
        let mark: Flags = error.mayBeApplied ? [.maybeApplied, .storeDead] : []
        if let verdict, error.meaning == .busy || error.meaning == .interrupted {
            let reason =
                verdict == .cancelled ? "the caller took the request back" : "the deadline has passed"
            let flags: Flags = verdict == .cancelled ? [] : .retryable
            self.init(verdict, "\(reason); \(error.message)", flags: flags, vendorCode: vendorCode)
            return
        }
        switch error.meaning {
        case .busy, .interrupted:
            self.init(
                .unavailable, error.message, flags: mark.union(.retryable), vendorCode: vendorCode,
                retryAfterMilliseconds: Self.busyRetryMilliseconds)
        case .full:
            self.init(
                .exhausted, error.message, flags: mark.union(.retryable), vendorCode: vendorCode,
                retryAfterMilliseconds: Self.fullRetryMilliseconds)
        case .device:
            // SQLite keeps its view of a file whose device failed: only a new connection reads it afresh.
            self.init(
                .unavailable, error.message, flags: mark.union([.retryable, .storeDead]),
                vendorCode: vendorCode)
        case .moved:
            self.init(
                .unavailable, error.message, flags: mark.union([.retryable, .storeDead]),
                vendorCode: vendorCode)
        case .corrupt: self.init(.corrupt, error.message, flags: mark, vendorCode: vendorCode)
        case .permission: self.init(.permission, error.message, flags: mark, vendorCode: vendorCode)
        case .tooLarge: self.init(.invalid, error.message, flags: mark, vendorCode: vendorCode)
        case .defect: self.init(.internal, error.message, flags: mark, vendorCode: vendorCode)
        }
    }
}
