private import CHoldfastSupport

/// A file in memory that nobody can change any more, so that what was checked is what is used.
///
/// Source: memfd_create(2), F_ADD_SEALS in fcntl(2).
public struct SealedFile: Sendable {
    /// The open descriptor; whoever makes the file decides when it is closed.
    public let descriptor: Int32

    /// Copies bytes into a sealed file.
    ///
    /// - Parameters:
    ///   - bytes: what the file holds.
    ///   - name: shown in `/proc/self/maps`.
    public init?(copying bytes: UnsafeRawBufferPointer, name: String) {
        descriptor = unsafe hf_sealed_file(name, bytes.baseAddress, bytes.count)
        guard descriptor >= 0 else { return nil }
    }

    /// The path under which this process can open it.
    public var path: String { "/proc/self/fd/\(descriptor)" }
}
