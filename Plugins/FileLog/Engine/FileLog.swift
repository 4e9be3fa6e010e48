package import HoldfastProviderKit
import HoldfastSupport

/// A write-ahead log in a directory of files, held by one process.
///
/// Safe to call from several threads: appends follow one another, and a read waits only for the moment in which an append
/// adds itself to the index.
package final class FileLog: Sendable {
    /// What the log was opened with.
    package let options: FileLogOptions
    let environment: LogEnvironment
    let directory: LogDirectory
    /// See ``LogIdentity``.
    package let identity: LogIdentity
    let checkpoint: CheckpointFile
    let supply: SegmentSupply
    /// Held across the write and the sync of a batch.
    ///
    /// Whoever also needs ``index`` takes this one first.
    let writer: Guarded<LogWriter>
    let index: Guarded<LogIndex>
    private let housekeeper: Housekeeper?

    init(_ opening: LogOpening, housekeeper: Housekeeper?) {
        options = opening.options
        environment = opening.environment
        directory = opening.directory
        identity = opening.identity
        checkpoint = opening.checkpoint
        supply = opening.supply
        writer = Guarded(opening.writer)
        index = Guarded(opening.index)
        self.housekeeper = housekeeper
    }

    /// Opens a log, and makes it where it does not exist.
    ///
    /// - Parameters:
    ///   - options: where and how.
    ///   - environment: the disk and the clocks.
    ///   - hasThread: whether a thread keeps a spare segment ready and writes marks; else ``tidy()`` does.
    /// - Returns: the log, read-only where acknowledged entries are damaged: ``damage`` says so.
    /// - Throws: `conflict` where another process holds it, `unsupported` for a newer format.
    package static func open(
        _ options: FileLogOptions, _ environment: LogEnvironment, hasThread: Bool
    ) throws(ProviderError) -> FileLog {
        start(try LogOpening(options, environment), hasThread: hasThread)
    }

    static func start(_ opening: LogOpening, hasThread: Bool) -> FileLog {
        let log = FileLog(opening, housekeeper: hasThread ? Housekeeper() : nil)
        // Weak: the thread ends with the log, be it closed or not.
        log.housekeeper?.start { [weak log] in log?.tidy() }
        return log
    }

    /// Why the log takes no entries for good, or nothing.
    package var damage: ProviderError? {
        writer.withLock { $0.refusal.flatMap { $0.code == .corrupt ? $0 : nil } }
    }

    /// What the log holds.
    package var bounds: LogBounds {
        index.withLock { LogBounds(first: $0.first, last: $0.last, byteCount: UInt64($0.byteCount)) }
    }

    /// Lets go of every entry below an LSN, and of every segment that holds no other.
    package func trim(before lsn: UInt64) throws(ProviderError) {
        if let damage { throw damage }
        // Under the writer's lock, so that no append moves on to another segment meanwhile.
        let retired = try writer.withLock {
            (writer: inout sending LogWriter) throws(ProviderError) -> [SegmentSupply.Retired] in
            if let refusal = writer.refusal { throw refusal }
            let before = min(lsn, writer.next)
            let (segments, begin) = index.withLock { index in
                let segments = index.trimmable(before: before)
                return (segments, index.segments.dropFirst(segments.count).first?.number)
            }
            guard before > index.withLock({ $0.first }) else { return [] }
            do throws(FileSystemError) {
                try checkpoint.update(isSynced: true) { checkpoint in
                    checkpoint.firstLSN = before
                    if let begin { checkpoint.firstSegment = begin }
                }
            } catch {
                throw ProviderError(error)
            }
            index.withLock { $0.trim(before: before) }
            writer.pause = nil
            return segments.map { SegmentSupply.Retired(number: $0.number, byteCount: $0.fileByteCount) }
        }
        supply.retire(retired)
        if !retired.isEmpty { wake() }
    }

    /// Closes the log; nothing is lost that was acknowledged.
    package func close() {
        stop()
        directory.close()
    }

    /// Closes everything but the directory.
    func stop() {
        housekeeper?.stop()
        writer.withLock { writer in
            if writer.refusal == nil { finish(&writer) }
            if let segment = writer.segment { directory.files.close(segment.file) }
            writer.segment = nil
            writer.refusal = ProviderError(
                .unavailable, "the log \(options.path) is closed", flags: .storeDead)
        }
        checkpoint.close()
    }

    /// Whether a thread looks after the log.
    var hasThread: Bool { housekeeper != nil }

    private func finish(_ writer: inout LogWriter) {
        do throws(ProviderError) {
            try syncPending(&writer)
            try mark(&writer, isSynced: true)
        } catch {
            environment.report(.warning, "closing the log \(options.path): \(error.message)")
        }
    }

    /// Asks for a spare segment and for a mark in due time.
    func wake() { housekeeper?.wake() }

    func isHeld(_ segment: UInt64) -> Bool { index.withLock { $0.isHeld(segment) } }
}
