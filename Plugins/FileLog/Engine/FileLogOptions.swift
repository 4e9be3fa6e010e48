/// The options of a file log, checked.
package struct FileLogOptions: Hashable, Sendable {
    /// When the log waits for the disk.
    package enum Sync: Hashable, Sendable {
        /// At each append, before it returns.
        case always
        /// Never, except when a segment is full, and when the log is flushed or closed: a power loss may take what came after.
        case never
        /// At most so many nanoseconds after an append has returned.
        case every(nanoseconds: Int64)
    }

    /// The directory, without a slash at the end.
    package var path: String
    /// See ``Sync-swift.enum``.
    package var sync = Sync.always
    /// The size of a segment, a multiple of 4096 bytes.
    package var segmentByteCount = LogFormat.segmentByteCountStandard
    /// The most that all segments may take, in bytes; 0 is no bound.
    package var byteCountMax = 0
    /// Whether a missing directory is made.
    package var isCreated = true

    /// Makes options, all but the directory as they are by default.
    package init(path: String) { self.path = path }

    /// Whether an append that returned survives a power loss.
    package var isDurable: Bool { sync == .always }
}
