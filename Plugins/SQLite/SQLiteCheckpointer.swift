internal import CSQLite
internal import HoldfastSupport

/// Copies the WAL into the database on a thread of its own, so that no write waits while megabytes are synced.
///
/// The thread copies what there is when it begins, over a connection of its own, which needs no lock that a writer
/// wants. The writer copies the little that it has added meanwhile itself: only a WAL that is copied whole begins anew.
/// The thread starts when it is first needed.
///
/// Source: sqlite.org/wal.html, sections 2.3 and 3; sqlite.org/c3ref/wal_checkpoint_v2.html.
@safe final class SQLiteCheckpointer {
    private enum Phase {
        case none, idle, wanted, copying, copied, over, gone
    }

    private let connection: SQLiteConnection
    private let synchronous: String
    /// How many pages the WAL may have before it is copied.
    private let pageCountMax: Int32
    private let phase = Monitor(Phase.none)

    /// Takes over from the automatic checkpoints of a connection.
    init(
        _ connection: SQLiteConnection, synchronous: String, checkpointByteCount: Int64
    ) throws(SQLiteError) {
        self.connection = connection
        self.synchronous = synchronous
        let pageByteCount = max(1, try connection.integer("PRAGMA page_size") ?? 4096)
        pageCountMax = Int32(clamping: max(1, checkpointByteCount / pageByteCount))
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe sqlite3_wal_hook(
            connection.handle,
            { @Sendable context, _, _, pageCount in
                guard let context = unsafe context else { return SQLITE_OK }
                unsafe Unmanaged<SQLiteCheckpointer>.fromOpaque(context).takeUnretainedValue()
                    .committed(pageCount)
                return SQLITE_OK
            }, context)
    }

    deinit { end() }

    /// Ends the thread, after the copy that it is at.
    func end() {
        unsafe sqlite3_wal_hook(connection.handle, nil, nil)
        let isThere = phase.withLock { phase in
            defer { phase = phase == .none ? .gone : phase == .gone ? .gone : .over }
            return phase != .none && phase != .gone
        }
        guard isThere else { return }
        phase.broadcast()
        phase.withLock { phase -> Monitor<Phase>.Step<Void> in phase == .gone ? .done(()) : .wait }
    }

    /// Looks at the WAL after a commit, on the thread of the writer.
    private func committed(_ pageCount: Int32) {
        let (starts, wakes, finishes) = phase.withLock { phase -> (Bool, Bool, Bool) in
            switch phase {
            case .copied:
                phase = .idle
                return (false, false, true)
            case .none, .idle:
                guard pageCount >= pageCountMax else { return (false, false, false) }
                let isFirst = phase == .none
                phase = .wanted
                return (isFirst, !isFirst, false)
            case .wanted, .copying, .over, .gone: return (false, false, false)
            }
        }
        if finishes { unsafe Self.copy(connection.handle) }
        if wakes { phase.broadcast() }
        guard starts else { return }
        let work = Work(path: connection.path, synchronous: synchronous)
        let isStarted = ThreadSpawner.system.spawn("hf-checkpoint") { [phase] in Self.serve(phase, work) }
        if !isStarted {
            // Then it is done here, as SQLite would by itself, and tried again the next time.
            phase.withLock { $0 = .none }
            unsafe Self.copy(connection.handle)
        }
    }

    /// What a failed copy leaves behind is a WAL that goes on growing, and the next commit tries again: as with the
    /// automatic checkpoints of SQLite, no commit fails for it.
    private static func copy(_ handle: OpaquePointer) {
        _ = unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    private struct Work: Sendable {
        let path: String
        let synchronous: String
    }

    /// The life of the thread.
    private static func serve(_ phase: Monitor<Phase>, _ work: Work) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        if unsafe sqlite3_open_v2(work.path, &handle, flags, nil) == SQLITE_OK {
            unsafe sqlite3_exec(handle, "PRAGMA synchronous = \(work.synchronous)", nil, nil, nil)
        }
        while isWanted(phase) {
            if let handle = unsafe handle { unsafe copy(handle) }
            phase.withLock { phase in if phase == .copying { phase = .copied } }
        }
        unsafe sqlite3_close_v2(handle)
        phase.withLock { $0 = .gone }
        phase.broadcast()
    }

    private static func isWanted(_ phase: Monitor<Phase>) -> Bool {
        phase.withLock { phase -> Monitor<Phase>.Step<Bool> in
            switch phase {
            case .wanted:
                phase = .copying
                return .done(true)
            case .over: return .done(false)
            default: return .wait
            }
        }
    }
}
