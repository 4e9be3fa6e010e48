private import CSQLite
private import Glibc

/// The file system of SQLite for connections that write: that of the system, with ``SQLiteWALFile`` for a WAL.
///
/// A database and whatever else SQLite opens are files of the system, with its locks.
///
/// Source: sqlite.org/vfs.html, section 3.1.
@safe enum SQLiteFileSystem {
    // Made once, never changed and never freed: SQLite and open files refer to it as long as the process lives.
    private nonisolated(unsafe) static let system = unsafe sqlite3_vfs_find(nil)

    /// What `sqlite3_open_v2` calls it; nothing where it cannot be had, then the system's is used.
    ///
    /// Each copy of this plugin in a process has a name of its own: SQLite keeps all in one list.
    static let name: String? = {
        guard let system = unsafe system else { return nil }
        let own = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        unsafe own.initialize(to: system.pointee)
        let name = "holdfast-\(String(UInt(bitPattern: own), radix: 16))"
        unsafe own.pointee.zName = unsafe UnsafePointer(strdup(name))
        unsafe own.pointee.pNext = nil
        // Later versions of the structure have functions behind those that were copied.
        unsafe own.pointee.iVersion = min(system.pointee.iVersion, 3)
        unsafe own.pointee.szOsFile += Int32(SQLiteWALFile.byteCount)
        unsafe own.pointee.xOpen = { @Sendable _, path, place, flags, opened in
            unsafe SQLiteFileSystem.open(path, place, flags, opened)
        }
        guard unsafe sqlite3_vfs_register(own, 0) == SQLITE_OK else { return nil }
        return name
    }()

    private static func open(
        _ path: UnsafePointer<CChar>?, _ place: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
        _ opened: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        guard let place = unsafe place, let system = unsafe system else { return SQLITE_MISUSE }
        guard flags & SQLITE_OPEN_WAL != 0 else {
            return unsafe system.pointee.xOpen(system, path, place, flags, opened)
        }
        let real = unsafe SQLiteWALFile.real(place)
        unsafe place.pointee.pMethods = nil
        unsafe real.pointee.pMethods = nil
        let status = unsafe system.pointee.xOpen(system, path, real, flags, opened)
        // A file that has methods is to be closed, also when its opening has failed.
        if unsafe real.pointee.pMethods != nil { unsafe SQLiteWALFile.adopt(place) }
        return status
    }
}
