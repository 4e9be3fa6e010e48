internal import CHoldfastProvider
private import Glibc
internal import HoldfastSupport

/// The calls that a plugin may give more time, and the table `holdfast.patience/1` by which it does.
///
/// Only the call itself, as the host lent it, finds its way here; any other pointer is looked up and not read.
final class PatienceTable: Sendable {
    /// Moves a deadline in monotonic nanoseconds; answers what it is now, or nothing when it is too late.
    typealias Extend = @Sendable (_ deadline: Int64, _ purpose: String) -> Int64?

    private let calls = Guarded<[UInt: Extend]>([:])

    /// Runs a call, which may ask for more time as long as it has not returned.
    ///
    /// - Parameters:
    ///   - frame: of the call.
    ///   - extend: gives it; without it no time is given.
    ///   - body: calls the plugin.
    /// - Returns: what the plugin answered.
    func whileOpen<Result>(
        _ frame: CallFrame, _ extend: Extend?, _ body: () -> Result
    ) -> Result {
        guard let extend else { return body() }
        let call = unsafe UInt(bitPattern: frame.call)
        calls.withLock { $0[call] = extend }
        defer { calls.withLock { $0[call] = nil } }
        return body()
    }

    private func extend(
        _ call: UnsafePointer<hf_call>?, until deadline: Int64, _ purpose: hf_bytes
    ) -> hf_status {
        let purpose = unsafe ForeignText.line(purpose, byteCountMax: 256)
        let address = UInt(bitPattern: call)
        let isGiven = calls.withLock { calls in
            guard let extend = calls[address], let moved = extend(deadline, purpose) else { return false }
            // It is the host's own memory, lent to the thread that runs this.
            unsafe UnsafeMutablePointer<hf_call>(bitPattern: address)?.pointee.deadline_ns = moved
            return true
        }
        return hf_status(isGiven ? HF_OK : HF_E_UNSUPPORTED)
    }

    /// The host's table of an id, or nothing.
    static func of(_ id: UnsafePointer<CChar>?) -> UnsafeRawPointer? {
        guard let id = unsafe id, unsafe strcmp(id, HF_EXT_PATIENCE) == 0 else { return nil }
        return unsafe table.pointer
    }

    private static let table = Table()

    /// A plugin may keep the pointer as long as the process lasts.
    @safe private final class Table: @unchecked Sendable {
        // @unchecked: written before anybody sees it, and never again.
        let pointer: UnsafeRawPointer

        init() {
            let table = UnsafeMutablePointer<hf_ext_patience>.allocate(capacity: 1)
            var functions = hf_ext_patience()
            functions.struct_size = UInt32(MemoryLayout<hf_ext_patience>.size)
            unsafe functions.extend = { @Sendable context, call, deadline, purpose in
                unsafe HostServices.of(context)?.patience.extend(call, until: deadline, purpose)
                    ?? hf_status(HF_E_UNSUPPORTED)
            }
            unsafe table.initialize(to: functions)
            unsafe pointer = UnsafeRawPointer(table)
        }
    }
}
