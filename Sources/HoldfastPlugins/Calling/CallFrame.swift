internal import CHoldfastProvider
internal import HoldfastModel
internal import HoldfastSupport
private import Synchronization

/// The memory that calls of one lane lend to a plugin: context, error buffer, cancel flag, sinks, arrays.
///
/// Everything lies on the heap and lives as long as the thread that makes the calls, so a call that returns an hour late
/// still finds it. One call at a time uses a frame.
@safe final class CallFrame: @unchecked Sendable {
    // @unchecked: used by one thread at a time, except `cancel()`, which is atomic.

    /// Bytes of error text that a plugin may write.
    static let messageByteCount = 1024

    let call: UnsafeMutablePointer<hf_call>
    let error: UnsafeMutablePointer<hf_error>
    private let message: UnsafeMutablePointer<CChar>
    private let cancelled: UnsafeMutablePointer<Atomic<Int32>>
    private var traceParent = Bytes.empty
    /// Changes as the plugin sees them.
    let changes = ChangeBuffer()
    /// Where the answers of the running call are collected.
    let answers = AnswerSlots()

    init() {
        unsafe call = .allocate(capacity: 1)
        unsafe call.initialize(to: hf_call())
        unsafe error = .allocate(capacity: 1)
        unsafe error.initialize(to: hf_error())
        unsafe message = .allocate(capacity: Self.messageByteCount)
        unsafe message.initialize(repeating: 0, count: Self.messageByteCount)
        unsafe cancelled = .allocate(capacity: 1)
        unsafe cancelled.initialize(to: Atomic(0))
    }

    deinit {
        unsafe call.deallocate()
        unsafe error.deallocate()
        unsafe message.deallocate()
        unsafe cancelled.deinitialize(count: 1)
        unsafe cancelled.deallocate()
    }

    /// Prepares a call.
    ///
    /// - Parameters:
    ///   - context: deadline and trace.
    ///   - flags: `HF_CALL_…`.
    func begin(_ context: CallContext, flags: UInt32 = 0) {
        traceParent = context.traceParent
        unsafe message[0] = 0
        unsafe error.pointee = hf_error()
        unsafe error.pointee.struct_size = UInt32(MemoryLayout<hf_error>.size)
        unsafe error.pointee.message_capacity = UInt32(Self.messageByteCount)
        unsafe error.pointee.message = message
        unsafe call.pointee = hf_call()
        unsafe call.pointee.struct_size = UInt32(MemoryLayout<hf_call>.size)
        unsafe call.pointee.flags = flags
        unsafe call.pointee.deadline_ns = context.deadline
        unsafe call.pointee.cancelled = UnsafePointer(
            UnsafeMutableRawPointer(cancelled).assumingMemoryBound(to: Int32.self))
        unsafe call.pointee.trace_parent = traceParent.isEmpty ? hf_bytes() : hf_bytes(traceParent)
        unsafe call.pointee.error = error
    }

    /// Forgets a cancellation that was meant for an earlier call.
    func resetCancellation() { unsafe cancelled.pointee.store(0, ordering: .relaxed) }

    /// Tells the running call that nobody waits for it any more; from any thread.
    func cancel() { unsafe cancelled.pointee.store(1, ordering: .relaxed) }

    /// What the plugin wrote into the error buffer, which may be anything.
    var foreignError: ForeignError {
        let text = unsafe ForeignText.line(
            UnsafeRawBufferPointer(start: message, count: Self.messageByteCount))
        return unsafe ForeignError(
            message: text, flags: HoldfastError.Flags(rawValue: error.pointee.flags & 0b111),
            vendorCode: error.pointee.vendor_code,
            retryAfter: error.pointee.retry_after_ms == 0 ? nil : .milliseconds(error.pointee.retry_after_ms))
    }
}

/// The error of a call, as its plugin described it.
struct ForeignError {
    let message: String
    let flags: HoldfastError.Flags
    let vendorCode: Int64
    let retryAfter: Duration?
}
