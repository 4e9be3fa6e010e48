import HoldfastSupport

/// The file of the side watermark.
final class CheckpointFile: Sendable {
    private struct State: Sendable {
        var checkpoint: Checkpoint
        var file: OpenFile?
        /// The slot that is durable, and so not written.
        var syncedSlot = 0
    }

    private let directory: LogDirectory
    private let state: Guarded<State>

    /// Starts from what the file holds, or will hold.
    init(_ checkpoint: Checkpoint, in directory: LogDirectory) {
        self.directory = directory
        state = Guarded(State(checkpoint: checkpoint, file: nil))
    }

    /// What was written last.
    var current: Checkpoint { state.withLock { $0.checkpoint } }

    /// Changes the checkpoint and writes it into the slot that was not synced last.
    ///
    /// After a failure the file is not touched again: the next change writes another one in its place.
    ///
    /// - Parameters:
    ///   - isSynced: whether it must be durable on return.
    ///   - change: sets what has changed.
    /// - Throws: the failure of the disk; what is in memory has changed all the same.
    func update(isSynced: Bool, _ change: @Sendable (inout Checkpoint) -> Void) throws(FileSystemError) {
        // The lock is held for the time of one small write, so that one process has one order of them.
        try state.withLock { (state: inout sending State) throws(FileSystemError) in
            change(&state.checkpoint)
            state.checkpoint.sequence += 1
            guard let file = state.file else {
                try replace(&state)
                return
            }
            do throws(FileSystemError) {
                let bytes = state.checkpoint.encoded()
                let slot = 1 - state.syncedSlot
                try unsafe directory.files.writeAll(
                    bytes.span.bytes, to: file, at: slot * LogFormat.blockByteCount)
                guard isSynced else { return }
                try directory.files.sync(file)
                state.syncedSlot = slot
            } catch {
                directory.files.close(file)
                state.file = nil
                throw error
            }
        }
    }

    private func replace(_ state: inout State) throws(FileSystemError) {
        var bytes = [UInt8](repeating: 0, count: Checkpoint.slotCount * LogFormat.blockByteCount)
        let slot = state.checkpoint.encoded()
        bytes.replaceSubrange(0..<slot.count, with: slot)
        try directory.replace(LogFormat.checkpointName, with: bytes)
        state.syncedSlot = 0
        state.file = try directory.files.open(directory.file(LogFormat.checkpointName), .readWrite)
    }

    /// Closes the file.
    func close() {
        state.withLock { state in
            if let file = state.file { directory.files.close(file) }
            state.file = nil
        }
    }
}
