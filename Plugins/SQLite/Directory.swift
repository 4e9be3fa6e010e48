private import Glibc
internal import HoldfastProviderKit

/// The directories that a database file needs.
enum Directory {
    /// The working directory of the process, or nothing where it was removed.
    static var current: String? {
        guard let buffer = unsafe getcwd(nil, 0) else { return nil }
        defer { unsafe free(buffer) }
        return unsafe String(cString: buffer)
    }

    /// The part of an absolute path before its last component.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// Makes a directory and those above it, and syncs what holds their names.
    static func make(_ path: String) throws(ProviderError) {
        if FileIdentity(path: path) != nil { return }
        let parent = parent(of: path)
        if parent != path { try make(parent) }
        guard unsafe mkdir(path, 0o777) == 0 || errno == EEXIST else {
            throw failure(errno, "make the directory \(path)")
        }
        try sync(parent)
    }

    /// Makes the names in a directory durable.
    static func sync(_ path: String) throws(ProviderError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno, "open the directory \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(errno, "sync the directory \(path)") }
    }

    /// Says a failure of the file system in the words of the host.
    static func failure(_ code: Int32, _ action: String) -> ProviderError {
        let text = unsafe String(cString: strerror(code))
        let message = "cannot \(action): \(text) (errno \(code))"
        return switch code {
        case ENOSPC, EDQUOT: ProviderError(.exhausted, message, vendorCode: Int64(code))
        case EACCES, EPERM, EROFS, ENOTDIR, ELOOP, EISDIR:
            ProviderError(.permission, message, vendorCode: Int64(code))
        case ENAMETOOLONG: ProviderError(.invalid, message, vendorCode: Int64(code))
        default: ProviderError(.unavailable, message, vendorCode: Int64(code))
        }
    }
}
