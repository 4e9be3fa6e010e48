internal import Glibc

/// A process that a test starts and ends by its id.
public enum ChildProcess: Sendable {
    /// Starts a program that leads a process group of its own.
    ///
    /// - Parameters:
    ///   - arguments: the name of the program, searched for in `PATH`, and what it is given.
    ///   - log: the file that takes its output.
    /// - Returns: its process id.
    /// - Throws: when it cannot be started.
    public static func start(_ arguments: [String], log: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        InheritedDescriptors.close(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of the test may block signals, and a child would be born deaf to them.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        let pointers = arguments.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let failure = posix_spawnp(&process, arguments[0], &actions, &attributes, pointers + [nil], environ)
        guard failure == 0 else { throw TestSupportError("cannot start \(arguments[0]): errno \(failure)") }
        return process
    }
}
