internal import CHoldfastProvider
private import Synchronization

/// Deadline, cancellation and the place for an error of one call; valid until the call returns.
@safe public struct CallContext {
    let call: UnsafePointer<hf_call>?

    init(_ call: UnsafePointer<hf_call>?) { unsafe self.call = call }

    /// A call without deadline and without a caller, for what a driver does of itself, such as to close.
    public static var unbounded: CallContext { unsafe CallContext(nil) }

    private var fields: hf_call {
        guard let call = unsafe call else { return unsafe hf_call() }
        return unsafe knownFields(of: call, hf_call())
    }

    /// Nanoseconds on the host's monotonic clock after which nobody waits any more; 0 is never.
    public var deadline: Int64 { unsafe fields.deadline_ns }

    /// Whether the caller took the request back; what is half done may be finished or undone.
    public var isCancelled: Bool {
        guard let flag = unsafe fields.cancelled else { return false }
        // The host's thread writes it at any time, so it is read as an atomic.
        return unsafe UnsafeRawPointer(flag).assumingMemoryBound(to: Atomic<Int32>.self)
            .pointee.load(ordering: .relaxed) != 0
    }

    /// W3C trace context, or empty.
    public var traceParent: BorrowedBytes { unsafe BorrowedBytes(fields.trace_parent) }

    /// Whether `ping` shall also validate what is stored.
    var asksForIntegrity: Bool { unsafe fields.flags & UInt32(HF_CALL_INTEGRITY) != 0 }

    /// Fails when the call was taken back or its deadline has passed; for loops that run long.
    public func check(_ host: HostServices) throws(ProviderError) {
        if isCancelled { throw ProviderError(.cancelled, "the caller took the request back") }
        let deadline = deadline
        if deadline != 0, host.monotonicNanoseconds >= deadline {
            throw ProviderError(.timeout, "the deadline of the call has passed")
        }
    }

    /// Tells the host why, for a call that fails or a change that is refused as invalid.
    public func report(_ error: ProviderError) {
        guard let target = unsafe fields.error else { return }
        unsafe ErrorBuffer(target).write(error)
    }
}

@available(*, unavailable) extension CallContext: Sendable {}
