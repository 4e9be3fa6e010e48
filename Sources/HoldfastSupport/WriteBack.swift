private import CHoldfastSupport

/// Has the kernel write what its cache holds of a file, before somebody has to wait for it.
///
/// Source: sync_file_range(2).
public enum WriteBack: Sendable {
    /// Begins to write a part of a file, and waits for nothing; makes nothing durable.
    ///
    /// - Parameters:
    ///   - descriptor: an open file.
    ///   - offset: in bytes.
    ///   - count: bytes from there on.
    public static func begin(_ descriptor: Int32, from offset: Int64, count: Int64) {
        hf_begin_write(descriptor, offset, count)
    }
}
