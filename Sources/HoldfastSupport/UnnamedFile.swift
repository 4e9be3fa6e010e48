private import CHoldfastSupport

/// A file that has no name until it is whole: a process that ends before leaves nothing behind.
///
/// Source: O_TMPFILE in open(2), linkat(2).
public struct UnnamedFile: Sendable {
    /// The open descriptor, for writing; whoever makes the file decides when it is closed.
    public let descriptor: Int32

    /// Makes a file in a directory; nothing where the file system cannot, or there is no such directory.
    ///
    /// - Parameter directory: where it will have its name.
    public init?(in directory: String) {
        descriptor = unsafe hf_unnamed_file(directory)
        guard descriptor >= 0 else { return nil }
    }

    /// Takes a descriptor of such a file.
    public init(adopting descriptor: Int32) { self.descriptor = descriptor }

    /// Gives the file a name.
    ///
    /// - Parameter path: in the file system of its directory; nothing may have it.
    /// - Returns: zero, or the number of the system's error.
    public func name(_ path: String) -> Int32 { unsafe -hf_name_file(descriptor, path) }
}
