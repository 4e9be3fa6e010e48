package import HoldfastProviderKit
import HoldfastSupport

extension FileLog {
    /// How often the checkpoint is written while the log is busy, in nanoseconds.
    private static let checkpointNanoseconds: Int64 = 1_000_000_000

    /// Does what is due in the background: a spare segment, a sync, a mark.
    ///
    /// - Returns: the nanoseconds after which it wants to be called again, nothing where it waits to be woken.
    @discardableResult
    package func tidy() -> Int64? {
        let retry = LogFormat.retryMilliseconds * 1_000_000
        guard writer.withLock({ $0.refusal == nil }) else { return nil }
        var wait: Int64?
        do throws(ProviderError) {
            try supply.prepare { [self] in isHeld($0) }
        } catch {
            // An append that needs the spare says so to its caller; until then there is only less ahead.
            environment.report(.debug, "no spare segment for the log \(options.path): \(error.message)")
            wait = retry
        }
        let next = writer.withLock { writer -> Int64? in
            let next = settle(&writer)
            writer.isDormant = next == nil
            return next
        }
        guard let next else { return wait }
        return min(next, wait ?? next)
    }

    /// Makes durable what was appended, where appending does not.
    package func flush() throws(ProviderError) {
        try writer.withLock { (writer: inout sending LogWriter) throws(ProviderError) in
            if let refusal = writer.refusal { throw refusal }
            try syncPending(&writer)
        }
    }

    /// Syncs what no sync has covered.
    func syncPending(_ writer: inout LogWriter) throws(ProviderError) {
        guard writer.isUnsynced, let segment = writer.segment else { return }
        do throws(FileSystemError) {
            try directory.files.sync(segment.file)
        } catch {
            environment.report(.error, "the log \(options.path): \(error)")
            abandon(&writer)
            throw refuse(&writer)
        }
        writer.durable = writer.next - 1
        writer.isUnsynced = false
    }

    /// Takes no more entries: what was appended and never synced may be gone, and only reading the files again can tell.
    func refuse(_ writer: inout LogWriter) -> ProviderError {
        var refusal = ProviderError(
            .unavailable, "a sync of the log \(options.path) failed; close it and open it again",
            flags: [.retryable, .storeDead])
        writer.refusal = refusal
        refusal.flags.insert(.maybeApplied)
        return refusal
    }

    /// Writes what is due.
    ///
    /// - Returns: the nanoseconds until something is due again.
    private func settle(_ writer: inout LogWriter) -> Int64? {
        let now = environment.clock.monotonicNanoseconds
        var wait: Int64?
        if case .every(let interval) = options.sync, writer.isUnsynced {
            let due = writer.unsyncedSince + interval - now
            // A failure is kept as the refusal of what comes next.
            if due > 0 { wait = due } else { _ = try? syncPending(&writer) }
        }
        guard !writer.isMarked, writer.refusal == nil else { return wait }
        let idle = writer.appendedAt + LogFormat.idleNanoseconds - now
        let isIdle = idle <= 0
        if isIdle || now - writer.checkpointAt >= Self.checkpointNanoseconds {
            do throws(ProviderError) {
                try isIdle ? mark(&writer, isSynced: false) : watermark(&writer, isSynced: false)
            } catch {
                environment.report(.warning, "the log \(options.path): \(error.message)")
            }
            writer.isMarked = isIdle
        }
        return isIdle ? wait : min(idle, wait ?? idle)
    }

    /// Says behind the last batch that it is durable, in a block that the next batch overwrites.
    func mark(_ writer: inout LogWriter, isSynced: Bool) throws(ProviderError) {
        if let segment = writer.segment, segment.position > 0,
            segment.position + LogFormat.blockByteCount <= Int(segment.header.byteCount)
        {
            writer.buffer.begin(
                salt: segment.header.salt, origin: segment.position, previousDurable: writer.durable,
                capacity: LogFormat.blockByteCount)
            writer.buffer.add(.mark, lsn: writer.next)
            writer.buffer.pad()
            do throws(FileSystemError) {
                try unsafe directory.files.writeAll(
                    writer.buffer.bytes.span.bytes, to: segment.file, at: segment.position)
            } catch {
                abandon(&writer)
                throw ProviderError(error)
            }
        }
        try watermark(&writer, isSynced: isSynced)
    }

    private func watermark(_ writer: inout LogWriter, isSynced: Bool) throws(ProviderError) {
        let (durable, tail) = (writer.durable, writer.link.previousSegment)
        writer.checkpointAt = environment.clock.monotonicNanoseconds
        do throws(FileSystemError) {
            try checkpoint.update(isSynced: isSynced) { checkpoint in
                checkpoint.lastDurable = durable
                checkpoint.tailSegment = max(checkpoint.tailSegment, tail)
            }
        } catch {
            throw ProviderError(error)
        }
    }
}
