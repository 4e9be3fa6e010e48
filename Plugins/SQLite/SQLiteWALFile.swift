internal import CSQLite
private import Glibc

/// The file of a WAL as SQLite knows it, with the frames of a commit held until they are whole.
///
/// It lies in memory that SQLite gives, before the file of the system that it stands for. One thread at a time, that of its
/// connection.
///
/// Source: sqlite.org/c3ref/io_methods.html.
@safe struct SQLiteWALFile {
    /// Must be first: SQLite knows this much.
    private var file: sqlite3_file
    private var frames: SQLiteCommitFrames
    /// What is held: room for ``SQLiteCommitFrames/heldByteCountMax`` bytes, made with the first commit.
    private var held: UnsafeMutableRawBufferPointer?
    private var heldByteCount: Int
    /// Where in the file it belongs.
    private var heldOffset: Int64

    /// The bytes that it has before the file of the system.
    static var byteCount: Int { MemoryLayout<Self>.stride }

    // MARK: - Life

    /// Begins to stand for a file that is open behind it.
    static func adopt(_ place: UnsafeMutablePointer<sqlite3_file>) {
        let whole = unsafe UnsafeMutableRawPointer(place).assumingMemoryBound(to: Self.self)
        unsafe whole.initialize(
            to: Self(
                file: sqlite3_file(pMethods: methods), frames: SQLiteCommitFrames(),
                held: nil, heldByteCount: 0, heldOffset: 0))
    }

    /// The file of the system behind one.
    static func real(_ place: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<sqlite3_file> {
        unsafe (UnsafeMutableRawPointer(place) + byteCount).assumingMemoryBound(to: sqlite3_file.self)
    }

    /// The one at a place, or nothing where a file of another kind lies.
    private static func at(_ place: UnsafeMutablePointer<sqlite3_file>?) -> UnsafeMutablePointer<Self>? {
        guard let place = unsafe place, unsafe place.pointee.pMethods == methods else { return nil }
        return unsafe UnsafeMutableRawPointer(place).assumingMemoryBound(to: Self.self)
    }

    // MARK: - Commits

    /// Runs the statement that ends a transaction, with its frames held until they are whole.
    static func withCommit<Result>(
        on handle: OpaquePointer, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        var place: UnsafeMutablePointer<sqlite3_file>?
        let status = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &place)
        guard status == SQLITE_OK, let wal = unsafe at(place) else { return try body() }
        unsafe wal.pointee.frames.begin()
        // A commit that has succeeded leaves nothing behind. What one that failed leaves must never be written: another
        // connection may write there next.
        defer {
            unsafe wal.pointee.frames.end()
            unsafe wal.pointee.heldByteCount = 0
        }
        return try body()
    }

    /// Writes what is held.
    private mutating func flush(to real: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        guard heldByteCount > 0, let held = unsafe held else { return SQLITE_OK }
        let count = heldByteCount
        heldByteCount = 0
        return unsafe real.pointee.pMethods.pointee.xWrite(real, held.baseAddress, Int32(count), heldOffset)
    }

    /// Writes what is held, and lets the rest of the commit pass.
    private mutating func stopHolding(_ real: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        frames.end()
        return unsafe flush(to: real)
    }

    private mutating func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int64, to real: UnsafeMutablePointer<sqlite3_file>
    ) -> Int32 {
        let move = frames.move(
            count: bytes.count, at: offset,
            databasePageCount: unsafe bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        if move != .pass, let status = unsafe hold(bytes, at: offset, real) {
            guard status == SQLITE_OK, move == .holdAndWrite else { return status }
            return unsafe flush(to: real)
        }
        let status = unsafe stopHolding(real)
        guard status == SQLITE_OK else { return status }
        return unsafe real.pointee.pMethods.pointee.xWrite(
            real, bytes.baseAddress, Int32(bytes.count), offset)
    }

    /// Adds to what is held, or does nothing where there is no memory for it.
    private mutating func hold(
        _ bytes: UnsafeRawBufferPointer, at offset: Int64, _ real: UnsafeMutablePointer<sqlite3_file>
    ) -> Int32? {
        if unsafe held == nil {
            guard let room = unsafe malloc(SQLiteCommitFrames.heldByteCountMax) else { return nil }
            unsafe held = UnsafeMutableRawBufferPointer(
                start: room, count: SQLiteCommitFrames.heldByteCountMax)
        }
        guard let held = unsafe held else { return nil }
        if heldByteCount + bytes.count > held.count {
            let status = unsafe flush(to: real)
            guard status == SQLITE_OK else { return status }
        }
        if heldByteCount == 0 { heldOffset = offset }
        unsafe UnsafeMutableRawBufferPointer(rebasing: held[heldByteCount...]).copyMemory(from: bytes)
        heldByteCount += bytes.count
        return SQLITE_OK
    }

    // MARK: - Methods

    /// What SQLite calls. All but a write goes on to the file of the system, after what is held.
    // Filled once and never changed.
    private nonisolated(unsafe) static let methods: UnsafePointer<sqlite3_io_methods> = {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        var table = sqlite3_io_methods()
        table.iVersion = 1
        unsafe table.xClose = { @Sendable place in
            guard let place = unsafe place, let wal = unsafe at(place) else { return SQLITE_MISUSE }
            unsafe free(wal.pointee.held?.baseAddress)
            unsafe wal.pointee.held = nil
            return unsafe real(place).pointee.pMethods.pointee.xClose(real(place))
        }
        unsafe table.xRead = { @Sendable place, bytes, count, offset in
            unsafe passing(place) { unsafe $0.pointee.pMethods.pointee.xRead($0, bytes, count, offset) }
        }
        unsafe table.xWrite = { @Sendable place, bytes, count, offset in
            guard let place = unsafe place, let wal = unsafe at(place) else { return SQLITE_MISUSE }
            let bytes = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(count))
            return unsafe wal.pointee.write(bytes, at: offset, to: real(place))
        }
        unsafe table.xTruncate = { @Sendable place, size in
            unsafe passing(place) { unsafe $0.pointee.pMethods.pointee.xTruncate($0, size) }
        }
        unsafe table.xSync = { @Sendable place, flags in
            unsafe passing(place) { unsafe $0.pointee.pMethods.pointee.xSync($0, flags) }
        }
        unsafe table.xFileSize = { @Sendable place, size in
            unsafe passing(place) { unsafe $0.pointee.pMethods.pointee.xFileSize($0, size) }
        }
        unsafe table.xLock = { @Sendable place, level in
            unsafe passing(place) { unsafe $0.pointee.pMethods.pointee.xLock($0, level) }
        }
        unsafe table.xUnlock = { @Sendable place, level in
            unsafe passing(place) { unsafe $0.pointee.pMethods.pointee.xUnlock($0, level) }
        }
        unsafe table.xCheckReservedLock = { @Sendable place, answer in
            unsafe passing(place) { unsafe $0.pointee.pMethods.pointee.xCheckReservedLock($0, answer) }
        }
        // Of what these ask, nothing depends on what is held.
        unsafe table.xFileControl = { @Sendable place, operation, argument in
            guard let place = unsafe place else { return SQLITE_MISUSE }
            return unsafe real(place).pointee.pMethods.pointee.xFileControl(real(place), operation, argument)
        }
        unsafe table.xSectorSize = { @Sendable place in
            guard let place = unsafe place else { return 0 }
            return unsafe real(place).pointee.pMethods.pointee.xSectorSize(real(place))
        }
        unsafe table.xDeviceCharacteristics = { @Sendable place in
            guard let place = unsafe place else { return 0 }
            return unsafe real(place).pointee.pMethods.pointee.xDeviceCharacteristics(real(place))
        }
        unsafe methods.initialize(to: table)
        return unsafe UnsafePointer(methods)
    }()

    /// Does something to the file of the system once nothing is held.
    private static func passing(
        _ place: UnsafeMutablePointer<sqlite3_file>?, _ body: (UnsafeMutablePointer<sqlite3_file>) -> Int32
    ) -> Int32 {
        guard let place = unsafe place, let wal = unsafe at(place) else { return SQLITE_MISUSE }
        let status = unsafe wal.pointee.stopHolding(real(place))
        return status == SQLITE_OK ? unsafe body(real(place)) : status
    }
}
