private import CSQLite
private import Glibc

/// A failure that SQLite reported, with everything that a person needs to act on it.
struct SQLiteError: Error, Hashable, Sendable {
    /// The extended result code, such as 5 for `SQLITE_BUSY` or 522 for `SQLITE_IOERR_SHORT_READ`.
    let code: Int32
    /// One sentence without a full stop; never a value of a record.
    let message: String
    /// The `errno` behind a failed system call, 0 where there was none.
    var systemCode: Int32 = 0
    /// Whether a commit was under way, so that its changes may be stored or not.
    var mayBeApplied = false

    /// The code without what extends it.
    var primaryCode: Int32 { code & 0xFF }

    /// Makes an error of a code and of what was attempted.
    ///
    /// - Parameters:
    ///   - code: the extended result code.
    ///   - detail: SQLite's own text, or nothing for the general text of the code.
    ///   - action: what was attempted, as in `open /data/history.db`.
    init(_ code: Int32, _ detail: String?, while action: String) {
        self.code = code
        let text = detail ?? SQLiteError.text(of: code)
        message = "SQLite cannot \(action): \(text) (code \(code))"
    }

    /// `SQLITE_READONLY_DBMOVED`, a macro that Swift does not see.
    static let movedCode: Int32 = 1032

    /// The file behind a path is not the one that was opened.
    static func moved(_ path: String, _ detail: String) -> SQLiteError {
        SQLiteError(movedCode, detail, while: "use \(path)")
    }

    private static func text(of code: Int32) -> String {
        guard let text = unsafe sqlite3_errstr(code) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}

extension SQLiteError {
    /// What the failure means to the host.
    enum Meaning: Hashable, Sendable {
        /// Another connection holds the lock; the same call may succeed later.
        case busy
        /// The call ran out of time or was taken back, and SQLite stopped for it.
        case interrupted
        /// The disk or a quota is full.
        case full
        /// The device or the file system failed.
        case device
        /// The bytes of the file are not those of a sound database.
        case corrupt
        /// The file system does not let this process write, or open.
        case permission
        /// The path names another file, or none any more.
        case moved
        /// A value is larger than SQLite can hold.
        case tooLarge
        /// A defect of the plugin.
        case defect
    }

    /// See ``Meaning``.
    ///
    /// Source: sqlite.org/rescode.html. A device that is full shows as `SQLITE_FULL` for the database, but a
    /// failed growth of the shared memory of the WAL index shows as `SQLITE_IOERR_SHMSIZE`.
    var meaning: Meaning {
        switch code {
        case 522 /* IOERR_SHORT_READ */, 8458 /* IOERR_CORRUPTFS */: return .corrupt
        case 4874 /* IOERR_SHMSIZE */: return .full
        case Self.movedCode: return .moved
        case 3338 /* IOERR_ACCESS */: return .permission
        default: break
        }
        // SQLite knows ENOSPC only; a quota and a limit of the process are full in the same way.
        if primaryCode == SQLITE_IOERR, [ENOSPC, EDQUOT, EFBIG].contains(systemCode) { return .full }
        switch primaryCode {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: return .busy
        case SQLITE_INTERRUPT: return .interrupted
        case SQLITE_FULL: return .full
        case SQLITE_IOERR, SQLITE_NOMEM: return .device
        case SQLITE_CORRUPT, SQLITE_NOTADB: return .corrupt
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: return .permission
        case SQLITE_TOOBIG: return .tooLarge
        default: return .defect
        }
    }
}
