private import Glibc

/// A call of a file system that failed: which, on what, and why.
public struct FileSystemError: Error, Hashable, Sendable {
    /// The call that failed.
    public enum Operation: String, Hashable, Sendable {
        /// Opening or making a file.
        case open
        /// Reading.
        case read
        /// Writing.
        case write
        /// Making contents durable.
        case sync
        /// Making the entries of a directory durable.
        case syncDirectory = "sync the directory"
        /// Reserving blocks.
        case allocate
        /// Changing a file's size.
        case truncate
        /// Asking for a file's size.
        case size
        /// Giving another name.
        case rename
        /// Removing.
        case unlink = "remove"
        /// Listing a directory.
        case list
        /// Making a directory.
        case makeDirectory = "make the directory"
        /// Locking.
        case lock
    }

    /// The call that failed.
    public let operation: Operation
    /// The file or directory.
    public let path: String
    /// The `errno`.
    public let number: Int32

    /// Describes a failure.
    public init(_ operation: Operation, path: String, number: Int32) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    /// The number of an input or output error, `EIO`.
    public static let inputOutput: Int32 = EIO
    /// The number of a full disk, `ENOSPC`.
    public static let noSpace: Int32 = ENOSPC

    /// Whether there was no room: a full disk, a quota, or a limit on the size of a file.
    public var isOutOfSpace: Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }
    /// Whether what was named does not exist.
    public var isNotFound: Bool { number == ENOENT }
    /// Whether an operator must change rights or the mount.
    public var isPermission: Bool { number == EACCES || number == EPERM || number == EROFS }
}

extension FileSystemError: CustomStringConvertible {
    /// `cannot write /data/log/CHECKPOINT: No space left on device`.
    public var description: String {
        // strerror of glibc answers from a buffer of the calling thread.
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return "cannot \(operation.rawValue) \(path): \(reason)"
    }
}
