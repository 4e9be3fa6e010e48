private import Glibc
private import HoldfastSupport

/// Has the kernel write what commits have left in its cache of a WAL, little by little.
///
/// Under `synchronous: normal` nobody waits for a commit to reach the disk, so all of a WAL would be written at once when
/// it is copied, and whatever else syncs at that moment, a log above all, waits behind megabytes. Nothing relies on what
/// is begun here: only a sync makes a write durable.
///
/// One thread at a time. SQLite takes no lock on a WAL, so its file, unlike the database, may be opened by others.
///
/// Source: sync_file_range(2); sqlite.org/fileformat2.html, section 4.1.
@safe final class SQLiteWriteBack {
    /// How much gathers before it is written, the step of PostgreSQL's `bgwriter_flush_after`.
    static let stepByteCount: Int64 = 512 << 10
    private static let walHeaderByteCount: Int64 = 32
    private static let frameHeaderByteCount: Int64 = 24
    private static let cachePageByteCount: Int64 = 4096

    private let descriptor: Int32
    private let frameByteCount: Int64
    private var begunThrough: Int64 = 0

    /// Opens the WAL of a database that is open; nothing when it cannot be.
    init?(databasePath: String, pageByteCount: Int64) {
        descriptor = unsafe open("\(databasePath)-wal", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        frameByteCount = Self.frameHeaderByteCount + pageByteCount
    }

    deinit { close(descriptor) }

    /// Begins to write the frames up to a number that have not been begun yet.
    func begin(through frameCount: Int32) {
        let written = Self.walHeaderByteCount + Int64(frameCount) * frameByteCount
        // The page at the end is about to be written to again.
        let end = written / Self.cachePageByteCount * Self.cachePageByteCount
        if end < begunThrough { begunThrough = 0 }
        guard end > begunThrough else { return }
        WriteBack.begin(descriptor, from: begunThrough, count: end - begunThrough)
        begunThrough = end
    }
}
