private import Glibc

/// Which file a path names: its device and its number there.
///
/// A file that is open keeps its number, so a path that names another number names another file.
struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    /// Looks at a path, following links; nothing where there is no file.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}
