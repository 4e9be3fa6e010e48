private import Glibc

/// A command that was run to its end.
public struct CommandRun: Sendable {
    /// The exit code; 128 and the signal's number when a signal ended it.
    public let status: Int32
    /// What it wrote to its standard output and error, mixed.
    public let output: String

    /// Runs a command and waits for it.
    ///
    /// - Parameters:
    ///   - arguments: the name of the command, searched for in `PATH`, and what it is given.
    ///   - scratch: where its output is kept meanwhile.
    /// - Throws: when it cannot be started.
    public init(_ arguments: [String], scratch: TemporaryDirectory) throws {
        let log = scratch.file("output-\(UInt64.random(in: 0 ... .max))")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        InheritedDescriptors.close(&actions)
        let pointers = arguments.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let failure = posix_spawnp(&process, arguments[0], &actions, nil, pointers + [nil], environ)
        guard failure == 0 else { throw TestSupportError("cannot start \(arguments[0]): errno \(failure)") }
        var result: Int32 = 0
        while waitpid(process, &result, 0) < 0, errno == EINTR {}
        status = result & 0x7F == 0 ? result >> 8 & 0xFF : 128 + result & 0x7F
        output = try TextFile.read(log)
        unlink(log)
    }
}

/// Whole files.
public enum TextFile: Sendable {
    /// Reads a file as text, what is not UTF-8 replaced.
    public static func read(_ path: String) throws -> String {
        String(decoding: try readBytes(path), as: UTF8.self)
    }

    /// Reads a file as it is.
    public static func readBytes(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestSupportError("cannot open \(path): errno \(errno)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw TestSupportError("cannot read \(path): errno \(errno)") }
            guard count > 0 else { return bytes }
            bytes += buffer[0..<count]
        }
    }
}
