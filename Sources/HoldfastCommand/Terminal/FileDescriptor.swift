import Glibc
import HoldfastModel
import HoldfastSupport

/// A file descriptor and the few system calls that the command makes on it.
struct FileDescriptor: Sendable {
    /// The number that the kernel knows it by.
    let rawValue: Int32

    private init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// Where input comes from when no file is named.
    static let standardInput = FileDescriptor(STDIN_FILENO)
    /// Where answers go.
    static let standardOutput = FileDescriptor(STDOUT_FILENO)
    /// Where errors and progress go.
    static let standardError = FileDescriptor(STDERR_FILENO)

    /// Whether something has this path.
    static func isThere(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Puts a file in the place of another, in one step.
    static func rename(_ path: String, to other: String) throws(HoldfastError) {
        _ = try output(unsafe Glibc.rename(path, other), "rename \(path) to \(other)")
    }

    /// Removes a file; one that is not there is no error.
    static func remove(_ path: String) throws(HoldfastError) {
        let result = unsafe unlink(path)
        if result < 0, errno == ENOENT { return }
        _ = try checked(result, "remove \(path)")
    }

    /// Opens a file for reading.
    static func open(_ path: String) throws(HoldfastError) -> FileDescriptor {
        let file = try FileDescriptor(checked(unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC), "open \(path)"))
        var status = stat()
        guard unsafe fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            file.close()
            throw HoldfastError(.invalid, "cannot read \(path): it is a directory, expected a file")
        }
        return file
    }

    /// Creates a file for writing, or empties the one that is there.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - isNew: whether a file that is there is an error.
    ///   - name: what errors call it, where that is not its path.
    /// - Returns: a descriptor to write to.
    /// - Throws: what the system says against it.
    static func create(
        _ path: String, isNew: Bool = false, for name: String? = nil
    ) throws(HoldfastError) -> FileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (isNew ? O_EXCL : O_TRUNC)
        return try FileDescriptor(output(unsafe Glibc.open(path, flags, 0o644), "create \(name ?? path)"))
    }

    /// Creates a file that has no name yet.
    ///
    /// - Parameter path: what it will be called; decides where it lies.
    /// - Returns: nothing where the file system has no such files, or the place is none.
    static func unnamed(beside path: String) -> FileDescriptor? {
        let directory = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        return UnnamedFile(in: String(directory)).map { FileDescriptor($0.descriptor) }
    }

    /// Gives a file its name.
    func takeName(_ path: String, for name: String) throws(HoldfastError) {
        errno = UnnamedFile(adopting: rawValue).name(path)
        _ = try Self.output(errno == 0 ? 0 : -1, "create \(name)")
    }

    /// Opens what is there for writing, and leaves what is in it.
    static func writing(to path: String) throws(HoldfastError) -> FileDescriptor {
        try FileDescriptor(output(unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC), "open \(path)"))
    }

    /// What is at a path.
    enum Kind: Sendable {
        /// Nothing, or what cannot be looked at.
        case nothing
        /// A file, with its path behind symbolic links.
        case file(String, stat)
        /// A device, a pipe, a socket.
        case other
    }

    /// Looks at what is at a path, behind symbolic links.
    ///
    /// - Throws: `invalid` for a directory, and for an empty path.
    static func kind(of path: String) throws(HoldfastError) -> Kind {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            guard !path.isEmpty else { throw cannotWrite(path, "it is empty, expected the name of a file") }
            return .nothing
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: throw cannotWrite(path, "it is a directory, expected a file")
        case S_IFREG:
            guard let place = unsafe realpath(path, nil) else { return .nothing }
            defer { unsafe free(place) }
            return .file(unsafe String(cString: place), status)
        default: return .other
        }
    }

    private static func cannotWrite(_ path: String, _ reason: String) -> HoldfastError {
        HoldfastError(.invalid, "cannot write to \"\(path)\": \(reason)", flags: .isOutput)
    }

    /// Gives a file the mode of another, and its owner where this process may.
    func take(ownerAndModeOf status: stat) {
        // The owner first: it is the change that takes bits of the mode away.
        _ = fchown(rawValue, status.st_uid, status.st_gid)
        _ = fchmod(rawValue, status.st_mode & 0o777)
    }

    /// Opens a file to write at its end, made where it is missing.
    static func appending(to path: String) throws(HoldfastError) -> FileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND
        return try FileDescriptor(output(unsafe Glibc.open(path, flags, 0o600), "open \(path)"))
    }

    /// Makes a pipe; both ends close when this process starts another.
    static func pipe() throws(HoldfastError) -> (reading: FileDescriptor, writing: FileDescriptor) {
        var numbers: [Int32] = [0, 0]
        _ = try checked(unsafe Glibc.pipe(&numbers), "make a pipe")
        for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
        return (FileDescriptor(numbers[0]), FileDescriptor(numbers[1]))
    }

    /// Whether a person looks at it.
    var isTerminal: Bool { isatty(rawValue) == 1 }

    /// The columns of the terminal; 80 where it does not say.
    var columnCount: Int {
        var size = winsize()
        guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// The size of a regular file in bytes; nothing for a pipe or a terminal, whose end is not known.
    var byteCount: Int? {
        var status = stat()
        guard unsafe fstat(rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Reads what is there, up to so many bytes; nothing at the end.
    func read(upTo byteCount: Int) throws(HoldfastError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: byteCount)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(rawValue, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            buffer.removeLast(byteCount - Int(try Self.checked(Int32(clamping: count), "read")))
            return buffer
        }
    }

    /// Writes everything.
    func write(_ bytes: [UInt8]) throws(HoldfastError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    rawValue, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            offset += Int(try Self.output(Int32(clamping: count), "write\(name)"))
        }
    }

    /// Makes what was written durable.
    func sync() throws(HoldfastError) { _ = try Self.output(fsync(rawValue), "sync") }

    /// Gives the descriptor back.
    func close() { _ = Glibc.close(rawValue) }

    /// What an error calls it.
    private var name: String { rawValue == STDOUT_FILENO ? " to standard output" : "" }

    /// Checks a call that makes or writes output.
    private static func output(_ result: Int32, _ action: String) throws(HoldfastError) -> Int32 {
        do throws(HoldfastError) {
            return try checked(result, action)
        } catch {
            var error = error
            error.flags.insert(.isOutput)
            throw error
        }
    }

    private static func checked(_ result: Int32, _ action: String) throws(HoldfastError) -> Int32 {
        guard result < 0 else { return result }
        throw systemError("cannot \(action)")
    }
}

/// The error for the current `errno`.
func systemError(_ message: String) -> HoldfastError {
    let number = errno
    let reason = unsafe String(cString: strerror(number))
    let code: HoldfastError.Code =
        switch number {
        case ENOENT, ENOTDIR: .notFound
        case EACCES, EPERM, EROFS: .permission
        case ENOSPC, EDQUOT, EMFILE, ENFILE: .exhausted
        case EEXIST, EISDIR, EINVAL, ENAMETOOLONG: .invalid
        default: .unavailable
        }
    return HoldfastError(code, "\(message): \(reason)", vendorCode: Int64(number))
}
