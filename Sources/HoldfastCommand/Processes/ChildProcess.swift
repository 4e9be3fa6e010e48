import Glibc
import HoldfastModel

/// Another process that this one started, and may kill.
struct ChildProcess: Sendable {
    /// How a process ended.
    enum End: Hashable, Sendable {
        /// It exited with a status.
        case exited(Int32)
        /// A signal ended it.
        case killed(signal: Int32)
    }

    /// The number of the process.
    let identifier: Int32
    /// What it prints.
    let output: FileDescriptor

    /// Starts an executable, with this process's environment and standard error, and nothing to read.
    ///
    /// - Parameters:
    ///   - executable: the path.
    ///   - arguments: without the name of the executable.
    /// - Returns: the process, which must be waited for.
    /// - Throws: what the system says against it.
    static func start(
        _ executable: String, _ arguments: [String]
    ) throws(HoldfastError) -> ChildProcess {
        let (reading, writing) = try FileDescriptor.pipe()
        defer { writing.close() }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, writing.rawValue, STDOUT_FILENO)
        var words = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var identifier: pid_t = 0
        let failure = unsafe posix_spawn(&identifier, executable, &actions, nil, &words, environ)
        guard failure == 0 else {
            reading.close()
            errno = failure
            throw systemError("cannot start \(executable)")
        }
        return ChildProcess(identifier: identifier, output: reading)
    }

    /// Ends the process at once, as a crash would.
    func kill() { _ = Glibc.kill(identifier, SIGKILL) }

    /// Waits until the process has ended.
    func wait() throws(HoldfastError) -> End {
        var status: Int32 = 0
        while unsafe waitpid(identifier, &status, 0) < 0 {
            guard errno == EINTR else { throw systemError("cannot wait for process \(identifier)") }
        }
        output.close()
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
    }

    /// The value of a variable of this process's environment.
    static func environmentValue(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// The path of the executable that this process runs.
    static var ownExecutable: String {
        get throws(HoldfastError) {
            var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                let target = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                return unsafe target.map { unsafe readlink("/proc/self/exe", $0, bytes.count) } ?? -1
            }
            guard count > 0 else { throw systemError("cannot read /proc/self/exe") }
            return String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }
}
