import HoldfastProviderKit
import HoldfastSupport

/// What one thread at a time has while it appends.
struct LogWriter: Sendable {
    /// A segment that batches are written to.
    struct Segment: Sendable {
        var header: SegmentHeader
        var file: OpenFile
        /// Where the next batch goes, a multiple of the block size.
        var position: Int
    }

    /// Where the next batch goes, or nothing where it begins a segment.
    var segment: Segment?
    /// The LSN that the next entry gets.
    var next: UInt64
    /// The highest LSN that a sync has made durable.
    var durable: UInt64
    /// What the next link says.
    var link: SegmentLink
    /// Why nothing may be written, or nothing.
    var refusal: ProviderError?
    /// When an append may be tried again after a failure, on the monotonic clock.
    var pausedUntil: Int64 = 0
    /// Why it must wait.
    var pause: ProviderError?
    /// When the last append was, on the monotonic clock.
    var appendedAt: Int64 = 0
    /// When the checkpoint was written last, on the monotonic clock.
    var checkpointAt: Int64 = 0
    /// Whether a mark or the checkpoint tells all that is durable.
    var isMarked = true
    /// Whether nobody looks after the log until it is woken.
    var isDormant = false
    /// Whether bytes were written that no sync has covered.
    var isUnsynced = false
    /// When the first of them were, on the monotonic clock.
    var unsyncedSince: Int64 = 0
    /// Reused for each batch.
    var buffer = BatchBuffer()
}
