internal import CSQLite
internal import HoldfastSupport

/// Copies the WAL into the database on a thread of its own, so that no write waits while megabytes are synced.
///
/// As the WAL grows, the thread has it written little by little, see ``SQLiteWriteBack``. At its full size it copies what
/// there is, over a connection of its own, which needs no lock that a writer wants; then once more what was added
/// meanwhile. The writer copies the little that is left itself: only a WAL that is copied whole begins anew. The thread
/// starts when it is first needed.
///
/// Source: sqlite.org/wal.html, sections 2.3 and 3; sqlite.org/c3ref/wal_checkpoint_v2.html.
@safe final class SQLiteCheckpointer {
    private enum Phase {
        case none, idle, wanted, copying, copied, over, gone
    }

    private struct State {
        var phase = Phase.none
        /// How many frames the WAL has.
        var frameCount: Int32 = 0
        /// Up to which frame it is being written.
        var begunCount: Int32 = 0
    }

    /// What the thread is to do.
    private enum Duty {
        case begin(through: Int32)
        case copy
        case end
    }

    private let connection: SQLiteConnection
    private let work: Work
    /// How many frames the WAL may have before it is copied.
    private let frameCountMax: Int32
    private let state = Monitor(State())

    /// Takes over from the automatic checkpoints of a connection.
    init(
        _ connection: SQLiteConnection, synchronous: SQLiteOptions.Synchronous, checkpointByteCount: Int64
    ) throws(SQLiteError) {
        self.connection = connection
        let pageByteCount = max(1, try connection.integer("PRAGMA page_size") ?? 4096)
        work = Work(
            path: connection.path, synchronous: synchronous, pageByteCount: pageByteCount,
            stepFrameCount: synchronous == .normal
                ? Int32(clamping: max(1, SQLiteWriteBack.stepByteCount / pageByteCount)) : .max)
        frameCountMax = Int32(clamping: max(1, checkpointByteCount / pageByteCount))
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe sqlite3_wal_hook(
            connection.handle,
            { @Sendable context, _, _, frameCount in
                guard let context = unsafe context else { return SQLITE_OK }
                unsafe Unmanaged<SQLiteCheckpointer>.fromOpaque(context).takeUnretainedValue()
                    .committed(frameCount)
                return SQLITE_OK
            }, context)
    }

    deinit { end() }

    /// Ends the thread, after the copy that it is at.
    func end() {
        unsafe sqlite3_wal_hook(connection.handle, nil, nil)
        let isThere = state.withLock { state in
            defer { state.phase = state.phase == .none || state.phase == .gone ? .gone : .over }
            return state.phase != .none && state.phase != .gone
        }
        guard isThere else { return }
        state.broadcast()
        state.withLock { state -> Monitor<State>.Step<Void> in state.phase == .gone ? .done(()) : .wait }
    }

    /// Looks at the WAL after a commit, on the thread of the writer.
    private func committed(_ frameCount: Int32) {
        let work = work
        let (starts, wakes, finishes) = state.withLock { state -> (Bool, Bool, Bool) in
            state.frameCount = frameCount
            if frameCount < state.begunCount { state.begunCount = 0 }
            let hasStep = frameCount - state.begunCount >= work.stepFrameCount
            switch state.phase {
            case .copied:
                state.phase = .idle
                return (false, false, true)
            case .none, .idle:
                let isFull = frameCount >= frameCountMax
                guard isFull || hasStep else { return (false, false, false) }
                let isFirst = state.phase == .none
                state.phase = isFull ? .wanted : .idle
                return (isFirst, !isFirst, false)
            case .wanted, .copying, .over, .gone: return (false, false, false)
            }
        }
        if finishes { unsafe Self.copy(connection.handle) }
        if wakes { state.broadcast() }
        guard starts else { return }
        let isStarted = ThreadSpawner.system.spawn("hf-checkpoint") { [state] in Self.serve(state, work) }
        if !isStarted {
            // Then it is done here, as SQLite would by itself, and tried again the next time.
            state.withLock { state in
                state.phase = .none
                state.begunCount = frameCount
            }
            if frameCount >= frameCountMax { unsafe Self.copy(connection.handle) }
        }
    }

    /// What a failed copy leaves behind is a WAL that goes on growing, and the next commit tries again: as with the
    /// automatic checkpoints of SQLite, no commit fails for it.
    private static func copy(_ handle: OpaquePointer) {
        _ = unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    private struct Work: Sendable {
        let path: String
        let synchronous: SQLiteOptions.Synchronous
        let pageByteCount: Int64
        /// How many frames gather before they are written; where commits sync themselves, or never, that is not done.
        let stepFrameCount: Int32
    }

    /// The life of the thread.
    private static func serve(_ state: Monitor<State>, _ work: Work) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        if unsafe sqlite3_open_v2(work.path, &handle, flags, nil) == SQLITE_OK {
            unsafe sqlite3_exec(handle, "PRAGMA synchronous = \(work.synchronous.rawValue)", nil, nil, nil)
        }
        let writeBack = SQLiteWriteBack(databasePath: work.path, pageByteCount: work.pageByteCount)
        loop: while true {
            switch next(state, work) {
            case .begin(let frameCount): writeBack?.begin(through: frameCount)
            case .copy:
                if let handle = unsafe handle {
                    unsafe copy(handle)
                    unsafe copy(handle)
                }
                state.withLock { state in if state.phase == .copying { state.phase = .copied } }
            case .end: break loop
            }
        }
        unsafe sqlite3_close_v2(handle)
        state.withLock { $0.phase = .gone }
        state.broadcast()
    }

    private static func next(_ state: Monitor<State>, _ work: Work) -> Duty {
        state.withLock { state -> Monitor<State>.Step<Duty> in
            switch state.phase {
            case .wanted:
                state.phase = .copying
                return .done(.copy)
            case .over: return .done(.end)
            default:
                guard state.frameCount - state.begunCount >= work.stepFrameCount else { return .wait }
                state.begunCount = state.frameCount
                return .done(.begin(through: state.frameCount))
            }
        }
    }
}
