import CHoldfastProvider
import Glibc
import HoldfastTestSupport
import SQLitePlugin
import Synchronization

/// A host as the plugin sees one, and the call it makes.
final class TestHost: Sendable {
    /// What the clocks are ahead of the system's.
    private final class Clock: Sendable {
        let aheadMilliseconds = Atomic<Int64>(0)
        let ticksLeft = Atomic<Int64>(.max)
        let ticksUntilLate = Atomic<Int64>(.max)
    }

    nonisolated(unsafe) let host: UnsafeMutablePointer<hf_host>  // written by `init` only
    private let clock = Clock()

    init() {
        host = .allocate(capacity: 1)
        host.initialize(to: hf_host())
        host.pointee.struct_size = UInt32(MemoryLayout<hf_host>.size)
        host.pointee.abi_major = UInt16(HF_ABI_MAJOR)
        host.pointee.context = Unmanaged.passUnretained(clock).toOpaque()
        host.pointee.unix_ms = { @Sendable context in TestHost.now(CLOCK_REALTIME, context) / 1_000_000 }
        host.pointee.monotonic_ns = { @Sendable context in TestHost.now(CLOCK_MONOTONIC, context) }
    }

    deinit { host.deallocate() }

    private static func now(_ id: clockid_t, _ context: UnsafeMutableRawPointer?) -> Int64 {
        var time = timespec()
        clock_gettime(id, &time)
        guard let context else { return 0 }
        let clock = Unmanaged<Clock>.fromOpaque(context).takeUnretainedValue()
        if clock.ticksLeft.subtract(1, ordering: .relaxed).newValue <= 0 { kill(getpid(), SIGKILL) }
        if clock.ticksUntilLate.subtract(1, ordering: .relaxed).newValue == 0 {
            clock.aheadMilliseconds.add(3_600_000, ordering: .relaxed)
        }
        let nanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        return nanoseconds + clock.aheadMilliseconds.load(ordering: .relaxed) * 1_000_000
    }

    /// Moves both clocks ahead.
    func advance(milliseconds: Int64) { clock.aheadMilliseconds.add(milliseconds, ordering: .relaxed) }

    /// Kills this process when a clock was read so many times more: a moment inside of a call.
    func dieAfter(clockReads: Int64) { clock.ticksLeft.store(clockReads, ordering: .relaxed) }

    /// Moves the clocks an hour ahead when they were read so many times more: a deadline passes inside of a call.
    func beLateAfter(clockReads: Int64) { clock.ticksUntilLate.store(clockReads, ordering: .relaxed) }

    var milliseconds: Int64 { TestHost.now(CLOCK_REALTIME, host.pointee.context) / 1_000_000 }
    var nanoseconds: Int64 { TestHost.now(CLOCK_MONOTONIC, host.pointee.context) }

    /// The table of the provider that this plugin has.
    func provider() throws -> hf_provider {
        guard let plugin = holdfast_plugin_v1(host), let provider = plugin.pointee.providers[0] else {
            throw TestSupportError("the plugin refused the host")
        }
        return provider.pointee
    }
}

/// A call that failed.
struct PluginFailure: Error, CustomStringConvertible {
    let status: Int
    let flags: UInt32
    let vendorCode: Int64
    let message: String
    var description: String { "\(status): \(message)" }

    func has(_ flag: Int) -> Bool { flags & UInt32(flag) != 0 }
}

/// The context of one call, and the failure that it brought.
final class TestCall {
    let call: UnsafeMutablePointer<hf_call>
    private let error: UnsafeMutablePointer<hf_error>
    private let message: UnsafeMutableBufferPointer<CChar>
    private let flag: UnsafeMutablePointer<Int32>

    init(deadline: Int64 = 0, isCancelled: Bool = false, flags: Int = 0) {
        message = .allocate(capacity: 1024)
        message.initialize(repeating: 0)
        error = .allocate(capacity: 1)
        error.initialize(to: hf_error())
        error.pointee.struct_size = UInt32(MemoryLayout<hf_error>.size)
        error.pointee.message_capacity = UInt32(message.count)
        error.pointee.message = message.baseAddress
        flag = .allocate(capacity: 1)
        flag.initialize(to: isCancelled ? 1 : 0)
        call = .allocate(capacity: 1)
        call.initialize(to: hf_call())
        call.pointee.struct_size = UInt32(MemoryLayout<hf_call>.size)
        call.pointee.flags = UInt32(flags)
        call.pointee.deadline_ns = deadline
        call.pointee.cancelled = UnsafePointer(flag)
        call.pointee.error = error
    }

    deinit {
        call.deallocate()
        error.deallocate()
        message.deallocate()
        flag.deallocate()
    }

    /// Throws for a negative status.
    @discardableResult
    func check(_ status: hf_status) throws(PluginFailure) -> Int {
        if status >= 0 { return Int(status) }
        throw PluginFailure(
            status: Int(status), flags: error.pointee.flags, vendorCode: error.pointee.vendor_code,
            message: message.baseAddress.map { String(cString: $0) } ?? "")
    }
}

/// Takes records, up to a number.
final class TestSink {
    var records: [TestRecord] = []
    let countMax: Int

    init(countMax: Int = .max) { self.countMax = countMax }

    var sink: hf_sink {
        var sink = hf_sink()
        sink.struct_size = UInt32(MemoryLayout<hf_sink>.size)
        sink.context = Unmanaged.passUnretained(self).toOpaque()
        sink.records = { @Sendable context, records, count, stride in
            guard let context, let records else { return 1 }
            let taker = Unmanaged<TestSink>.fromOpaque(context).takeUnretainedValue()
            for index in 0..<count {
                taker.records.append(
                    TestRecord((UnsafeRawPointer(records) + index * stride).load(as: hf_record.self)))
            }
            return taker.records.count >= taker.countMax ? 1 : 0
        }
        return sink
    }
}
