internal import CHoldfastProvider
internal import HoldfastModel
public import HoldfastSupport

/// What the host offers to plugins: log, clocks and a JSON reader, as `hf_host`.
///
/// A plugin keeps the pointer as long as it likes and may use it from any thread, so neither the table nor this value
/// is ever freed. A process makes one, a test makes its own.
@safe public final class HostServices: @unchecked Sendable {
    // @unchecked: the table is written before anybody sees it, and never again.

    /// How loud a line of a plugin is.
    public enum LogLevel: Int32, Sendable, Comparable {
        /// Every step.
        case trace = 0
        /// For who looks for a fault.
        case debug = 1
        /// Worth knowing.
        case info = 2
        /// Something went wrong and was dealt with.
        case warning = 3
        /// Somebody must act.
        case error = 4

        /// The quieter before the louder.
        public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
    }

    /// Takes a line of a plugin; called from any thread.
    public typealias Log = @Sendable (_ level: LogLevel, _ source: String, _ message: String) -> Void

    /// The table that plugins get.
    let table: UnsafeMutablePointer<hf_host>
    /// Where plugins and lanes get the time from.
    let clock: any HostClock
    private let write: Log
    private let lastMessage = Guarded<String?>(nil)
    /// See ``PatienceTable``.
    let patience = PatienceTable()

    /// Makes the services.
    ///
    /// - Parameters:
    ///   - name: of the host program, shown to plugins.
    ///   - version: of the host program, shown to plugins.
    ///   - clock: what `monotonic_ns` and `unix_ms` answer from.
    ///   - log: where plugins' lines go.
    public init(
        name: String = "holdfast", version: String, clock: any HostClock = SystemClock(), log: @escaping Log
    ) {
        self.clock = clock
        write = log
        unsafe table = .allocate(capacity: 1)
        var services = unsafe hf_host()
        unsafe services.struct_size = UInt32(MemoryLayout<hf_host>.size)
        unsafe services.abi_major = UInt16(HF_ABI_MAJOR)
        unsafe services.abi_minor = UInt16(HF_ABI_MINOR)
        unsafe services.name = UnsafePointer(Self.immortalCopy(of: name))
        unsafe services.version = UnsafePointer(Self.immortalCopy(of: version))
        unsafe services.log = { @Sendable context, level, source, message in
            unsafe HostServices.of(context)?.log(level, source, message)
        }
        unsafe services.monotonic_ns = { @Sendable context in
            unsafe HostServices.of(context)?.clock.monotonicNanoseconds ?? 0
        }
        unsafe services.unix_ms = { @Sendable context in
            unsafe HostServices.of(context)?.clock.unixMilliseconds ?? 0
        }
        unsafe services.json_get = { @Sendable _, json, pointer, found, context in
            unsafe HostServices.find(pointer, in: json, found, context)
        }
        unsafe services.get_extension = { @Sendable _, id in unsafe PatienceTable.of(id) }
        unsafe services.json_match = { @Sendable _, json, matches, count in
            unsafe HostServices.match(json, matches, count)
        }
        unsafe table.initialize(to: services)
        // Retained for ever: a plugin may log while the process ends.
        unsafe table.pointee.context = Unmanaged.passRetained(self).toOpaque()
        Self.all.withLock { $0.append(self) }
    }

    /// Keeps every value reachable, so that leak checkers see that it is meant.
    private static let all = Guarded<[HostServices]>([])

    /// Runs a step of a plugin that says by log why it failed.
    ///
    /// - Returns: the step's result and the last line that was logged meanwhile.
    func watchingLog<Result>(_ body: () -> Result) -> (Result, String?) {
        lastMessage.withLock { $0 = nil }
        let result = body()
        return (result, lastMessage.withLock { $0 })
    }

    /// Writes a line of the host about a backend.
    func warn(_ label: String, _ message: String) { write(.warning, label, message) }

    private func log(_ level: Int32, _ source: hf_bytes, _ message: hf_bytes) {
        let text = unsafe ForeignText.line(message, byteCountMax: 4096)
        lastMessage.withLock { $0 = text }
        // A level from a later minor is at least as loud as the loudest known.
        let known = LogLevel(rawValue: level) ?? (level < 0 ? .trace : .error)
        write(known, unsafe ForeignText.line(source, byteCountMax: 128), text)
    }

    static func of(_ context: UnsafeMutableRawPointer?) -> HostServices? {
        unsafe context.map { unsafe Unmanaged<HostServices>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func find(
        _ pointer: hf_bytes, in json: hf_bytes,
        _ found: (@convention(c) (UnsafeMutableRawPointer?, hf_bytes) -> Void)?,
        _ context: UnsafeMutableRawPointer?
    ) -> hf_status {
        guard let text = unsafe json.array, let path = unsafe pointer.array else {
            return hf_status(HF_E_INVALID)
        }
        do {
            let value = try JSONPointer.value(at: path, in: text)
            unsafe value.withUnsafeBytes {
                unsafe found?(context, hf_bytes(data: $0.baseAddress, size: $0.count))
            }
            return hf_status(HF_OK)
        } catch {
            return hf_status(error == .notFound ? HF_NOT_FOUND : HF_E_INVALID)
        }
    }

    private static func match(_ json: hf_bytes, _ matches: UnsafePointer<hf_match>?, _ count: Int)
        -> hf_status
    {
        guard let value = unsafe json.array, unsafe count == 0 || matches != nil else {
            return hf_status(HF_E_INVALID)
        }
        var wanted: [(field: [UInt8], json: [UInt8])] = []
        for position in 0..<count {
            guard let match = unsafe matches?[position], let field = unsafe match.field.array,
                let scalar = unsafe match.json.array
            else { return hf_status(HF_E_INVALID) }
            wanted.append((field, scalar))
        }
        return hf_status(JSONMatch.holds(value.span, wanted) ? HF_OK : HF_NOT_FOUND)
    }

    private static func immortalCopy(of text: String) -> UnsafeMutablePointer<CChar> {
        let characters = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
        for (position, character) in characters.enumerated() {
            unsafe (copy + position).initialize(to: character)
        }
        return unsafe copy
    }
}
