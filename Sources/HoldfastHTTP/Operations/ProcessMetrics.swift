private import Glibc

/// The metrics of the process, under the names that Prometheus libraries give them.
///
/// Source: proc(5); prometheus.io/docs/instrumenting/writing_clientlibs, process metrics.
enum ProcessMetrics {
    static func write(version: String, to text: inout MetricsText) {
        text.family("holdfast_build_info", "The version that runs.", .gauge) {
            $0.sample([("version", version)], 1.0)
        }
        var usage = rusage()
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let time =
                seconds(of: usage.ru_utime) + seconds(of: usage.ru_stime)
            text.single("process_cpu_seconds_total", "Time that the processors worked.", .counter, time)
        }
        writeLimits(to: &text)
        guard let fields = fields("/proc/self/stat"), fields.count > 21 else { return }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        if let start = Double(fields[19]), let boot = bootTime {
            text.single(
                "process_start_time_seconds", "When the process began, in Unix time.", .gauge,
                boot + start / ticks)
        }
        if let pages = Double(fields[21]) {
            text.single(
                "process_resident_memory_bytes", "Memory of the process that is in use.", .gauge,
                pages * Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        if let bytes = Double(fields[20]) {
            text.single(
                "process_virtual_memory_bytes", "Addresses of the process that are in use.", .gauge, bytes)
        }
        if let count = Double(fields[17]) {
            text.single("process_threads", "Threads of the process.", .gauge, count)
        }
        if let count = openFileCount {
            text.single("process_open_fds", "Open file descriptors.", .gauge, Double(count))
        }
    }

    private static func writeLimits(to text: inout MetricsText) {
        // One that is unlimited is the largest number there is, as other libraries say it.
        if let count = limit(RLIMIT_NOFILE) {
            text.single("process_max_fds", "The most file descriptors that may be open.", .gauge, count)
        }
        if let bytes = limit(RLIMIT_AS) {
            text.single(
                "process_virtual_memory_max_bytes", "The most addresses that may be in use.", .gauge, bytes)
        }
    }

    private static func limit(_ resource: __rlimit_resource) -> Double? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    private static func seconds(of time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// The fields behind the name of the program, which may hold anything.
    private static func fields(_ path: String) -> [Substring]? {
        guard let text = contents(of: path), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static var bootTime: Double? {
        contents(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }
    }

    private static var openFileCount: Int? {
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Itself, its parent, and the descriptor that reads it.
        return max(0, count - 3)
    }

    private static func contents(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
