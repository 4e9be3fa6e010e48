/// What a durable structure asks of a file system, and nothing else.
///
/// Everything that must survive a crash goes through this seam, so that a simulated disk can stand behind it:
/// one that loses what was not synced, tears writes at sectors, and fails any call.
/// Calls block. A path names a file from the root or from the current directory, in UTF-8 without NUL.
public protocol FileSystem: Sendable {
    /// Opens a file; the descriptor is not inherited by child processes.
    func open(_ path: String, _ mode: FileOpenMode) throws(FileSystemError) -> OpenFile

    /// Closes a file and lets go of its lock; says nothing about what is durable.
    func close(_ file: OpenFile)

    /// Fills a buffer from an offset on, as far as the file reaches.
    ///
    /// - Returns: the bytes read; fewer than the buffer holds only at the end of the file, 0 behind it.
    func read(_ file: OpenFile, into buffer: inout MutableRawSpan, at offset: Int) throws(FileSystemError)
        -> Int

    /// Writes once at an offset.
    ///
    /// - Returns: the bytes written; may be fewer than given, for instance where a disk gets full.
    func write(_ bytes: RawSpan, to file: OpenFile, at offset: Int) throws(FileSystemError) -> Int

    /// Makes the contents of a file durable.
    ///
    /// After an error the file must not be written or synced again by this process: the kernel may have
    /// dropped what it could not write, and a second call would report success.
    func sync(_ file: OpenFile) throws(FileSystemError)

    /// Makes the entries of a directory durable: files made, renamed and removed in it.
    func syncDirectory(_ path: String) throws(FileSystemError)

    /// Reserves the blocks of a file and gives it at least this size.
    func allocate(_ file: OpenFile, size: Int) throws(FileSystemError)

    /// Cuts a file, or lengthens it with zeros.
    func truncate(_ file: OpenFile, size: Int) throws(FileSystemError)

    /// Whether the path that a file was opened with still leads to it: it was not removed, replaced or moved away.
    func isThere(_ file: OpenFile) -> Bool

    /// The size of an open file, in bytes.
    func size(_ file: OpenFile) throws(FileSystemError) -> Int

    /// Gives a file another name, in place of a file that has it; not durable before the directory is synced.
    func rename(_ path: String, to newPath: String) throws(FileSystemError)

    /// Removes a file; not durable before the directory is synced.
    func unlink(_ path: String) throws(FileSystemError)

    /// The names in a directory, without `.` and `..`, in no particular order.
    func list(_ directory: String) throws(FileSystemError) -> [String]

    /// Makes a directory that only its owner may enter; one that exists already is left alone.
    func makeDirectory(_ path: String) throws(FileSystemError)

    /// Locks a file for this open descriptor alone, until it is closed.
    ///
    /// - Returns: `false` where another descriptor, of this process or another, holds the lock.
    func lock(_ file: OpenFile) throws(FileSystemError) -> Bool
}

/// How a file is opened.
public enum FileOpenMode: Sendable {
    /// For reading; it must exist.
    case read
    /// For reading and writing; it must exist.
    case readWrite
    /// For reading and writing; it is made, for its owner only, where it does not exist.
    case create
}

/// An open file.
///
/// A plain value: whoever opened it closes it, once.
public struct OpenFile: Hashable, Sendable {
    /// The number that the file system knows it by.
    public let descriptor: Int32
    /// The path that it was opened with, for error messages.
    public let path: String

    /// Names an open file.
    public init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

extension FileSystem {
    /// Writes all bytes, in as many calls as it takes.
    public func writeAll(_ bytes: RawSpan, to file: OpenFile, at offset: Int) throws(FileSystemError) {
        var done = 0
        while done < bytes.byteCount {
            let count = try write(bytes.extracting(droppingFirst: done), to: file, at: offset + done)
            guard count > 0 else {
                throw FileSystemError(.write, path: file.path, number: FileSystemError.inputOutput)
            }
            done += count
        }
    }
}
