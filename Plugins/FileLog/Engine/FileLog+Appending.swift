package import HoldfastProviderKit
import HoldfastSupport

extension FileLog {
    /// The entries of one append.
    ///
    /// Asked for twice where the disk fails under the first attempt.
    package struct Batch {
        let count: Int
        let entry: (Int) -> BorrowedBytes

        /// Lends entries.
        package init(count: Int, entry: @escaping (Int) -> BorrowedBytes) {
            self.count = count
            self.entry = entry
        }

        /// What they take with their headers.
        var framedByteCount: Int {
            var sum = 0
            for index in 0..<count { sum += BatchBuffer.framedByteCount(entry(index).count) }
            return sum
        }
    }

    /// Appends entries in order; with `sync: always` they are durable on return.
    ///
    /// - Returns: the LSN of the first.
    /// - Throws: nothing was appended, unless the error has the flag `maybeApplied`.
    package func append(_ batch: Batch) throws(ProviderError) -> UInt64 {
        for index in 0..<batch.count where batch.entry(index).count > LogFormat.entryByteCountMax {
            throw ProviderError(
                .invalid,
                "an entry has \(batch.entry(index).count) bytes, this log takes at most "
                    + "\(LogFormat.entryByteCountMax)")
        }
        let (first, mustWake) = try writer.withLock {
            (writer: inout sending LogWriter) throws(ProviderError) -> (UInt64, Bool) in
            if let refusal = writer.refusal { throw refusal }
            guard batch.count > 0 else { return (writer.next, false) }
            let now = environment.clock.monotonicNanoseconds
            if let pause = writer.pause, now < writer.pausedUntil { throw pause }
            // What is written to a file that nobody can find again is lost with this process.
            if let segment = writer.segment, !directory.files.isThere(segment.file) {
                throw displaced(segment.file)
            }
            let first = writer.next
            let wasSynced = !writer.isUnsynced
            let mustWake = try write(batch, &writer)
            if wasSynced { writer.unsyncedSince = now }
            writer.pause = nil
            writer.appendedAt = now
            writer.isMarked = false
            defer { writer.isDormant = false }
            return (first, mustWake || writer.isDormant)
        }
        if mustWake { wake() }
        return first
    }

    /// What an append hears while the files of the log are not where they were; nothing was appended.
    private func displaced(_ file: OpenFile) -> ProviderError {
        ProviderError(
            .unavailable,
            "\(file.path) was removed or replaced while the log was open; put the directory of the log back as it was, "
                + "or stop the host and see to its log",
            flags: .retryable, retryAfterMilliseconds: UInt32(LogFormat.retryMilliseconds))
    }

    /// Writes a batch; where the disk fails, once more into a fresh segment.
    ///
    /// - Returns: whether a spare segment was used up.
    private func write(_ batch: Batch, _ writer: inout LogWriter) throws(ProviderError) -> Bool {
        let size = batch.framedByteCount
        let used = try provide(size, &writer, isMaybeApplied: false)
        do throws(FileSystemError) {
            try write(batch, size, &writer)
            return used
        } catch {
            let name = writer.segment.map { LogFormat.segmentName($0.header.number) } ?? ""
            environment.report(
                .error, "the log \(options.path) gives up \(name) after LSN \(writer.next - 1): \(error)")
            abandon(&writer)
        }
        if writer.isUnsynced { throw refuse(&writer) }
        _ = try provide(size, &writer, isMaybeApplied: true)
        do throws(FileSystemError) {
            try write(batch, size, &writer)
            environment.report(.warning, "the log \(options.path) goes on in a fresh segment")
            return true
        } catch {
            abandon(&writer)
            let failure = ProviderError(error, isMaybeApplied: true)
            hold(&writer, failure)
            throw failure
        }
    }

    /// Sees to it that there is a segment with room.
    private func provide(
        _ size: Int, _ writer: inout LogWriter, isMaybeApplied: Bool
    ) throws(ProviderError) -> Bool {
        if let segment = writer.segment {
            let end = segment.position + LogFormat.roundUp(size, to: LogFormat.blockByteCount)
            if end <= Int(segment.header.byteCount) { return false }
        }
        let link = BatchBuffer.framedByteCount(SegmentLink.encodedByteCount)
        do throws(ProviderError) {
            // What the old segment holds must be durable before the new one says so.
            try syncPending(&writer)
            let header = try supply.take(room: link + size) { [self] in isHeld($0) }
            let file: OpenFile
            do throws(FileSystemError) {
                file = try directory.files.open(
                    directory.file(LogFormat.segmentName(header.number)), .readWrite)
            } catch {
                throw ProviderError(error)
            }
            if let old = writer.segment { directory.files.close(old.file) }
            writer.segment = LogWriter.Segment(header: header, file: file, position: 0)
            return true
        } catch {
            var error = error
            if isMaybeApplied { error.flags.insert(.maybeApplied) }
            // A log that is full by its own bound costs nothing to ask again.
            if error.vendorCode != 0 { hold(&writer, error) }
            throw error
        }
    }

    /// Frames, writes and syncs a batch, and adds it to the index.
    private func write(
        _ batch: Batch, _ size: Int, _ writer: inout LogWriter
    ) throws(FileSystemError) {
        guard let segment = writer.segment else { return }
        let isFresh = segment.position == 0
        let origin = isFresh ? LogFormat.blockByteCount : segment.position
        writer.buffer.begin(
            salt: segment.header.salt, origin: origin, previousDurable: writer.durable,
            capacity: size + RecordHeader.encodedByteCount + SegmentLink.encodedByteCount)
        if isFresh { writer.buffer.add(.link, lsn: writer.next, payload: writer.link.encoded()) }
        var checksum: UInt32 = 0
        for index in 0..<batch.count {
            checksum = writer.buffer.add(entry: batch.entry(index), lsn: writer.next + UInt64(index))
        }
        writer.buffer.pad()
        try unsafe directory.files.writeAll(writer.buffer.bytes.span.bytes, to: segment.file, at: origin)
        if options.isDurable { try directory.files.sync(segment.file) }
        let last = writer.next + UInt64(batch.count) - 1
        writer.segment?.position = origin + writer.buffer.bytes.count
        writer.next = last + 1
        writer.isUnsynced = !options.isDurable
        if options.isDurable { writer.durable = last }
        writer.link = SegmentLink(
            previousSegment: segment.header.number, lastLSN: last, lastChecksum: checksum)
        if let piece = writer.buffer.piece { index.withLock { $0.add(piece, to: segment.header) } }
        if isFresh { note(segment.header.number, &writer) }
    }

    /// Writes the checkpoint after a segment was begun, without a sync.
    private func note(_ segment: UInt64, _ writer: inout LogWriter) {
        let durable = writer.durable
        writer.checkpointAt = environment.clock.monotonicNanoseconds
        do throws(FileSystemError) {
            try checkpoint.update(isSynced: false) { checkpoint in
                checkpoint.lastDurable = durable
                checkpoint.tailSegment = segment
            }
        } catch {
            environment.report(.warning, "the log \(options.path): \(error)")
        }
    }

    /// Never touches a file again that the disk refused to take.
    func abandon(_ writer: inout LogWriter) {
        guard let segment = writer.segment else { return }
        directory.files.close(segment.file)
        writer.segment = nil
        guard options.isDurable else { return }
        let (number, lsn) = (segment.header.number, writer.next - 1)
        do throws(FileSystemError) {
            // Not synced: a kill must find it, a power loss takes what it speaks of as well.
            try checkpoint.update(isSynced: false) { checkpoint in
                checkpoint.suspectSegment = number
                checkpoint.suspectLSN = lsn
            }
        } catch {
            environment.report(.warning, "the log \(options.path): \(error)")
        }
    }

    private func hold(_ writer: inout LogWriter, _ failure: ProviderError) {
        var pause = failure
        pause.flags.remove(.maybeApplied)
        writer.pause = pause
        writer.pausedUntil =
            environment.clock.monotonicNanoseconds + LogFormat.retryMilliseconds * 1_000_000
    }
}
