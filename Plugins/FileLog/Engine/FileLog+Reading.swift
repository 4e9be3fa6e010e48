package import HoldfastProviderKit
import HoldfastSupport

extension FileLog {
    /// Hands out whole entries in order; where LSNs are missing, salvage could not restore them, or they are damaged.
    ///
    /// Never waits for the disk under an append.
    ///
    /// - Parameters:
    ///   - lsn: the first entry wanted; where it was trimmed, the first that is held.
    ///   - byteCountMax: stop after so many bytes; at least one entry is handed out if there is one.
    ///   - take: borrows an entry, and says whether more are wanted.
    /// - Throws: `corrupt` where bytes that were whole when the log was opened are not any more.
    package func read(
        from lsn: UInt64, byteCountMax: UInt64, _ take: (UInt64, BorrowedBytes) -> Bool
    ) throws(ProviderError) {
        var wanted = lsn
        var left = byteCountMax
        var isFirst = true
        while let place = index.withLock({ $0.hold(from: wanted) }) {
            defer { index.withLock { $0.release(place.segment) } }
            var reader = SegmentReader(place, directory)
            let isDone = try reader.read { lsn, entry in
                if !isFirst, UInt64(entry.count) > left { return false }
                isFirst = false
                left -= min(left, UInt64(entry.count))
                return take(lsn, entry) && left > 0
            }
            guard isDone else { return }
            wanted = place.last + 1
        }
    }
}
